import { storableText } from '../shared/rules/storable.ts';

/** Excel's own bound is 31 for a sheet; a file's name is 255 bytes at most on any disk. */
const maxNameCharacters = 120;
const endCharacters = 20;

/**
 * A sheet's or a file's name as it is kept and shown: a longer one without its middle. It is beside every row and every remark, so that a
 * name of 200 KB would be stored two hundred thousand times.
 */
export function keptName(name: string): string {
  // By characters: half of a pair is no text that PostgreSQL takes.
  const characters = Array.from(storableText(name));
  if (characters.length <= maxNameCharacters) return characters.join('');
  const start = characters.slice(0, maxNameCharacters - endCharacters - 1);
  return [...start, '…', ...characters.slice(-endCharacters)].join('');
}
