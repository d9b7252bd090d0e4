import { textWithin, type RawCell } from '../../imports/rules/cells.ts';
import { foreignId } from './foreign-id.ts';
import { bad, good, type Normalised } from './result.ts';

/** 'RUT N°: 012.345.678 - 9' with room to spare. */
const MAX_ID_CHARACTERS = 40;
/** Bodies of living people and of companies; below, a RUT is a typing error (or a test). */
const MIN_BODY = 100_000;
/** Below this body whoever had it was born before 1935 or so; numbers as people have them now begin above. */
const BODY_OF_OLD = 3_000_000;
/** Figures in stars or crosses: '***-**-6789', '12.XXX.XXX-5'. A row of X alone is a blank of a form. */
const MASKED = /[*•●#]{2}|[*•●#]\d|[xX]{3}/;

/**
 * A national id in its canonical spelling. Chile: `12345678-5`, with an upper-case K. Other countries: letters and
 * digits in upper case, as `foreignId` says. Never blank: the caller handles blank cells. `digit` is the cell of a
 * column with the check digit, where there is one: then a bare number is a body.
 */
export function normaliseNationalId(cell: RawCell, country: string, digit?: RawCell): Normalised<string> {
  const text = textWithin(cell, MAX_ID_CHARACTERS);
  if (country !== 'CL') return MASKED.test(text) ? bad('national_id_masked') : foreignId(text, country);
  if (digit === undefined) return normaliseRut(text);
  return rutOfParts(text, textWithin(digit, MAX_ID_CHARACTERS));
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
  const parts = rutParts(text);
  if (parts === undefined) return bad(MASKED.test(text) ? 'national_id_masked' : 'national_id_malformed');
  const { digits, check, grouped } = parts;
  if (check !== undefined) return withCheckDigit(digits, check);
  // '12.345.678' shows by its dots that the check digit is not there.
  if (grouped) return digits.length > 8 ? withoutItsDigit(digits) : computed(digits);
  const whole = withCheckDigit(digits.slice(0, -1), digits.slice(-1));
  if (digits.length > 8) return whole;
  if (!whole.ok) return computed(digits);
  // One body in eleven ends in the check digit of the rest: 12000006 is 12.000.006-3 or 1.200.000-6. Somebody of today
  // has the first; who has the second is hardly alive. Nobody's debt is read to the other one on a guess.
  const body = `${digits}-${rutCheckDigit(Number(digits))}`;
  if (Number(digits.slice(0, -1)) < BODY_OF_OLD)
    return bad('national_id_ambiguous', { whole: whole.value, body });
  return good(whole.value, { code: 'national_id_whole', values: { value: whole.value, body } });
}

interface RutParts {
  readonly digits: string;
  /** Only where a dash, a K or a fourth digit behind a dot shows that it is one. */
  readonly check: string | undefined;
  /** By dots or commas. */
  readonly grouped: boolean;
}

function rutParts(text: string): RutParts | undefined {
  const compact = text
    .toUpperCase()
    .replace(/^RU[TN][\s.:º°]*/, '')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\s/g, '')
    // A number that went through a program: '12345678.0'.
    .replace(/^(\d{7,9})[.,]0$/, '$1');
  const parts = /^0*(\d{1,3}(?:[.,]\d{3})+|\d+)(?:(-)?([0-9K]))?$/.exec(compact);
  if (parts === null) return undefined;
  // The greedy body takes the last digit of '123456785'; a dash, a K or a fourth digit after a dot shows the rest.
  const [, body = '', dash, check] = parts;
  const digits = body.replace(/[.,]/g, '');
  const grouped = body.length > digits.length;
  if (check !== undefined && (dash !== undefined || check === 'K' || grouped))
    return { digits, check, grouped };
  return { digits: digits + (check ?? ''), check: undefined, grouped };
}

/** RUT and check digit in a column each. A body that has its digit too must have the same one. */
function rutOfParts(text: string, digit: string): Normalised<string> {
  const told = digit.toUpperCase().replace(/^-|[.,]0$/g, '');
  const parts = rutParts(text);
  if (parts === undefined) return normaliseRut(text);
  const { digits, check } = parts;
  if (check !== undefined) {
    return told !== '' && told !== check ? bad('national_id_check_digit') : withCheckDigit(digits, check);
  }
  if (digits.length > 8) {
    const last = digits.slice(-1);
    return told !== '' && told !== last
      ? bad('national_id_check_digit')
      : withCheckDigit(digits.slice(0, -1), last);
  }
  if (told === '') return computed(digits);
  if (!/^[0-9K]$/.test(told)) return bad('national_id_check_digit');
  const read = withCheckDigit(digits, told);
  if (read.ok || digits.slice(-1) !== told) return read;
  // Some write the digit in both: '82742220' beside '0'.
  const whole = withCheckDigit(digits.slice(0, -1), told);
  return whole.ok ? whole : read;
}

function withoutItsDigit(digits: string): Normalised<string> {
  const whole = withCheckDigit(digits.slice(0, -1), digits.slice(-1));
  return whole.ok ? bad('national_id_malformed') : whole;
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
