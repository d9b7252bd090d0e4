import { textWithin, type RawCell } from '../../imports/rules/cells.ts';
import { bad, good, type Normalised } from './result.ts';

/** 'RUT N°: 012.345.678 - 9' with room to spare. */
const MAX_ID_CHARACTERS = 40;
/** Bodies of living people and of companies; below, a RUT is a typing error (or a test). */
const MIN_BODY = 100_000;

/**
 * A national id in its canonical spelling. Chile: `12345678-5`, with an upper-case K. Other countries: letters and
 * digits in upper case. Never blank: the caller handles blank cells.
 */
export function normaliseNationalId(cell: RawCell, country: string): Normalised<string> {
  const text = textWithin(cell, MAX_ID_CHARACTERS);
  if (country === 'CL') return normaliseRut(text);
  const bare = text.toUpperCase().replace(/[^0-9A-Z]/g, '');
  return /^[0-9A-Z]{4,20}$/.test(bare) ? good(bare) : bad('national_id_malformed');
}

/** The check digit (modulo 11) of a RUT's body, '0'–'9' or 'K'. */
export function rutCheckDigit(body: number): string {
  let sum = 0;
  let factor = 2;
  for (let rest = body; rest > 0; rest = Math.floor(rest / 10)) {
    sum += (rest % 10) * factor;
    factor = factor === 7 ? 2 : factor + 1;
  }
  const digit = 11 - (sum % 11);
  return digit === 11 ? '0' : digit === 10 ? 'K' : digit.toString();
}

/** Written as most files do, so that nothing has to be guessed: '12345678-5', '12.345.678-K'. */
const USUAL_RUT = /^(?:([1-9]\d{0,7})|([1-9]\d{0,2}\.\d{3}(?:\.\d{3})?))-([0-9Kk])$/;

function normaliseRut(text: string): Normalised<string> {
  const [, figures, groups, digit] = USUAL_RUT.exec(text) ?? [];
  if (digit !== undefined)
    return withCheckDigit(figures ?? (groups ?? '').replaceAll('.', ''), digit.toUpperCase());
  const compact = text
    .toUpperCase()
    .replace(/^RU[TN][\s.:º°]*/, '')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\s/g, '');
  const parts = /^0*(\d{1,3}(?:[.,]\d{3})+|\d+)(?:(-)?([0-9K]))?$/.exec(compact);
  if (parts === null) return bad('national_id_malformed');
  // The greedy body takes the last digit of '123456785'; a dash, a K or a fourth digit after a dot shows the rest.
  const [, body = '', dash, check] = parts;
  const digits = body.replace(/[.,]/g, '');
  if (check !== undefined && (dash !== undefined || check === 'K' || body.length > digits.length)) {
    return withCheckDigit(digits, check);
  }
  const all = digits + (check ?? '');
  // '12.345.678' shows by its dots that the check digit is not there.
  const grouped = body.length > digits.length;
  const whole = withCheckDigit(all.slice(0, -1), all.slice(-1));
  if (!grouped && whole.ok) return whole;
  if (all.length > 8) return whole.ok ? bad('national_id_malformed') : whole;
  return computed(all);
}

function withCheckDigit(digits: string, check: string): Normalised<string> {
  const body = Number(digits);
  if (digits.length > 8 || body < MIN_BODY) return bad('national_id_malformed');
  if (rutCheckDigit(body) !== check) return bad('national_id_check_digit');
  const value = `${body}-${check}`;
  // One of these on many rows would merge strangers into one person.
  return /^(\d)\1+$/.test(String(body))
    ? good(value, { code: 'national_id_placeholder', values: { value } })
    : good(value);
}

function computed(digits: string): Normalised<string> {
  const body = Number(digits);
  if (body < MIN_BODY) return bad('national_id_malformed');
  const value = `${body}-${rutCheckDigit(body)}`;
  return good(value, { code: 'national_id_computed', values: { value } });
}
