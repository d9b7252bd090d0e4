/** A place as it is compared: lower case, no accents, words with one space between them. */
export function plain(place: string): string {
  return place
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}

/** Whether one plain name is in another as whole words: 'chillan' is in 'comuna de chillan', and not in 'chillanejo'. */
export function isIn(name: string, place: string): boolean {
  return ` ${place} `.includes(` ${name} `);
}
