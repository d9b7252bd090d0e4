import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takenBack } from '../../../domain/payments/rules/take-back.ts';

const part = (debtId: string, amountMicros: bigint) => ({ debtId, amountMicros });

describe('what of a payment is given back', () => {
  it('is what was over first, then what was spread last', () => {
    const standing = [part('a', 10n), part('b', 5n)];
    expect(takenBack(2n, 3n, standing)).toEqual({ allocations: [], unallocatedMicros: 2n });
    expect(takenBack(7n, 3n, standing)).toEqual({ allocations: [part('b', -4n)], unallocatedMicros: 3n });
    expect(takenBack(10n, 3n, standing)).toEqual({
      allocations: [part('b', -5n), part('a', -2n)],
      unallocatedMicros: 3n,
    });
  });

  it('is exactly the amount, and of no debt more than it had; more than stands is a fault', () => {
    const parts = fc.array(fc.bigInt({ min: 1n, max: 10n ** 12n }), { maxLength: 6 });
    fc.assert(
      fc.property(
        parts,
        fc.bigInt({ min: 0n, max: 10n ** 12n }),
        fc.bigInt({ min: 0n, max: 10n ** 13n }),
        (of, over, wish) => {
          const standing = of.map((amountMicros, index) => part(String(index), amountMicros));
          const all = of.reduce((sum, one) => sum + one, over);
          if (wish > all) {
            expect(() => takenBack(wish, over, standing)).toThrow(RangeError);
            return;
          }
          const { allocations, unallocatedMicros } = takenBack(wish, over, standing);
          expect(allocations.reduce((sum, { amountMicros }) => sum - amountMicros, unallocatedMicros)).toBe(
            wish,
          );
          for (const { debtId, amountMicros } of allocations) {
            expect(-amountMicros).toBeLessThanOrEqual(of[Number(debtId)] ?? 0n);
            expect(amountMicros).toBeLessThan(0n);
          }
        },
      ),
    );
  });
});
