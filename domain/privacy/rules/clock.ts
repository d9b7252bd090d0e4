/** How long a request about somebody's data may wait (Ley 21.719, art. 11). Pure: days in, days out. */
import { type HolidayChange, holidayNameOn } from '../../policy/rules/holidays.ts';
import type { RequestKind } from './kinds.ts';

/** Days on the calendar for the rights, working days for blocking. */
const calendarDays = 30;
const extensionDays = 30;
const blockingWorkingDays = 2;

export interface LegalCalendar {
  /** ISO 3166. */
  readonly country: string;
  /** Of the country as a whole: a region's day of rest moves nobody's clock. */
  readonly changes: readonly HolidayChange[];
}

/** Which of the corrections of a calendar move a clock: those of the whole country. */
export function legalCalendar(country: string, changes: readonly HolidayChange[]): LegalCalendar {
  return { country, changes: changes.filter((one) => one.country === country && one.region === null) };
}

/**
 * The last local day on which a request that came on `receivedDay` is answered in time. That day itself does not count; days
 * are 'YYYY-MM-DD' of the account's zone.
 */
export function lastDay(kind: RequestKind, receivedDay: string, calendar: LegalCalendar): string {
  if (kind !== 'blocking') return daysAfter(receivedDay, calendarDays);
  let day = receivedDay;
  for (let left = blockingWorkingDays; left > 0;) {
    day = daysAfter(day, 1);
    if (isWorkingDay(day, calendar)) left -= 1;
  }
  return day;
}

/** The same once it was extended. Undefined for blocking, which nothing extends. */
export function extendedLastDay(kind: RequestKind, receivedDay: string): string | undefined {
  return kind === 'blocking' ? undefined : daysAfter(receivedDay, calendarDays + extensionDays);
}

/**
 * Sundays and holidays are none. A Saturday is one: the law does not say, and the Código Civil (art. 50) leaves out
 * holidays alone. A day too early is never a day too late.
 */
export function isWorkingDay(day: string, { country, changes }: LegalCalendar): boolean {
  const isSunday = new Date(`${day}T00:00:00Z`).getUTCDay() === 0;
  return !isSunday && holidayNameOn(country, changes, day) === undefined;
}

/** The day so many days after another one. */
export function daysAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
