import { databaseNow, type Trx } from '../../db/client.ts';
import type { Unit } from '../../db/schema/schema.ts';
import { book, bookedUnder } from '../billing/queries-bookings.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { wakeDispatchers } from '../shared/queries-notify.ts';
import { refuse } from '../shared/refused.ts';
import { findOrder, lockCharging, lockOrder, type OrderRow, updateOrder } from './queries-orders.ts';
import { bringToWord, saidOf } from './settle-order.ts';
import { advanceSubscription, type ClockDeps } from './subscriptions.ts';

export interface Transfer {
  readonly orderId: string;
  /** `in`: it came to our bank account; `out`: we gave it back. */
  readonly direction: 'in' | 'out';
  readonly amountMicros: bigint;
  readonly currency: string;
  /** The bank's own number of it. */
  readonly reference: string;
  readonly reason: string;
}

/**
 * Money that moved by a bank, as whoever runs the installation has seen it: its order is settled as one of a provider is.
 * Throws `OperationRefused` for what does not fit.
 */
export async function recordTransfer(
  trx: Trx,
  caller: Caller,
  deps: ClockDeps,
  transfer: Transfer,
): Promise<OrderRow> {
  const { orderId, direction, amountMicros, currency, reference, reason } = transfer;
  await lockCharging(trx, caller.accountId);
  const order = await lockOrder(trx, orderId);
  if (order === undefined) throw refuse('order_not_found');
  if (order.provider !== 'transfer') throw refuse('order_of_provider', { provider: order.provider });
  const said = saidOf(order);
  if (currency !== order.charge_currency) {
    throw refuse('transfer_currency', { currency: order.charge_currency }, { field: 'currency' });
  }
  if (direction === 'in' && order.paid_micros > 0n) throw refuse('order_paid_already');
  if (direction === 'in' && amountMicros !== order.charge_micros) {
    throw refuse('transfer_amount', { currency }, { field: 'amount' });
  }
  if (direction === 'out' && amountMicros > order.paid_micros - order.refunded_micros) {
    throw refuse('transfer_too_much', {}, { field: 'amount' });
  }
  const now = await databaseNow(trx);
  await writeAudit(trx, {
    ...caller,
    action: direction === 'in' ? 'order.transfer_received' : 'order.transfer_returned',
    subject: orderId,
    detail: { amountMicros: amountMicros.toString(), currency, reference, reason },
  });
  if (direction === 'in') await updateOrder(trx, orderId, { provider_ref: reference });
  await bringToWord(
    trx,
    order,
    [
      {
        ...said,
        paidMicros: said.paidMicros + (direction === 'in' ? amountMicros : 0n),
        refundedMicros: said.refundedMicros + (direction === 'out' ? amountMicros : 0n),
      },
    ],
    { actor: caller.actor, now },
  );
  if (order.kind === 'period') await advanceSubscription(trx, deps, caller.accountId, now);
  const settled = await findOrder(trx, orderId);
  if (settled === undefined) throw refuse('order_not_found');
  return settled;
}

export interface Adjustment {
  /** Above 0 in, below 0 out. */
  readonly amountMicros: bigint;
  readonly unit: Unit;
  /** The same one again is the same adjustment. */
  readonly reference: string;
  readonly reason: string;
}

/** Corrects a balance by hand. Throws `OperationRefused` for a reference that was used with another amount. */
export async function adjustBalance(
  trx: Trx,
  caller: Caller,
  { amountMicros, unit, reference, reason }: Adjustment,
): Promise<{ readonly isNew: boolean }> {
  const { accountId } = caller;
  const isNew = await book(trx, 'adjust', { accountId, unit, amountMicros, reference });
  if (!isNew) {
    const booked = await bookedUnder(trx, 'adjust', reference);
    if (booked?.available_micros === amountMicros && booked.unit === unit) return { isNew };
    throw refuse('reference_reused', {}, { field: 'reference' });
  }
  await writeAudit(trx, {
    ...caller,
    action: 'account.adjusted',
    subject: accountId,
    detail: { unit, amountMicros: amountMicros.toString(), reference, reason },
  });
  await wakeDispatchers(trx);
  return { isNew };
}
