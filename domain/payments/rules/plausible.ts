export interface SaidPayment {
  readonly amountMicros: bigint;
  readonly currency: string;
  /** Null: now. */
  readonly paidAt: Date | null;
}

const dayMs = 24 * 60 * 60 * 1000;
/** A file knows the day only, and says its noon; the sender's clock may be of another zone. */
const aheadMs = dayMs;
/** Longer than any debt is collected. */
const oldestMs = 5 * 365 * dayMs;
/** People pay a debt twice, and interest; nobody pays it ten times. */
const mostTimes = 10n;

/** What cannot be right in a payment that somebody typed or exported; undefined: nothing. Pure. */
export function judgePayment(
  { amountMicros, paidAt }: SaidPayment,
  {
    askedMicros,
    now,
  }: {
    /** All that the person was loaded with in this currency, paid or not; 0: nothing to compare with. */
    readonly askedMicros: bigint;
    readonly now: Date;
  },
): 'amount_implausible' | 'paid_in_future' | 'paid_long_ago' | undefined {
  const paidMs = paidAt?.getTime() ?? now.getTime();
  if (paidMs > now.getTime() + aheadMs) return 'paid_in_future';
  if (paidMs < now.getTime() - oldestMs) return 'paid_long_ago';
  return askedMicros > 0n && amountMicros > askedMicros * mostTimes ? 'amount_implausible' : undefined;
}
