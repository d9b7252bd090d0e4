import type { OpenDebt } from './stage.ts';

export interface Allocation {
  readonly debtId: string;
  readonly amountMicros: bigint;
}

export interface Allocated {
  readonly allocations: readonly Allocation[];
  /** More than is owed in the payment's currency. */
  readonly unallocatedMicros: bigint;
}

export interface AllocationRequest {
  readonly amountMicros: bigint;
  readonly currency: string;
  /** The debt that the payer named; it is paid first. Null: none. */
  readonly reference: string | null;
}

/** Spreads a payment over debts of its currency: the named one first, then the oldest due; one without a date last. */
export function allocate(payment: AllocationRequest, debts: readonly OpenDebt[]): Allocated {
  const payable = debts
    .filter(({ currency, balanceMicros }) => currency === payment.currency && balanceMicros > 0n)
    .toSorted((one, other) => byTurn(one, other, payment.reference));
  let left = payment.amountMicros;
  const allocations: Allocation[] = [];
  for (const { id, balanceMicros } of payable) {
    if (left === 0n) break;
    const amountMicros = left < balanceMicros ? left : balanceMicros;
    allocations.push({ debtId: id, amountMicros });
    left -= amountMicros;
  }
  return { allocations, unallocatedMicros: left };
}

const noDate = '9999-12-31';

function byTurn(one: OpenDebt, other: OpenDebt, reference: string | null): number {
  const named = (debt: OpenDebt): number => (reference !== null && debt.reference === reference ? 0 : 1);
  return (
    named(one) - named(other) ||
    compare(one.dueDate ?? noDate, other.dueDate ?? noDate) ||
    compare(one.id, other.id)
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
