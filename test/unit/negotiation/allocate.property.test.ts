import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from '../../../domain/negotiation/rules/allocate.ts';
import type { OpenDebt } from '../../../domain/negotiation/rules/stage.ts';

const debtsArb: fc.Arbitrary<readonly OpenDebt[]> = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    balanceMicros: fc.bigInt({ min: 0n, max: 1_000n }),
    currency: fc.constantFrom('CLP', 'USD'),
    dueDate: fc.option(fc.constantFrom('2027-01-01', '2027-02-01', '2027-03-01'), { nil: null }),
    reference: fc.option(fc.constantFrom('A-1', 'A-2'), { nil: null }),
  }),
  { maxLength: 6, selector: ({ id }) => id },
);
const paymentArb = fc.record({
  amountMicros: fc.bigInt({ min: 1n, max: 5_000n }),
  currency: fc.constantFrom('CLP', 'USD'),
  reference: fc.option(fc.constantFrom('A-1', 'A-2', 'B-9'), { nil: null }),
});

describe('spreading a payment over debts', () => {
  it('loses no money, pays no debt twice, and nothing in another currency', () => {
    fc.assert(
      fc.property(paymentArb, debtsArb, (payment, debts) => {
        const { allocations, unallocatedMicros } = allocate(payment, debts);
        const spread = allocations.reduce((total, { amountMicros }) => total + amountMicros, 0n);
        expect(spread + unallocatedMicros).toBe(payment.amountMicros);
        expect(new Set(allocations.map(({ debtId }) => debtId)).size).toBe(allocations.length);
        for (const { debtId, amountMicros } of allocations) {
          const debt = debts.find(({ id }) => id === debtId);
          expect(amountMicros).toBeGreaterThan(0n);
          expect(amountMicros).toBeLessThanOrEqual(debt?.balanceMicros ?? -1n);
          expect(debt?.currency).toBe(payment.currency);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves money over only when every debt of the currency is paid', () => {
    fc.assert(
      fc.property(paymentArb, debtsArb, (payment, debts) => {
        const { allocations, unallocatedMicros } = allocate(payment, debts);
        if (unallocatedMicros === 0n) return;
        const mine = debts.filter(({ currency }) => currency === payment.currency);
        const owed = mine.reduce((total, { balanceMicros }) => total + balanceMicros, 0n);
        expect(allocations.reduce((total, { amountMicros }) => total + amountMicros, 0n)).toBe(owed);
      }),
      { numRuns: 1_000 },
    );
  });

  it('touches a debt only when every one before it, the named first and then the oldest, is paid', () => {
    fc.assert(
      fc.property(paymentArb, debtsArb, (payment, debts) => {
        const paid = new Map(
          allocate(payment, debts).allocations.map(({ debtId, amountMicros }) => [debtId, amountMicros]),
        );
        const rank = ({ reference, dueDate }: OpenDebt): string =>
          `${payment.reference !== null && reference === payment.reference ? 0 : 1}/${dueDate ?? '9999'}`;
        const mine = debts.filter(({ currency }) => currency === payment.currency);
        for (const touched of mine.filter(({ id }) => paid.has(id))) {
          for (const earlier of mine.filter((other) => rank(other) < rank(touched))) {
            expect(paid.get(earlier.id) ?? 0n).toBe(earlier.balanceMicros);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
