/** In which bytes a CSV was written: a program's, a country's, or those of two files that somebody put together. */
import { createReadStream } from 'node:fs';

/** The last two hold both kinds: what most of the file is comes first, and rows with the other kind say so. */
export type CsvEncoding =
  | 'utf-8'
  | 'utf-16le'
  | 'utf-16be'
  | 'windows-1252'
  | 'cp850'
  | 'macintosh'
  | 'utf-8+windows-1252'
  | 'windows-1252+utf-8';

/**
 * By byte order mark, else UTF-8 when the whole file is valid UTF-8 (but for a last character that was cut), else by what its other bytes
 * would be in Spanish: Windows-1252 (what Excel in Chile writes), MS-DOS or an old Macintosh, or UTF-8 with rows of another program.
 * The whole file: the first accent may be on the last line.
 */
export async function detectEncoding(path: string): Promise<CsvEncoding> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let first = true;
  try {
    for await (const chunk of createReadStream(path)) {
      if (!Buffer.isBuffer(chunk)) continue;
      if (first && chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
      if (first && chunk[0] === 0xfe && chunk[1] === 0xff) return 'utf-16be';
      first = false;
      decoder.decode(chunk, { stream: true });
    }
    return 'utf-8';
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const census = new Census();
  first = true;
  for await (const chunk of createReadStream(path)) {
    if (!Buffer.isBuffer(chunk)) continue;
    // A mark of UTF-8 is no text.
    census.add(
      first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk,
    );
    first = false;
  }
  return census.encoding();
}

/**
 * How many bytes the character at `at` takes in UTF-8, when it is one that Spanish text has; else 0. In Windows-1252 the same bytes are
 * 'Ã±' and the like, which no Spanish text has; 'É»' (a quoted word) would be a letter of other alphabets.
 */
function utf8Length(bytes: Uint8Array, at: number): 0 | 2 | 3 {
  const [lead = 0, second = 0, third = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
  if (lead === 0xc2) return second >= 0xa0 && second <= 0xbf ? 2 : 0;
  if (lead === 0xc3) return second >= 0x80 && second <= 0xbf ? 2 : 0;
  if (lead !== 0xe2) return 0;
  const isMark = second === 0x80 && third >= 0x90 && third <= 0xbf;
  const isSign = (second === 0x82 && third === 0xac) || (second === 0x84 && third === 0xa2);
  return isMark || isSign ? 3 : 0;
}

/** Spanish letters and signs by their bytes, capitals in the second row. */
const spanish = {
  'windows-1252': ['\xe1\xe9\xed\xf3\xfa\xf1\xfc\xba\xaa\xb0\xbf\xa1', '\xc1\xc9\xcd\xd3\xda\xd1\xdc'],
  cp850: ['\xa0\x82\xa1\xa2\xa3\xa4\x81\xa7\xa6\xf8\xa8\xad', '\xb5\x90\xd6\xe0\xe9\xa5\x9a'],
  macintosh: ['\x87\x8e\x92\x97\x9c\x96\x9f\xbc\xbb\xa1\xc0\xc1', '\xe7\x83\xea\xee\xf2\x84\x86'],
} as const;
type SingleByte = keyof typeof spanish;
const singleBytes = ['windows-1252', 'cp850', 'macintosh'] as const;

/** Counts what the bytes above ASCII would be. */
class Census {
  #sequences = 0;
  #others = 0;
  readonly #letters = new Map<SingleByte, number>();
  #carry: Uint8Array = new Uint8Array(0);

  add(chunk: Buffer): void {
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    // A character and its neighbours may lie across two chunks.
    const end = Math.max(0, bytes.length - 3);
    this.#count(bytes, end);
    this.#carry = Uint8Array.from(bytes.subarray(end));
  }

  encoding(): CsvEncoding {
    this.#count(this.#carry, this.#carry.length);
    if (this.#sequences > 0)
      return this.#sequences >= this.#others ? 'utf-8+windows-1252' : 'windows-1252+utf-8';
    const score = (one: SingleByte): number => this.#letters.get(one) ?? 0;
    // The others only where they make more Spanish of it: they are rare.
    return singleBytes.reduce((best, one) => (score(one) > score(best) ? one : best));
  }

  #count(bytes: Uint8Array, end: number): void {
    for (let at = 0; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte < 0x80) continue;
      const length = utf8Length(bytes, at);
      if (length > 0) {
        this.#sequences += 1;
        at += length - 1;
        continue;
      }
      this.#others += 1;
      for (const one of singleBytes) {
        if (isSpanish(one, bytes, at)) this.#letters.set(one, (this.#letters.get(one) ?? 0) + 1);
      }
    }
  }
}

function isSpanish(encoding: SingleByte, bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at] ?? 0;
  const before = bytes[at - 1] ?? 0x20;
  const after = bytes[at + 1] ?? 0x20;
  const letter = String.fromCharCode(byte);
  const [small, capital] = spanish[encoding];
  if (small.includes(letter)) return true;
  // 'JosÚ' is an é of another program.
  if (capital.includes(letter)) return !isLower(before);
  if (encoding !== 'windows-1252' || byte < 0x91 || byte > 0x97) return false;
  // Marks of Word: the apostrophe of D’Angelo, a dash between words; within a word they are letters of an old Macintosh.
  if (byte === 0x92) return !isLower(before) || isLower(bytes[at - 2] ?? 0x20) === false;
  return !(isLower(before) && isLower(after));
}

function isLower(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

const cp850High =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';

/** Bytes of one character each; a row's text, and whether it held the kind that is not the file's own. */
export interface DecodedLine {
  readonly text: string;
  readonly hasOther: boolean;
}

/** Decodes the bytes of one line of a file that is not in one encoding, or in none that every machine knows. */
export function decodeLine(bytes: Uint8Array, encoding: CsvEncoding): DecodedLine {
  const high = encoding === 'cp850' ? cp850High : ansiHigh;
  const units = new Uint16Array(bytes.length);
  let used = 0;
  let [sequences, others] = [0, 0];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const length = byte < 0x80 || encoding === 'cp850' ? 0 : utf8Length(bytes, at);
    if (length === 0) {
      units[used] = byte < 0x80 ? byte : high.charCodeAt(byte - 0x80);
      if (byte >= 0x80) others += 1;
    } else {
      units[used] =
        length === 2
          ? ((byte & 0x1f) << 6) | ((bytes[at + 1] ?? 0) & 0x3f)
          : ((byte & 0x0f) << 12) | (((bytes[at + 1] ?? 0) & 0x3f) << 6) | ((bytes[at + 2] ?? 0) & 0x3f);
      sequences += 1;
      at += length - 1;
    }
    used += 1;
  }
  const text = Buffer.from(units.buffer, 0, used * 2).toString('utf16le');
  if (encoding === 'cp850') return { text, hasOther: false };
  return { text, hasOther: encoding === 'utf-8+windows-1252' ? others > 0 : sequences > 0 };
}

const ansiHigh = new TextDecoder('windows-1252').decode(
  Uint8Array.from({ length: 0x80 }, (_, at) => at + 0x80),
);
