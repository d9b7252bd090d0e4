import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { leftOf } from '../../../domain/billing/queries-bookings.ts';
import {
  dayOfMonth,
  nextStep,
  periodEnd,
  type SubscriptionFacts,
} from '../../../domain/charging/rules/clock.ts';
import { quoteOf } from '../../../domain/charging/rules/quote.ts';
import { nextAskMs } from '../../../domain/charging/rules/when-to-ask.ts';

const zone = 'America/Santiago';
const dayMs = 86_400_000;

describe('a quote', () => {
  it('is in whole coins, net and tax each rounded once, and no binary fraction comes in', () => {
    expect(quoteOf({ priceMicros: 50_000_000n, taxPartsPerMillion: 190_000, rate: undefined })).toMatchObject(
      {
        netMicros: 50_000_000n,
        taxMicros: 9_500_000n,
        currency: 'USD',
      },
    );
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10_000_000n }),
        fc.bigInt({ min: 1n, max: 2_000_000_000n }),
        (cents, perUsd) => {
          const rate = { currency: 'CLP', perUsdMicros: perUsd };
          const priceMicros = cents * 10_000n;
          const { netMicros, taxMicros, totalMicros } = quoteOf({
            priceMicros,
            taxPartsPerMillion: 190_000,
            rate,
          });
          expect(netMicros % 1_000_000n).toBe(0n);
          expect(taxMicros % 1_000_000n).toBe(0n);
          expect(totalMicros).toBe(netMicros + taxMicros);
          // At most half a peso off, in exact numbers.
          const off = 2n * (netMicros * 1_000_000n - priceMicros * perUsd);
          expect(off <= 1_000_000_000_000n && off > -1_000_000_000_000n - 1n).toBe(true);
        },
      ),
    );
  });
});

describe('periods', () => {
  it('follow each other on the day on which they began, or the last of the month, whatever the clock does', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2026-01-01'), max: new Date('2030-12-31'), noInvalidDate: true }),
        (first) => {
          const anchor = dayOfMonth(first.getTime(), zone);
          let at = first.getTime();
          for (let month = 0; month < 14; month += 1) {
            const end = periodEnd(at, anchor, zone);
            const [from, to] = [DateTime.fromMillis(at, { zone }), DateTime.fromMillis(end, { zone })];
            expect(end - at).toBeGreaterThan(27 * dayMs);
            expect(end - at).toBeLessThan(32 * dayMs);
            expect(to.month).toBe((from.month % 12) + 1);
            expect(to.day).toBe(Math.min(anchor, to.daysInMonth ?? 0));
            at = end;
          }
        },
      ),
    );
  });

  it('of the 31st of January end on the last of February, and on the 31st of March again', () => {
    const start = DateTime.fromISO('2027-01-31T10:00', { zone }).toMillis();
    const february = periodEnd(start, 31, zone);
    expect(DateTime.fromMillis(february, { zone }).toISODate()).toBe('2027-02-28');
    expect(DateTime.fromMillis(periodEnd(february, 31, zone), { zone }).toISODate()).toBe('2027-03-31');
  });
});

describe('what is due of a subscription', () => {
  const facts = (change: Partial<SubscriptionFacts> = {}): SubscriptionFacts => ({
    state: 'active',
    periodEndMs: 100 * dayMs,
    endsWithPeriod: false,
    isPaid: true,
    nextIsPaid: false,
    nextIsOpen: false,
    ...change,
  });
  it('comes in its order', () => {
    const at = (day: number, change: Partial<SubscriptionFacts> = {}) =>
      nextStep(facts(change), day * dayMs)?.kind;
    expect(at(94.9)).toBeUndefined();
    expect(at(95)).toBe('order');
    expect(at(95, { nextIsOpen: true })).toBeUndefined();
    expect(at(95, { endsWithPeriod: true })).toBeUndefined();
    expect(at(99, { nextIsPaid: true })).toBeUndefined();
    expect(at(100, { nextIsPaid: true })).toBe('roll');
    expect(at(100, { endsWithPeriod: true })).toBe('end');
    expect(at(100, { endsWithPeriod: true, nextIsPaid: true })).toBe('roll');
    expect(at(100, { nextIsOpen: true })).toBe('grace');
    expect(at(104.9, { state: 'grace', nextIsOpen: true })).toBeUndefined();
    expect(at(105, { state: 'grace', nextIsOpen: true })).toBe('suspend');
    expect(at(50, { isPaid: false })).toBe('suspend');
    expect(at(50, { isPaid: true, state: 'suspended' })).toBe('restore');
    expect(at(120, { state: 'suspended' })).toBeUndefined();
    expect(at(120, { state: 'ended' })).toBeUndefined();
  });

  it('counts grace into the period that is paid, and days without service into none', () => {
    expect(nextStep(facts({ state: 'grace', nextIsPaid: true }), 103 * dayMs)).toEqual({
      kind: 'roll',
      startMs: 100 * dayMs,
    });
    expect(nextStep(facts({ state: 'suspended', nextIsPaid: true }), 120 * dayMs)).toEqual({
      kind: 'roll',
      startMs: 120 * dayMs,
    });
  });
});

describe('what expires of an allotment', () => {
  it('is what nobody used of it, never of bought minutes, never more than is free', () => {
    const amount = fc.bigInt({ min: 0n, max: 1_000_000n });
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.bigInt({ min: -1_000n, max: 2_000_000n }),
        (allotment, posted, available) => {
          const left = leftOf(allotment, posted, available);
          expect(left >= 0n).toBe(true);
          expect(left === 0n || (left <= available && left <= allotment - posted)).toBe(true);
          if (available >= allotment && posted < allotment) expect(left).toBe(allotment - posted);
        },
      ),
    );
  });
});

describe('when a provider is asked again', () => {
  const facts = {
    createdAtMs: 0,
    payableUntilMs: 1_800_000,
    paidAtMs: undefined,
    isDisputed: false,
    hasProblem: false,
  };
  it('without an event, until nothing can change any more', () => {
    expect(nextAskMs(facts, 60_000)).toBe(120_000);
    expect(nextAskMs(facts, 1_800_000 + 2 * dayMs)).toBeNull();
    const paid = { ...facts, paidAtMs: 0 };
    expect(nextAskMs(paid, 10 * dayMs)).toBe(11 * dayMs);
    expect(nextAskMs(paid, 181 * dayMs)).toBeNull();
    // Until the bank has decided.
    expect(nextAskMs({ ...paid, isDisputed: true }, 300 * dayMs)).not.toBeNull();
  });
});
