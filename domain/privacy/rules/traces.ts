/** Where a person may be found in a text: their own id, numbers, addresses and whole name, in the spellings that people use. */

export interface Traces {
  readonly nationalId: string | null;
  /** Canonical: +56961234567. */
  readonly phones: readonly string[];
  readonly emails: readonly string[];
  readonly names: readonly string[];
}

const callingCodes = ['56', '57', '51', '1'];
const between = '[ .()/-]{0,3}';
const special = /[.*+?^${}()|[\]\\]/g;

/**
 * One pattern for PostgreSQL (`~*`) and for `RegExp` alike; undefined when there is nothing to look for. A name of one word is left
 * out: it is many people's, and a piece of other words.
 */
export function patternOf({ nationalId, phones, emails, names }: Traces): string | undefined {
  const parts = [
    ...(nationalId === null ? [] : [idPattern(nationalId)]),
    ...phones.map(phonePattern),
    ...emails.map(escaped),
    ...names.flatMap(namePattern),
  ];
  return parts.length === 0 ? undefined : [...new Set(parts)].join('|');
}

/** 12345678-5, 12.345.678-5, 123456785; other ids as they are written. */
function idPattern(id: string): string {
  const [, body = '', digit = ''] = /^(\d{6,9})-([\dkK])$/.exec(id) ?? [];
  if (body === '') return escaped(id);
  const groups = body.replace(/\B(?=(\d{3})+$)/g, '[. ]?');
  return `(?<![0-9])0{0,2}${groups}[ -]{0,2}${digit}(?![0-9a-zA-Z])`;
}

function phonePattern(e164: string): string {
  const digits = e164.replace(/^\+/, '');
  const code = callingCodes.find((one) => digits.startsWith(one)) ?? '';
  const own = digits.slice(code.length).split('').join(between);
  return `(?<![0-9])(\\+?${code === '' ? '' : `${code.split('').join(between)}${between}`})?${own}(?![0-9])`;
}

function namePattern(name: string): readonly string[] {
  const words = name.trim().split(/\s+/);
  return words.length < 2 ? [] : [words.map(escaped).join('\\s+')];
}

function escaped(text: string): string {
  return text.replace(special, '\\$&');
}

/** What stands where the person stood. */
export const erasedWord = '[eliminado]';

/** The same value without the person: texts, numbers and names of fields, however deep. */
export function without(value: unknown, pattern: string, word: string = erasedWord): unknown {
  const clean = (text: string): string => text.replace(new RegExp(pattern, 'gi'), word);
  if (typeof value === 'string') return clean(value);
  if (typeof value === 'number' || typeof value === 'bigint')
    return new RegExp(pattern, 'i').test(String(value)) ? word : value;
  if (Array.isArray(value)) return value.map((one) => without(one, pattern, word));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [clean(key), without(one, pattern, word)]),
  );
}
