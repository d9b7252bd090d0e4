/** Which normaliser reads which kind of column, and what a country uses. */
import type { ColumnKind } from '../usecases/types.ts';
import type { RawCell } from './rules/cells.ts';
import { normaliseDate } from '../people/rules/date.ts';
import type { Normalised } from '../people/rules/result.ts';
import {
  MAX_NAME_CHARACTERS,
  MAX_TEXT_CHARACTERS,
  normaliseEmail,
  normaliseInteger,
  normaliseText,
} from '../people/rules/text.ts';

/** Columns that the row reads by name; the other texts become fields. */
export const CORE_KEYS: ReadonlySet<string> = new Set([
  'name',
  'second_name',
  'surname',
  'second_surname',
  'check_digit',
  'creditor',
  'due_date',
  'reference',
]);

export const fieldNormalisers: Readonly<Partial<Record<ColumnKind, (cell: RawCell) => Normalised<string>>>> =
  {
    text: (cell) => normaliseText(cell, MAX_TEXT_CHARACTERS),
    date: normaliseDate,
    integer: normaliseInteger,
    email: normaliseEmail,
    region: (cell) => normaliseText(cell, MAX_NAME_CHARACTERS),
    city: (cell) => normaliseText(cell, MAX_NAME_CHARACTERS),
  };

const CURRENCY_OF: Readonly<Record<string, string>> = {
  AR: 'ARS',
  BO: 'BOB',
  BR: 'BRL',
  CO: 'COP',
  CR: 'CRC',
  EC: 'USD',
  ES: 'EUR',
  MX: 'MXN',
  PA: 'USD',
  PE: 'PEN',
  PY: 'PYG',
  SV: 'USD',
  US: 'USD',
  UY: 'UYU',
};

/** The currency that amounts of a country are in, ISO 4217. */
export function currencyOf(country: string): string {
  return CURRENCY_OF[country] ?? 'CLP';
}

export function isPhoneKind(kind: ColumnKind): boolean {
  return kind === 'phone' || kind === 'phone_extra';
}
