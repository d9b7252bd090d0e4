import fc from 'fast-check';
import { expect, it } from 'vitest';
import { daysFrom } from '../../../domain/reports/days.ts';
import { averageMicros } from '../../../domain/reports/rules/average.ts';

it('an average is of all calls, to the nearest micro-unit, half up', () => {
  expect([averageMicros(10n, 4), averageMicros(9n, 4), averageMicros(0n, 3), averageMicros(7n, 0)]).toEqual([
    3n,
    2n,
    0n,
    0n,
  ]);
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 15n), fc.integer({ min: 1, max: 10 ** 7 }), (total, calls) => {
      const off = 2n * (averageMicros(total, calls) * BigInt(calls) - total);
      return off > -BigInt(calls) && off <= BigInt(calls);
    }),
  );
});

it('days that are not named are the usual ones, and only where something must bound them', () => {
  const today = '2027-03-08';
  expect(daysFrom({}, false, today)).toBeNull();
  expect(daysFrom({}, true, today)).toEqual({ from: '2027-02-07', to: today });
  expect(daysFrom({ from: '2027-03-01' }, false, today)).toEqual({ from: '2027-03-01', to: today });
  expect(daysFrom({ to: '2027-03-01' }, true, today)).toEqual({ from: '2027-01-31', to: '2027-03-01' });
  expect(daysFrom({ from: today, to: today }, true, today)).toEqual({ from: today, to: today });
  expect(() => daysFrom({ from: '2027-03-09' }, true, today)).toThrow(/after its end/);
  expect(() => daysFrom({ from: '2026-03-07' }, true, today)).toThrow(/at most 366/);
  expect(daysFrom({ from: '2026-03-08' }, true, today)).toEqual({ from: '2026-03-08', to: today });
});
