export interface Allocated {
  readonly debtId: string;
  readonly amountMicros: bigint;
}

export interface TakenBack {
  /** Negative each. */
  readonly allocations: readonly Allocated[];
  readonly unallocatedMicros: bigint;
}

/**
 * Which of a payment is given back: first what was over, then what was spread last, so that the debt which the payer
 * named, or the oldest, stays paid the longest. The amount is at most what stands.
 */
export function takenBack(
  amountMicros: bigint,
  unallocatedMicros: bigint,
  standing: readonly Allocated[],
): TakenBack {
  const over = amountMicros < unallocatedMicros ? amountMicros : unallocatedMicros;
  let left = amountMicros - over;
  const allocations: Allocated[] = [];
  for (const { debtId, amountMicros: spread } of standing.toReversed()) {
    if (left === 0n) break;
    const back = left < spread ? left : spread;
    allocations.push({ debtId, amountMicros: -back });
    left -= back;
  }
  if (left !== 0n) throw new RangeError('more is taken back of a payment than stands of it');
  return { allocations, unallocatedMicros: over };
}
