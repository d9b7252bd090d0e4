import { decimalsOf } from './currency.ts';
import type { Money } from './money.ts';

/**
 * Numbers, money and days as they are written in Chile. By hand, not by the machine's locale: its words change with the ICU
 * version. No clock and no calendar: workflows may import it.
 */

/** '1.234.567'. A fraction is left out. */
export function wholeNumber(value: number | bigint): string {
  const digits = typeof value === 'bigint' ? String(value) : String(Math.round(value));
  return digits.replace(/\B(?=(?:\d{3})+$)/g, '.');
}

/** '1 fila', '2.345 filas'. `many`: where an s is not enough. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${wholeNumber(count)} ${count === 1 ? one : many}`;
}

/** '77,3 %': a share of 1. */
export function percentage(share: number): string {
  return `${(share * 100).toFixed(1).replace('.', ',')} %`;
}

/** '1.234,5' of an exact decimal with a point; at least `leastDecimals` of them. */
export function decimalNumber(amount: string, leastDecimals = 0): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  if (whole === '') return amount;
  const decimals = fraction.padEnd(leastDecimals, '0');
  return `${sign}${wholeNumber(BigInt(whole))}${decimals === '' ? '' : `,${decimals}`}`;
}

const signs: Readonly<Record<string, string>> = { CLP: '$', USD: 'US$ ' };

/** '$1.234.567', 'US$ 0,46', 'PEN 12,50'; of an allotment '12 min 30 s'. Every decimal that there is. */
export function moneyInWords({ amount, unit }: Money): string {
  if (unit === 'SEC') return secondsInWords(amount);
  const isNegative = amount.startsWith('-');
  const number = decimalNumber(isNegative ? amount.slice(1) : amount, decimalsOf(unit));
  return `${isNegative ? '−' : ''}${signs[unit] ?? `${unit} `}${number}`;
}

/** The same to the cent or the peso, half up, as a person reads it; what would be nothing then keeps every decimal. */
export function aboutInWords({ amount, unit }: Money): string {
  const places = decimalsOf(unit);
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  if (unit === 'SEC' || fraction.length <= places) return moneyInWords({ amount, unit });
  const kept = BigInt(`${whole}${fraction.slice(0, places)}`) + (fraction.charAt(places) >= '5' ? 1n : 0n);
  if (kept === 0n) return moneyInWords({ amount, unit });
  const digits = String(kept).padStart(places + 1, '0');
  const point = digits.length - places;
  return moneyInWords({
    amount: `${sign}${digits.slice(0, point)}.${digits.slice(point)}`.replace(/\.$/, ''),
    unit,
  });
}

function secondsInWords(amount: string): string {
  const seconds = Number(amount);
  if (!Number.isInteger(seconds) || Math.abs(seconds) < 60) return `${decimalNumber(amount)} s`;
  const [minutes, rest] = [Math.trunc(seconds / 60), Math.abs(seconds % 60)];
  const written = `${minutes < 0 ? '-' : ''}${wholeNumber(Math.abs(minutes))} min`;
  return rest === 0 ? written : `${written} ${rest} s`;
}

/** Several amounts in one cell or figure: '$1.620.000 + US$ 12,50'; `none` where there is nothing. */
export function amountsInWords(amounts: readonly Money[], none: string): string {
  return amounts.map(aboutInWords).join(' + ') || none;
}

/** '30-11-2026' of '2026-11-30', whatever stands behind it. A text that is no day stays as it is. */
export function dayInWords(day: string): string {
  const [, year, month, ofMonth] = /^(\d{4})-(\d{2})-(\d{2})/.exec(day) ?? [];
  return year === undefined ? day : `${ofMonth ?? ''}-${month ?? ''}-${year}`;
}
