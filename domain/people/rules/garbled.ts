/**
 * Whether a text looks as if its bytes had been read in another alphabet: 'MuÃ±oz', 'Mu¤oz', 'Mu–oz', '�'. Spanish has no 'Ã' or 'Â' before
 * a sign, no sign of money within a word, and no dash or quote between two small letters of one.
 */
export function looksGarbled(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // ASCII and Spain's own letters, as nearly all texts: nothing to ask.
    if (code < 0x80) continue;
    if (code === 0xfffd) return true;
    const before = text.charCodeAt(at - 1);
    const after = text.charCodeAt(at + 1);
    if ((code === 0xc3 || code === 0xc2) && isSign(after)) return true;
    // 'â€™', 'â€“' and the like.
    if (code === 0xe2 && after === 0x20ac) return true;
    if (isNoLetter(code) && (isSmall(before) || isSmall(after)) && isAscii(before) && isAscii(after))
      return true;
    if (isMark(code) && isSmall(before) && isSmall(after)) return true;
  }
  return false;
}

/** What the second byte of a letter of UTF-8 looks like in Windows-1252. */
function isSign(code: number): boolean {
  return (
    (code >= 0x80 && code <= 0xbf) ||
    (code >= 0x2013 && code <= 0x203a) ||
    code === 0x20ac ||
    code === 0x2122 ||
    code === 0x152 ||
    code === 0x153 ||
    code === 0x160 ||
    code === 0x161 ||
    code === 0x178 ||
    code === 0x17d ||
    code === 0x17e ||
    code === 0x192 ||
    code === 0x2c6 ||
    code === 0x2dc
  );
}

/** Signs that stand for letters of MS-DOS and the Macintosh: ¢ £ ¤ ¥ § ¬, and control characters that Windows leaves free. */
function isNoLetter(code: number): boolean {
  return (code >= 0x80 && code <= 0x9f) || (code >= 0xa2 && code <= 0xa5) || code === 0xa7 || code === 0xac;
}

/** Dashes and low quotes within a word. */
function isMark(code: number): boolean {
  return code === 0x2013 || code === 0x2014 || code === 0x201a || code === 0x2018 || code === 0x201e;
}

function isSmall(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

function isAscii(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || isSmall(code);
}
