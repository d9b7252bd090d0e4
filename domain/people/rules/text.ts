import { cellText, textWithin, type RawCell } from '../../imports/rules/cells.ts';
import { looksGarbled } from './garbled.ts';
import { bad, good, type Normalised } from './result.ts';

/** Longest name that an agent can speak and a screen can show. */
export const MAX_NAME_CHARACTERS = 120;
/** Longest value of any other text column. */
export const MAX_TEXT_CHARACTERS = 500;

/** RFC 5321, errata 1690. */
const MAX_EMAIL_CHARACTERS = 254;
/** Of what is a number, a code or a name of a list. */
const MAX_WORD_CHARACTERS = 60;

/** Clean text of at most `max` characters; a longer one is cut, with a notice, and one that a conversion has damaged is told. */
export function normaliseText(cell: RawCell, max: number): Normalised<string> {
  const text = cellText(cell);
  const garbled = looksGarbled(text) ? ({ code: 'text_garbled' } as const) : undefined;
  if (text.length <= max) return good(text, garbled);
  const characters = Array.from(text);
  if (characters.length <= max) return good(characters.join(''), garbled);
  // Cut by code points: half of a surrogate pair is no text that PostgreSQL takes.
  return good(characters.slice(0, max).join('').trim(), { code: 'text_cut', values: { max } });
}

/** An e-mail address in lower case, at most 254 characters. */
export function normaliseEmail(cell: RawCell): Normalised<string> {
  const text = textWithin(cell, MAX_EMAIL_CHARACTERS + 'mailto:'.length)
    .toLowerCase()
    .replace(/^mailto:/, '');
  return text.length <= MAX_EMAIL_CHARACTERS &&
    /^[^\s@<>,;:"()]+@[^\s@<>,;:"().]+(?:\.[^\s@<>,;:"().]+)+$/.test(text)
    ? good(text)
    : bad('email_invalid');
}

/** A whole number of at most 9 digits, as digits. */
export function normaliseInteger(cell: RawCell): Normalised<string> {
  const text = textWithin(cell, MAX_WORD_CHARACTERS).replace(/[.,]0+$/, '');
  return /^\d{1,9}$/.test(text) ? good(Number(text).toString()) : bad('integer_invalid');
}

const CURRENCIES: Readonly<Record<string, string>> = {
  PESO: 'CLP',
  PESOS: 'CLP',
  'PESOS CHILENOS': 'CLP',
  $: 'CLP',
  DOLAR: 'USD',
  DOLARES: 'USD',
  US$: 'USD',
  EURO: 'EUR',
  EUROS: 'EUR',
  SOLES: 'PEN',
};

const CURRENCY_CODES: ReadonlySet<string> = new Set(
  'ARS BOB BRL CLP COP CRC DOP EUR GTQ HNL MXN NIO PAB PEN PYG USD UYU VES'.split(' '),
);

/** ISO 4217. '$' and 'pesos' mean the batch's own currency when that is a peso. UF is an index, not a currency here. */
export function normaliseCurrency(cell: RawCell, own: string): Normalised<string> {
  const text = textWithin(cell, MAX_WORD_CHARACTERS).toUpperCase().normalize('NFD').replace(/\p{M}/gu, '');
  const found = CURRENCIES[text];
  const code = found === 'CLP' && text !== 'PESOS CHILENOS' ? own : (found ?? text);
  return CURRENCY_CODES.has(code) ? good(code) : bad('currency_unknown');
}
