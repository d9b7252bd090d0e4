const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A payer's bank may take money back for so long. */
const takenBackMs = 180 * dayMs;
/** A page that was paid in its last second is told later. */
const afterEndMs = dayMs;

export interface AskFacts {
  readonly createdAtMs: number;
  readonly payableUntilMs: number;
  readonly paidAtMs: number | undefined;
  readonly isDisputed: boolean;
  readonly hasProblem: boolean;
}

/**
 * When the provider is asked about an order again, when no event comes: a lost one must not lose a paid order, nor a refund.
 * Null: nothing can change any more.
 */
export function nextAskMs(facts: AskFacts, nowMs: number): number | null {
  const { createdAtMs, payableUntilMs, paidAtMs, isDisputed, hasProblem } = facts;
  if (paidAtMs !== undefined) {
    const sinceMs = nowMs - paidAtMs;
    if (isDisputed || (hasProblem && sinceMs < takenBackMs)) return nowMs + hourMs;
    if (sinceMs >= takenBackMs) return null;
    return nowMs + (sinceMs < dayMs ? hourMs : dayMs);
  }
  if (nowMs < payableUntilMs + hourMs) {
    return nowMs + (nowMs - createdAtMs < 2 * hourMs ? minuteMs : 10 * minuteMs);
  }
  if (hasProblem && nowMs < payableUntilMs + takenBackMs) return nowMs + hourMs;
  return nowMs < payableUntilMs + afterEndMs ? nowMs + hourMs : null;
}
