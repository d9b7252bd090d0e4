import { cellText, textWithin, type RawCell } from '../../imports/rules/cells.ts';
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
const DAY_MS = 86_400_000;

/**
 * A local day 'YYYY-MM-DD' between 1990 and 2100. Reads date cells, Excel's day numbers, ISO, day first with `/`, `-`
 * or `.` (years of two or four digits), and Spanish or English month names. Month first is refused, not guessed:
 * a file that has 11/30/2026 in one row has 05/06/2026, misread, in another.
 */
export function normaliseDate(cell: RawCell): Normalised<string> {
  const day = readDay(cell);
  if (day === undefined) return bad('date_invalid');
  const year = Number(day.slice(0, 4));
  return year >= 1990 && year < 2100 ? good(day) : bad('date_invalid');
}

function readDay(cell: RawCell): string | undefined {
  if (cell instanceof Date) return cellText(cell) || undefined;
  if (typeof cell === 'number') return fromSerial(cell);
  if (typeof cell !== 'string') return undefined;
  const text = textWithin(cell, MAX_DATE_CHARACTERS)
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/^(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo),?\s+/, '');
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ]\d{1,2}:\d{2}.*)?$/.exec(text);
  if (iso !== null) return makeDay(iso[1], Number(iso[2]), iso[3]);
  const dayFirst = /^(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d{2})(?: \d{1,2}:\d{2}.*)?$/.exec(text);
  if (dayFirst !== null) return makeDay(dayFirst[3], Number(dayFirst[2]), dayFirst[1]);
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (compact !== null) return makeDay(compact[1], Number(compact[2]), compact[3]);
  const named = /^(\d{1,2})[\s\-/.]*(?:de )?([a-z]{3,10})\.?[\s\-/,.]*(?:del? )?(\d{4}|\d{2})$/.exec(text);
  if (named !== null) return makeDay(named[3], monthNumber(named[2]), named[1]);
  const english = /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$/.exec(text);
  if (english !== null) return makeDay(english[3], monthNumber(english[1]), english[2]);
  return /^\d{5}$/.test(text) ? fromSerial(Number(text)) : undefined;
}

function fromSerial(serial: number): string | undefined {
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

/** Undefined for a day that does not exist: 31/02/2026. */
function makeDay(yearText = '', month: number, dayText = ''): string | undefined {
  const year = yearText.length === 2 ? 2000 + Number(yearText) : Number(yearText);
  const date = new Date(Date.UTC(year, month - 1, Number(dayText)));
  const exists =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === Number(dayText);
  return exists ? date.toISOString().slice(0, 10) : undefined;
}
