import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { judgeOffer, type Proposal } from '../../../domain/negotiation/rules/judge.ts';
import { type OfferContext, offersAt } from '../../../domain/negotiation/rules/offers.ts';
import { collectionStandard } from '../../../domain/negotiation/rules/standard.ts';
import type { AgreementTerms, Offers, Stage } from '../../../domain/negotiation/rules/types.ts';

const peso = 1_000_000n;
const today = '2027-03-08';

const offersArb: fc.Arbitrary<Offers> = fc
  .record({
    floorPercent: fc.integer({ min: 40, max: 100 }),
    ladder: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
    instalments: fc.option(
      fc.record({
        min: fc.integer({ min: 2, max: 4 }),
        more: fc.integer({ min: 0, max: 10 }),
        minPesos: fc.integer({ min: 0, max: 50_000 }),
        longestGapDays: fc.integer({ min: 1, max: 40 }),
      }),
      { nil: null },
    ),
    longestPromiseDays: fc.integer({ min: 0, max: 40 }),
    leastPartPercent: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ ladder, instalments, ...rest }) => ({
    ...rest,
    discountLadder: ladder.toSorted((a, b) => a - b),
    instalments:
      instalments === null
        ? null
        : {
            min: instalments.min,
            max: instalments.min + instalments.more,
            minMicros: instalments.minPesos * 1_000_000,
            longestGapDays: instalments.longestGapDays,
          },
  }));

const stageOf = (offers: Offers): Stage => ({ ...collectionStandard.stages[0], offers });

const contextArb: fc.Arbitrary<OfferContext> = fc.record({
  owedMicros: fc.oneof(
    fc.bigInt({ min: 1n, max: 5_000_000n }).map((pesos) => pesos * peso),
    fc.bigInt({ min: 1n, max: 5_000_000n * peso }),
  ),
  currency: fc.constantFrom('CLP', 'USD', 'PEN'),
  today: fc.constant(today),
  offeredSteps: fc.integer({ min: 0, max: 5 }),
});

const dayArb = fc.oneof(
  fc.integer({ min: -20, max: 60 }).map((days) => DateTime.fromISO(today).plus({ days }).toISODate() ?? ''),
  fc.constantFrom('2027-02-30', 'mañana', '', '20270310', '2027-3-9'),
);
const amountArb = fc.bigInt({ min: -5n, max: 6_000_000n }).map((pesos) => pesos * peso);

const proposalArb: fc.Arbitrary<Proposal> = fc.record({
  kind: fc.constantFrom('full' as const, 'part' as const, 'discount' as const, 'instalments' as const),
  amountMicros: fc.option(fc.oneof(amountArb, fc.bigInt({ min: 0n, max: 5_000_000n * peso })), { nil: null }),
  date: fc.option(dayArb, { nil: null }),
  currency: fc.option(fc.constantFrom('CLP', 'USD', 'PEN'), { nil: null }),
  count: fc.option(fc.oneof(fc.integer({ min: -2, max: 20 }), fc.constantFrom(2.5, Number.NaN)), {
    nil: null,
  }),
  parts: fc.option(fc.array(fc.record({ dueDate: dayArb, amountMicros: amountArb }), { maxLength: 4 }), {
    nil: null,
  }),
});

const sum = (terms: AgreementTerms): bigint =>
  terms.instalments.reduce((total, { amountMicros }) => total + amountMicros, 0n);

