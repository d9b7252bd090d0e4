import { DateTime } from 'luxon';
import { leastUnitMicros } from '../../contacts/rules/spoken.ts';
import type { AgreementTerms } from './types.ts';

export type Instalment = AgreementTerms['instalments'][number];

export interface EvenPlan {
  readonly totalMicros: bigint;
  readonly currency: string;
  readonly count: number;
  /** 'YYYY-MM-DD'. */
  readonly firstDay: string;
  readonly longestGapDays: number;
}

/** From this gap on instalments are monthly, on the day of the first one: the longest month has 31 days. */
const monthDays = 31;

/** Equal instalments in whole pesos or cents, the odd units on the first ones; monthly where the gap allows it. */
export function evenPlan({ totalMicros, currency, count, firstDay, longestGapDays }: EvenPlan): Instalment[] {
  const unit = leastUnitMicros(currency);
  const units = totalMicros / unit;
  // What is below the smallest unit stays with the first instalment: the sum is the debt to the last micro-unit.
  const dust = totalMicros % unit;
  const share = units / BigInt(count);
  const odd = units % BigInt(count);
  const first = DateTime.fromISO(firstDay, { zone: 'utc' });
  return Array.from({ length: count }, (_, index) => {
    const day =
      longestGapDays >= monthDays
        ? first.plus({ months: index })
        : first.plus({ days: index * longestGapDays });
    const amount = (share + (BigInt(index) < odd ? 1n : 0n)) * unit;
    return { dueDate: day.toISODate() ?? '', amountMicros: index === 0 ? amount + dust : amount };
  });
}

/** Whether a text is a day that exists: agents say '2027-02-30', too. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid;
}

const dayMs = 86_400_000;

/** A local day so many days later. Days of the calendar are counted in UTC, where all have the same length. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

/** Days from one local day to a later one; negative when it is earlier. */
export function daysBetween(fromDay: string, toDay: string): number {
  return Math.round((Date.parse(toDay) - Date.parse(fromDay)) / dayMs);
}
