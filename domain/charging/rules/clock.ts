import { DateTime } from 'luxon';

/** Of a subscription. In grace its period is over and not paid, and it goes on. */
export type SubscriptionState = 'active' | 'grace' | 'suspended' | 'ended';

const dayMs = 86_400_000;
/** The order of the next period is made so long before this one ends. */
export const orderAheadMs = 5 * dayMs;
/** An unpaid period goes on for so long after its end. */
export const graceMs = 5 * dayMs;

/** The end of a period of one month that begins then, by the account's clock: on the day that it began on, or the month's last. */
export function periodEnd(startMs: number, anchorDay: number, zone: string): number {
  const start = DateTime.fromMillis(startMs, { zone });
  const next = start.startOf('month').plus({ months: 1 });
  const day = Math.min(anchorDay, next.daysInMonth ?? 28);
  return next
    .set({
      day,
      hour: start.hour,
      minute: start.minute,
      second: start.second,
      millisecond: start.millisecond,
    })
    .toMillis();
}

/** The day of the month of an instant, by that clock. */
export function dayOfMonth(atMs: number, zone: string): number {
  return DateTime.fromMillis(atMs, { zone }).day;
}

export interface SubscriptionFacts {
  readonly state: SubscriptionState;
  readonly periodEndMs: number;
  readonly endsWithPeriod: boolean;
  /** The money of the running period is still ours. */
  readonly isPaid: boolean;
  /** An order of the next period has been paid. */
  readonly nextIsPaid: boolean;
  /** One waits to be paid. */
  readonly nextIsOpen: boolean;
}

export type SubscriptionStep =
  /** The next period, which is paid, begins: when this one ended, or now. */
  | { readonly kind: 'roll'; readonly startMs: number }
  | { readonly kind: 'order' }
  | { readonly kind: 'grace' }
  | { readonly kind: 'suspend'; readonly reason: 'unpaid' | 'taken_back' }
  /** What was taken back is ours again. */
  | { readonly kind: 'restore' }
  | { readonly kind: 'end' };

/** What is due of a subscription at an instant; undefined: nothing. Taken, it is not due again. */
export function nextStep(facts: SubscriptionFacts, nowMs: number): SubscriptionStep | undefined {
  const { state, periodEndMs, endsWithPeriod, isPaid, nextIsPaid, nextIsOpen } = facts;
  if (state === 'ended') return undefined;
  const isOver = nowMs >= periodEndMs;
  if (nextIsPaid && (isOver || state === 'suspended')) {
    // Days of grace are of the period that is paid now; days without service are of none.
    return { kind: 'roll', startMs: state === 'suspended' ? nowMs : periodEndMs };
  }
  if (isOver && endsWithPeriod && !nextIsPaid) return { kind: 'end' };
  if (state !== 'suspended' && !isPaid) return { kind: 'suspend', reason: 'taken_back' };
  if (state === 'suspended' && isPaid && !isOver) return { kind: 'restore' };
  if (state === 'active' && isOver) return { kind: 'grace' };
  if (state === 'grace' && nowMs >= periodEndMs + graceMs) return { kind: 'suspend', reason: 'unpaid' };
  const mayOrder = !endsWithPeriod && !nextIsPaid && !nextIsOpen && state !== 'suspended';
  if (mayOrder && nowMs >= periodEndMs - orderAheadMs) return { kind: 'order' };
  return undefined;
}