/** Derived from the definition, not from the code: what no agreement may ever break. */
function expectLawful(terms: AgreementTerms, offers: Offers, context: OfferContext): void {
  const { owedMicros } = context;
  const days = terms.instalments.map(({ dueDate }) => dueDate);
  const lastDay = DateTime.fromISO(today).plus({ days: offers.longestPromiseDays }).toISODate() ?? '';
  expect(sum(terms)).toBe(terms.totalMicros);
  expect(terms.totalMicros).toBeGreaterThan(0n);
  expect(terms.totalMicros + terms.discountMicros).toBeLessThanOrEqual(owedMicros);
  expect(terms.discountMicros).toBeGreaterThanOrEqual(0n);
  expect(days).toEqual(days.toSorted());
  expect(new Set(days).size).toBe(days.length);
  expect(days.every((day) => DateTime.fromISO(day).isValid)).toBe(true);
  expect((days[0] ?? '') >= today && (days[0] ?? '') <= lastDay).toBe(true);
  if (terms.discountMicros > 0n) {
    // Settles: at or above the floor, and at or above the step that was offered.
    expect(terms.totalMicros + terms.discountMicros).toBe(owedMicros);
    expect(terms.totalMicros * 100n >= owedMicros * BigInt(offers.floorPercent)).toBe(true);
    const step = offers.discountLadder[Math.min(context.offeredSteps, offers.discountLadder.length) - 1] ?? 0;
    expect(terms.totalMicros * 100n >= owedMicros * BigInt(100 - step)).toBe(true);
  } else if (terms.totalMicros < owedMicros) {
    expect(terms.totalMicros * 100n >= owedMicros * BigInt(offers.leastPartPercent)).toBe(true);
  }
  if (terms.kind === 'promise') {
    expect(days).toHaveLength(1);
    return;
  }
  const { instalments } = offers;
  if (instalments === null) throw new Error('a plan where none is allowed');
  expect(days.length).toBeGreaterThanOrEqual(instalments.min);
  expect(days.length).toBeLessThanOrEqual(instalments.max);
  expect(sum(terms)).toBe(owedMicros);
  expect(terms.instalments.every(({ amountMicros }) => amountMicros >= BigInt(instalments.minMicros))).toBe(
    true,
  );
  for (const [index, day] of days.entries()) {
    const before = days[index - 1];
    if (before === undefined) continue;
    expect(DateTime.fromISO(day).diff(DateTime.fromISO(before), 'days').days).toBeLessThanOrEqual(
      instalments.longestGapDays + 0.1,
    );
  }
}

function proposalOf(terms: AgreementTerms): Proposal {
  const [first] = terms.instalments;
  const plain = { currency: null, count: null, parts: null };
  if (terms.kind === 'plan') {
    return { ...plain, kind: 'instalments', amountMicros: null, date: null, parts: terms.instalments };
  }
  const kind = terms.discountMicros > 0n ? 'discount' : 'part';
  return { ...plain, kind, amountMicros: terms.totalMicros, date: first?.dueDate ?? null };
}

describe('judging an offer, for any stage, debt and proposal', () => {
  it('takes nothing below the floor, above the debt, in the past or too late, and sums are exact', () => {
    fc.assert(
      fc.property(offersArb, contextArb, proposalArb, (offers, context, proposal) => {
        const judged = judgeOffer(stageOf(offers), context, proposal);
        const terms = judged.ok ? judged.terms : judged.counter;
        if (terms !== null) expectLawful(terms, offers, context);
      }),
      { numRuns: 3_000 },
    );
  });

  it('makes counter-offers that it would take itself', () => {
    fc.assert(
      fc.property(offersArb, contextArb, proposalArb, (offers, context, proposal) => {
        const judged = judgeOffer(stageOf(offers), context, proposal);
        if (judged.ok || judged.counter === null) return;
        expect(judgeOffer(stageOf(offers), context, proposalOf(judged.counter))).toMatchObject({ ok: true });
      }),
      { numRuns: 3_000 },
    );
  });

  it('offers only what it takes', () => {
    fc.assert(
      fc.property(offersArb, contextArb, (offers, context) => {
        for (const { terms } of offersAt(stageOf(offers), context)) {
          expectLawful(terms, offers, context);
          expect(judgeOffer(stageOf(offers), context, proposalOf(terms))).toEqual({ ok: true, terms });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
