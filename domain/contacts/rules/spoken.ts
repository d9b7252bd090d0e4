import { DateTime } from 'luxon';
import { decimalsOf } from '../../shared/rules/currency.ts';

/** What an agent says of a day, a time or an amount: Spanish, and English beside it. */
export interface Said {
  readonly es: string;
  readonly en: string;
}

// Own words, not the machine's locale: its words change with the ICU version, and a test would not find it.
const weekdaysEs = ['lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo'];
const weekdaysEn = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
/** January first; none has an accent. */
export const monthsEs = [
  'enero',
  'febrero',
  'marzo',
  'abril',
  'mayo',
  'junio',
  'julio',
  'agosto',
  'septiembre',
  'octubre',
  'noviembre',
  'diciembre',
];
const monthsEn = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** 'lunes 8 de marzo'. `day` is 'YYYY-MM-DD'. */
export function sayDay(day: string): Said {
  const local = DateTime.fromISO(day, { zone: 'utc' });
  return {
    es: `${weekdaysEs[local.weekday - 1] ?? ''} ${local.day} de ${monthsEs[local.month - 1] ?? ''}`,
    en: `${weekdaysEn[local.weekday - 1] ?? ''} ${monthsEn[local.month - 1] ?? ''} ${local.day}`,
  };
}

/** 'hoy', 'mañana', 'el lunes 8 de marzo', as seen from the person's own day. */
export function sayDayFrom(today: string, day: string): Said {
  if (day === today) return { es: 'hoy', en: 'today' };
  const next = DateTime.fromISO(today, { zone: 'utc' }).plus({ days: 1 }).toISODate();
  if (day === next) return { es: 'mañana', en: 'tomorrow' };
  const { es, en } = sayDay(day);
  return { es: `el ${es}`, en: `on ${en}` };
}

/** 'a las 19:30', 'a la 1:15'. */
export function sayTime(local: DateTime): Said {
  const time = local.minute === 0 ? String(local.hour) : local.toFormat('H:mm');
  return { es: `${local.hour === 1 ? 'a la' : 'a las'} ${time}`, en: `at ${local.toFormat('H:mm')}` };
}

const microsPerUnit = 1_000_000n;
const centMicros = 10_000n;
const currencyWords: Readonly<Record<string, Said>> = {
  CLP: { es: 'pesos', en: 'pesos' },
  COP: { es: 'pesos', en: 'pesos' },
  ARS: { es: 'pesos', en: 'pesos' },
  MXN: { es: 'pesos', en: 'pesos' },
  PEN: { es: 'soles', en: 'soles' },
  USD: { es: 'dólares', en: 'dollars' },
  EUR: { es: 'euros', en: 'euros' },
};

/** The smallest amount that is paid in a currency, in micro-units: a peso, a cent. */
export function leastUnitMicros(currency: string): bigint {
  return decimalsOf(currency) === 0 ? microsPerUnit : centMicros;
}

/** '104050 pesos': bare digits, because an agent's voice reads a grouping dot aloud. */
export function sayAmount(micros: bigint, currency: string): Said {
  const units = micros / microsPerUnit;
  const cents = (micros % microsPerUnit) / centMicros;
  const digits = cents === 0n ? `${units}` : `${units}.${cents.toString().padStart(2, '0')}`;
  const words = currencyWords[currency] ?? { es: currency, en: currency };
  return { es: `${digits} ${words.es}`, en: `${digits} ${words.en}` };
}

/** '104050', '12.5': exact, in whole units of the currency. */
export function writeUnits(micros: bigint): string {
  const fraction = (micros % microsPerUnit).toString().padStart(6, '0').replace(/0+$/, '');
  return `${micros / microsPerUnit}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * An amount in whole units as a machine or an agent gives it, in micro-units: 104050, '104050', '104.050' (grouped, as
 * Spanish is written), '12.5'. Null: not given.
 */
export function readUnits(value: unknown): bigint | null | 'unclear' {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Math.abs(value) > 9_000_000_000) return 'unclear';
    return BigInt(Math.round(value * 100)) * centMicros;
  }
  if (typeof value !== 'string') return 'unclear';
  const text = value.trim().replace(/^\$\s*/, '');
  if (/^\d{1,3}(\.\d{3}){1,4}$/.test(text)) return BigInt(text.replaceAll('.', '')) * microsPerUnit;
  const match = /^(-?\d{1,12})(?:[.,](\d{1,2}))?$/.exec(text);
  if (match === null) return 'unclear';
  return BigInt(match[1] ?? '0') * microsPerUnit + BigInt((match[2] ?? '').padEnd(6, '0'));
}
