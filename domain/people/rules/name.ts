import { isIn, plainWords } from '../../shared/rules/plain-text.ts';

/** Parts of a person's name that a file has in columns of their own, put together in the order of speech. */
export function wholeName(first: string, others: readonly string[]): string {
  const parts = others.filter((part) => part !== '');
  if (parts.length === 0) return first;
  // A column NOMBRE that has the whole name beside APELLIDO PATERNO: nobody is called 'Ana Soto Soto'.
  const surnames = parts.join(' ');
  return isIn(plainWords(surnames), plainWords(first)) ? first : `${first} ${surnames}`;
}

/** A company: what stands behind its comma is no given name. */
const COMPANY =
  /(?:^|[\s,.])(?:s\.? ?a|s\.? ?p\.? ?a|ltda|limitada|e\.? ?i\.? ?r\.? ?l|c[ií]a|inc|llc|corp|s\.? ?a\.? ?s|s\.? ?r\.? ?l)\.?(?:$|[\s,])/i;

/** Titles before a name are no name. */
const TITLE = /^(?:sr|sra|srta|don|dona|doña|dr|dra|ing|prof)\.?$/i;

/** How a person is greeted: the given name, also of 'SOTO PEREZ, ANA'. Without a comma nothing tells a surname: the first word. */
export function givenName(name: string): string {
  const text = name.slice(0, 200);
  const [before = '', behind = ''] = text.split(',', 2);
  const given = behind.trim() === '' || COMPANY.test(text) ? before : behind;
  const words = given.split(/\s+/).filter((word) => word !== '');
  const first = words.find((word) => !TITLE.test(word)) ?? words[0] ?? '';
  return first.slice(0, 1).toUpperCase() + first.slice(1).toLowerCase();
}
