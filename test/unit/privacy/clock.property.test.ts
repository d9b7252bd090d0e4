import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shippedHolidayChanges } from '../../../domain/policy/rules/holidays.ts';
import {
  daysAfter,
  extendedLastDay,
  isWorkingDay,
  lastDay,
  legalCalendar,
} from '../../../domain/privacy/rules/clock.ts';
import { requestKinds } from '../../../domain/privacy/rules/kinds.ts';
import { dayNumber, holidays, weekdayOf } from '../../support/brute-holidays.ts';

const calendar = legalCalendar('CL', shippedHolidayChanges);
const first = dayNumber(2026, 1, 1);
// The second reading knows the laws of three years.
const last = dayNumber(2028, 12, 1);
const numberOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;
const textOf = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
/** From the laws themselves, by another hand: elections of those years are in nobody's list of fixed days. */
const elections = new Set(
  shippedHolidayChanges
    .filter(({ region, country }) => region === null && country === 'CL')
    .map(({ day }) => numberOf(day)),
);
const rests = (day: number): boolean => weekdayOf(day) === 0 || holidays.CL.has(day) || elections.has(day);

describe('the clock of a request', () => {
  test('is that of a count day by day, in 10,000 cases', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: first, max: last }),
        fc.constantFrom(...requestKinds),
        (received, kind) => {
          let due = received;
          if (kind === 'blocking') for (let left = 2; left > 0; left -= rests(due) ? 0 : 1) due += 1;
          else for (let left = 30; left > 0; left -= 1) due += 1;
          expect(lastDay(kind, textOf(received), calendar)).toBe(textOf(due));
          const extended = extendedLastDay(kind, textOf(received));
          expect(extended).toBe(kind === 'blocking' ? undefined : textOf(received + 60));
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test('every day of three years is a working day or none as the laws have it', () => {
    for (let day = first; day <= last; day += 1)
      expect(isWorkingDay(textOf(day), calendar), textOf(day)).toBe(!rests(day));
  });

  test.each([
    // A Friday: Saturday counts, Sunday does not.
    ['2026-11-27', '2026-11-30'],
    // The day before the Immaculate Conception, a Tuesday.
    ['2026-12-07', '2026-12-10'],
    // Before Good Friday: Saturday and Sunday rest as well.
    ['2027-03-25', '2027-03-30'],
    // 18 and 19 September of 2026 are a Friday and a Saturday.
    ['2026-09-17', '2026-09-22'],
    ['2026-12-31', '2027-01-04'],
  ])('blocking that came on %s is answered on %s at the latest', (received, due) => {
    expect(lastDay('blocking', received, calendar)).toBe(due);
  });

  test('a region’s day of rest and an account’s own move nobody’s clock, a country’s does', () => {
    const day = {
      country: 'CL',
      day: '2027-08-20',
      everyYear: false,
      name: 'x',
      kind: 'closed',
      source: 'x',
    } as const;
    const regional = legalCalendar('CL', [{ ...day, region: 'Chillán' }]);
    expect(lastDay('blocking', '2027-08-18', regional)).toBe('2027-08-20');
    expect(lastDay('blocking', '2027-08-18', legalCalendar('CL', [{ ...day, region: null }]))).toBe(
      '2027-08-21',
    );
    expect(legalCalendar('CL', [{ ...day, region: null, country: 'PE' }]).changes).toEqual([]);
  });

  test('days go over months and leap years', () => {
    expect(daysAfter('2028-02-28', 2)).toBe('2028-03-01');
    expect(daysAfter('2026-12-31', 1)).toBe('2027-01-01');
  });
});
