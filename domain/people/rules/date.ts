import { cellText, isMoment, textWithin, type RawCell } from '../../imports/rules/cells.ts';
import { bad, good, type Normalised } from './result.ts';

const MONTHS: readonly (readonly string[])[] = [
  ['ene', 'jan'],
  ['feb'],
  ['mar'],
  ['abr', 'apr'],
  ['may'],
  ['jun'],
  ['jul'],
  ['ago', 'aug'],
  ['sep', 'set'],
  ['oct'],
  ['nov'],
  ['dic', 'dec'],
];

/** 'miércoles, 30 de septiembre del 2026 00:00:00.000 GMT-0300 (hora de verano de Chile)' */
const MAX_DATE_CHARACTERS = 100;

/** Excel's day numbers of 1990-01-01 and 2100-01-01: an unformatted date cell is such a number. */
const SERIAL_FROM = 32_874;
const SERIAL_TO = 73_051;
const SERIAL_EPOCH_MS = Date.UTC(1899, 11, 30);
/** The day 0 of workbooks that began on an old Macintosh lies so many days later. */
const DAYS_TO_1904 = 1_462;
const DAY_MS = 86_400_000;

/** What a cell does not say of itself: it is its file's. */
export interface DateStyle {
  /** ISO 3166 alpha-2: the United States write the month first, everybody else here the day. */
  readonly country?: string;
  /** Numbers count from 1904. */
  readonly is1904?: boolean;
}

const usual: DateStyle = {};

/**
 * A local day 'YYYY-MM-DD' between 1990 and 2100. Reads date cells, Excel's day numbers, ISO, day first with `/`, `-`
 * or `.` (years of two or four digits), and Spanish or English month names; 20261130 as text or number. Month first is refused, not guessed:
 * a file that has 11/30/2026 in one row has 05/06/2026, misread, in another. In the United States it is the other way round. A year of two
 * digits is Excel's: 00 to 29 are of this century, 30 to 99 of the last; where 26-11-15 might begin with its year, a notice says how it was read.
 */
export function normaliseDate(cell: RawCell, style: DateStyle = usual): Normalised<string> {
  const day = readDay(cell, style);
  if (day === undefined) return bad('date_invalid');
  const year = Number(day.slice(0, 4));
  if (!(year >= 1990 && year < 2100)) return bad('date_invalid');
  return good(day, mayBeginWithYear(cell) ? { code: 'date_short_year', values: { value: day } } : undefined);
}

/** '15-12-26': with dashes, as programs write it, the year may be the first of the three. */
function mayBeginWithYear(cell: RawCell): boolean {
  const [, first, month, last] = typeof cell === 'string' ? (SHORT.exec(cell) ?? []) : [];
  const other = first === undefined ? undefined : makeDay(first, Number(month), last);
  return first !== last && other !== undefined && other >= '1990';
}

const SHORT = /^\s?(\d{2})-(\d{2})-(\d{2})(?:\s|$)/;

function readDay(cell: RawCell, style: DateStyle): string | undefined {
  if (cell instanceof Date) return dayText(cell);
  if (isMoment(cell)) return dayText(cell.moment);
  if (typeof cell === 'number') return fromNumber(cell, style);
  if (typeof cell !== 'string') return undefined;
  const text = textWithin(cell, MAX_DATE_CHARACTERS)
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/^(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo),?\s+/, '');
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ]\d{1,2}:\d{2}.*)?$/.exec(text);
  if (iso !== null) return makeDay(iso[1], Number(iso[2]), iso[3]);
  const dayFirst = /^(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d{2})(?: \d{1,2}:\d{2}.*)?$/.exec(text);
  if (dayFirst !== null) {
    const [, first, second, year] = dayFirst;
    return style.country === 'US'
      ? makeDay(year, Number(first), second)
      : makeDay(year, Number(second), first);
  }
  const compact = COMPACT.exec(text);
  if (compact !== null) return makeDay(compact[1], Number(compact[2]), compact[3]);
  const named = /^(\d{1,2})[\s\-/.]*(?:de )?([a-z]{3,10})\.?[\s\-/,.]*(?:del? )?(\d{4}|\d{2})$/.exec(text);
  if (named !== null) return makeDay(named[3], monthNumber(named[2]), named[1]);
  const english = /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$/.exec(text);
  if (english !== null) return makeDay(english[3], monthNumber(english[1]), english[2]);
  return /^\d{5}$/.test(text) ? fromSerial(Number(text), style) : undefined;
}

function dayText(date: Date): string | undefined {
  return cellText(date) || undefined;
}

const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;

/** 20261130 is a day as banks write it: as a day number it would lie fifty thousand years ahead. */
function fromNumber(value: number, style: DateStyle): string | undefined {
  if (value < 19_900_101 || value > 21_000_101 || !Number.isInteger(value)) return fromSerial(value, style);
  const compact = COMPACT.exec(String(value));
  return makeDay(compact?.[1], Number(compact?.[2]), compact?.[3]);
}

function fromSerial(from: number, { is1904 = false }: DateStyle): string | undefined {
  const serial = is1904 ? from + DAYS_TO_1904 : from;
  if (!(serial >= SERIAL_FROM && serial < SERIAL_TO)) return undefined;
  return new Date(SERIAL_EPOCH_MS + Math.floor(serial) * DAY_MS).toISOString().slice(0, 10);
}

const MONTH_NAMES =
  /^(?:enero?|january|febrero|february|marzo|march|abril|april|mayo|junio|june|julio|july|agosto|august|septiembre|setiembre|september|sept|octubre|october|noviembre|november|diciembre|december)$/;

/** 0 when it is no month's name or its first three letters. */
function monthNumber(name = ''): number {
  if (name.length > 3 && !MONTH_NAMES.test(name)) return 0;
  return MONTHS.findIndex((starts) => starts.includes(name.slice(0, 3))) + 1;
}

/** Excel's own limit for years of two digits: what an operator has typed there was read so. */
const LAST_OF_THIS_CENTURY = 29;

/** Undefined for a day that does not exist: 31/02/2026. */
function makeDay(yearText = '', month: number, dayText = ''): string | undefined {
  const century = Number(yearText) <= LAST_OF_THIS_CENTURY ? 2000 : 1900;
  const year = yearText.length === 2 ? century + Number(yearText) : Number(yearText);
  const date = new Date(Date.UTC(year, month - 1, Number(dayText)));
  const exists =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === Number(dayText);
  return exists ? date.toISOString().slice(0, 10) : undefined;
}
