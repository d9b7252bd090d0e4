/** Text in lower case and without accents: 'Ñuñoa' is 'nunoa'. */
export function unaccented(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The words of a text as they are compared: unaccented, letters and figures alone, one space between two. */
export function plainWords(text: string): string {
  return unaccented(text)
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

/** Whether one plain text is in another as whole words: 'chillan' is in 'comuna de chillan', and not in 'chillanejo'. */
export function isIn(words: string, text: string): boolean {
  return ` ${text} `.includes(` ${words} `);
}
