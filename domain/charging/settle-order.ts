import { type Database, databaseNow, inAccount, type Trx } from '../../db/client.ts';
import { book, type BookingKind } from '../billing/queries-bookings.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { wakeDispatchers } from '../shared/queries-notify.ts';
import type { OrderPayment } from './charging-port.ts';
import { lockCharging, lockOrder, type OrderRow, updateOrder } from './queries-orders.ts';
import { type PaymentWord, settle, type Settlement } from './rules/settle.ts';
import { nextAskMs } from './rules/when-to-ask.ts';

/** Paid in the last second of its page, and told later: not over before that. */
const lateMs = 3_600_000;

/** Brings the ledger to what the provider says of an order. The caller has locked the order. */
export async function bringToWord(
  trx: Trx,
  order: OrderRow,
  payments: readonly (PaymentWord & { readonly paidAtMs?: number | undefined })[],
  { actor, now }: { readonly actor: string; readonly now: Date },
): Promise<Settlement> {
  const settled = settle(booksOf(order), payments);
  await bookAll(trx, order, settled);
  const paidAtMs = Math.min(
    ...payments.flatMap(({ paidAtMs }) => (paidAtMs === undefined ? [] : [paidAtMs])),
  );
  const firstPaid = Number.isFinite(paidAtMs) ? new Date(paidAtMs) : now;
  const isPaid = settled.standingMicros > 0n;
  const { word, problem } = settled;
  const isNewProblem = problem !== null && problem.code !== order.problem;
  await updateOrder(trx, order.id, {
    paid_micros: word.paidMicros,
    refunded_micros: word.refundedMicros,
    disputed_micros: word.disputedMicros,
    lost_micros: word.lostMicros,
    bookings: order.bookings + settled.bookings.length,
    credited_micros: settled.creditedMicros,
    refunded_credit_micros: settled.refundedCreditMicros,
    disputed_credit_micros: settled.disputedCreditMicros,
    paid_at: order.paid_at ?? (isPaid ? firstPaid : null),
    state: stateOf(order, settled, now),
    problem: problem?.code ?? null,
    problem_detail: problem?.detail ?? null,
    problem_at: problem === null ? null : isNewProblem ? now : (order.problem_at ?? now),
  });
  if (settled.bookings.length > 0 || isNewProblem) {
    await writeAudit(trx, {
      accountId: order.account_id,
      actor,
      action: settled.bookings.length > 0 ? 'order.booked' : 'order.problem',
      subject: order.id,
      detail: {
        bookings: settled.bookings.map(({ kind, amountMicros }) => ({
          kind,
          amountMicros: amountMicros.toString(),
        })),
        unit: order.credit_unit,
        paidMicros: word.paidMicros.toString(),
        refundedMicros: word.refundedMicros.toString(),
        disputedMicros: word.disputedMicros.toString(),
        lostMicros: word.lostMicros.toString(),
        problem: problem?.code ?? null,
      },
    });
  }
  return settled;
}

/** What an order has in the ledger, and what its provider said last. */
export function booksOf(order: OrderRow): Parameters<typeof settle>[0] {
  return {
    chargeMicros: order.charge_micros,
    chargeCurrency: order.charge_currency,
    creditMicros: order.credit_micros,
    creditIsDue: order.credit_is_due,
    creditKind: creditKindOf(order),
    wasPaid: order.paid_at !== null,
    creditedMicros: order.credited_micros,
    refundedCreditMicros: order.refunded_credit_micros,
    disputedCreditMicros: order.disputed_credit_micros,
    expiredMicros: order.expired_micros,
  };
}

const creditKindOf = (order: OrderRow): 'top_up' | 'grant' => (order.kind === 'period' ? 'grant' : 'top_up');

/** All that was said of an order as one payment: for what is settled without asking. */
export function saidOf(order: OrderRow): PaymentWord {
  return {
    id: order.provider_ref ?? order.id,
    paidMicros: order.paid_micros,
    refundedMicros: order.refunded_micros,
    disputedMicros: order.disputed_micros,
    lostMicros: order.lost_micros,
    currency: order.charge_currency,
  };
}

async function bookAll(trx: Trx, order: OrderRow, { bookings }: Settlement): Promise<void> {
  let number = order.bookings;
  for (const { kind, amountMicros } of bookings) {
    number += 1;
    const isNew = await book(trx, kind satisfies BookingKind, {
      accountId: order.account_id,
      unit: order.credit_unit,
      amountMicros,
      reference: `order:${order.id}:${number}`,
    });
    // The row counts its bookings behind its own lock: another one of this number was made past it.
    if (!isNew) throw new Error(`order ${order.id} has a booking ${number} that its row does not know`);
  }
  // Who waits for credit goes on; and whoever has none any more is found by the next round.
  if (bookings.length > 0) await wakeDispatchers(trx);
}

function stateOf(order: OrderRow, settled: Settlement, now: Date): OrderRow['state'] {
  if (settled.standingMicros > 0n) return 'paid';
  if (settled.wasPaid) return 'returned';
  if (order.state === 'open' && now.getTime() > order.payable_until.getTime() + lateMs) return 'expired';
  return order.state;
}

export interface Asked {
  readonly accountId: string;
  readonly orderId: string;
  /** The number of the question. */
  readonly asks: bigint;
  /** Until when it was this asker's. */
  readonly claimedUntil: Date;
}

/**
 * Books what an answer says, unless somebody has asked later: the older of two answers must not undo the newer. Returns the
 * settled order, undefined when the answer came too late.
 */
export async function settleAnswer(
  app: Database,
  asked: Asked,
  payments: readonly OrderPayment[],
  after: (trx: Trx, order: OrderRow, now: Date) => Promise<void>,
): Promise<Settlement | undefined> {
  return inAccount(app, asked.accountId, async (trx) => {
    await lockCharging(trx, asked.accountId);
    const order = await lockOrder(trx, asked.orderId);
    if (order === undefined || order.asks !== asked.asks) return undefined;
    const now = await databaseNow(trx);
    const settled = await bringToWord(trx, order, payments, { actor: order.provider, now });
    await after(trx, order, now);
    await planNextAsk(trx, asked, now);
    return settled;
  });
}

/** Unless an event has asked for an earlier one meanwhile. */
async function planNextAsk(trx: Trx, { orderId, claimedUntil }: Asked, now: Date): Promise<void> {
  const order = await lockOrder(trx, orderId);
  if (order === undefined) return;
  const nextMs =
    order.provider === 'transfer'
      ? null
      : nextAskMs(
          {
            createdAtMs: order.created_at.getTime(),
            payableUntilMs: order.payable_until.getTime(),
            paidAtMs: order.paid_at?.getTime(),
            isDisputed: order.disputed_micros > 0n,
            hasProblem: order.problem !== null,
          },
          now.getTime(),
        );
  const isOurs = order.ask_at?.getTime() === claimedUntil.getTime();
  await updateOrder(trx, orderId, {
    asked_at: now,
    ...(isOurs ? { ask_at: nextMs === null ? null : new Date(nextMs) } : {}),
  });
}
