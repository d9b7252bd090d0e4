import { higherProviderCost } from './queries.ts';
import type { LockedCall } from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { chargeMicros, postHold, postHoldLast, trueUp } from '../billing/queries-ledger.ts';
import type { ProviderCall } from './voice-port.ts';
import type { Changed } from './write-end.ts';

/** What a word about a call makes it cost. */
export interface Charge {
  /** The call as it was before that word. */
  readonly before: LockedCall;
  readonly seconds: number;
  readonly amountMicros: bigint;
}

/** The seconds and what they cost, for the call's row; no charge when nothing is new about them. Pure. */
export function price(
  changed: Changed,
  call: ProviderCall,
): { readonly changed: Changed; readonly charge: Charge | null } {
  const { locked, set } = changed;
  const spoken = Math.ceil((locked.duration_ms ?? 0) / 1000);
  const told = call.billableSeconds ?? locked.billable_seconds ?? spoken;
  // Figures only grow (a transfer's leg comes later): a smaller one is an older message that was late.
  const seconds = Math.max(told, locked.billable_seconds ?? 0);
  // Written together with the hold's post: there is nothing left to be paid, though the cost may be news.
  const isKnown = locked.charged_micros !== null && locked.billable_seconds === seconds;
  if (isKnown && call.costMicros === undefined) return { changed, charge: null };
  const { unit, plan, rate_micros_per_minute: rateMicrosPerMinute } = locked;
  const amountMicros = chargeMicros({ plan, unit, rateMicrosPerMinute }, seconds);
  return {
    charge: isKnown ? null : { before: locked, seconds, amountMicros },
    changed: {
      ...changed,
      locked: { ...locked, billable_seconds: seconds, charged_micros: amountMicros },
      set: {
        ...set,
        billable_seconds: seconds,
        charged_micros: amountMicros,
        charged_unit: unit,
        ...(call.costMicros === undefined ? {} : higherProviderCost(call.costMicros, call.costByProduct)),
      },
    },
  };
}

/**
 * Posts the hold the first time, and the difference (a transfer's leg, a late figure) every further time. The last thing
 * of a settlement: the account's balance is locked from here to the commit, and all its other calls wait for it. `isLast`: of the
 * whole transaction too, and the first time its commit comes along.
 */
export async function pay(trx: Trx, charge: Charge, isLast: boolean): Promise<void> {
  const { before: locked, seconds, amountMicros } = charge;
  const { unit, account_id: accountId } = locked;
  // Pending behind its lock: the post cannot find it resolved, and nothing can have to follow.
  if (isLast && locked.hold_state === 'pending') {
    const resolution = await postHoldLast(
      trx,
      { holdId: locked.hold_id, batchId: locked.batch_id },
      amountMicros,
    );
    // Committed: nothing can mend it here, but a charge must not be missing in silence.
    if (resolution !== 'done') throw new Error(`hold ${locked.hold_id} was resolved behind its lock`);
    return;
  }
  const resolution = await postHold(trx, locked.hold_id, amountMicros);
  if (resolution !== 'done') {
    // Resolved before: posted with an earlier figure, or given back for a call that was found after all.
    const difference = amountMicros - (locked.charged_micros ?? 0n);
    const reference = `${locked.attempt_id}:${seconds}`;
    if (difference !== 0n) {
      await trueUp(trx, {
        accountId,
        unit,
        amountMicros: difference,
        reference,
        hold: { id: locked.hold_id, purpose: 'line' },
      });
    }
  }
}
