import type { Trx } from '../../db/client.ts';
import type { PaymentSource } from '../../db/schema/negotiation.ts';
import { sayAmount } from '../contacts/rules/spoken.ts';
import { lockPerson } from '../people/queries.ts';
import { refuse } from '../shared/refused.ts';
import { openTask } from '../tasks/tasks.ts';
import { emitPayment, outcomeOf, type RecordedPayment, requireCoins, spreadOver } from './payments.ts';
import { currentDebts, lastContactClosedAsPaid } from './queries-debts.ts';
import { discountsOf } from './queries-paid.ts';
import {
  type AllocationRow,
  correctionsOf,
  findPayment,
  findPaymentById,
  insertAllocations,
  insertPayment,
  standingAllocations,
  type StoredPayment,
} from './queries.ts';
import { takenBack } from './rules/take-back.ts';

/** Who corrects a payment, and when. */
interface Correction {
  readonly accountId: string;
  readonly source: PaymentSource;
  readonly at: Date;
}

export interface Reversal extends Correction {
  /** Of the payment that is taken back. */
  readonly externalId: string;
  /** Of the taking back, among those of this payment: the same one is the same reversal. Null: all of it, once. */
  readonly reversalId: string | null;
  /** Null: all that stands of it. */
  readonly amountMicros: bigint | null;
}

/**
 * Takes a payment, or a part of it, back: a row of its own with opposite allocations. A discount that is not earned
 * without it goes too, and no other (docs/decisions/0034). Repeating it changes nothing. Refused (`OperationRefused`): an
 * unknown payment, more than stands of it, and a part without a number of its own, which nobody could know again.
 */
export async function reversePayment(trx: Trx, reversal: Reversal): Promise<RecordedPayment> {
  const { externalId, amountMicros, reversalId } = reversal;
  const found = await findPayment(trx, externalId);
  if (found === undefined) throw refuse('payment_unknown', { externalId }, { field: 'external_id' });
  await lockPerson(trx, found.person_id);
  const corrections = await correctionsOf(trx, found.id);
  const standing = standingOf(found, corrections);
  const debts = await currentDebts(trx, found.person_id);
  const known = corrections.find(({ external_id }) => external_id === reversalId);
  const isWhole = amountMicros === null || amountMicros === found.amount_micros;
  if (known !== undefined) {
    if (amountMicros !== null && known.amount_micros !== amountMicros) {
      const before = sayAmount(known.amount_micros, known.currency);
      throw refuse(
        'reversal_differs',
        { reversalId: known.external_id, amountEn: before.en, amountEs: before.es },
        { field: 'reversal_id' },
      );
    }
    return outcomeOf(known.id, true, 0n, found.currency, debts);
  }
  const last = corrections.at(-1);
  if (reversalId === null && isWhole && standing.amountMicros === 0n && last !== undefined) {
    return outcomeOf(last.id, true, 0n, found.currency, debts);
  }
  if (reversalId === null && !isWhole) throw refuse('reversal_unnumbered', {}, { field: 'reversal_id' });
  const wanted = amountMicros ?? standing.amountMicros;
  if (wanted > standing.amountMicros || wanted === 0n) throw exceeds(found, standing.amountMicros);
  requireCoins({ amountMicros: wanted, currency: found.currency });
  return correct(trx, reversal, found, { wantedMicros: -wanted, number: reversalId, standing });
}

export interface StandingOrder extends Correction {
  readonly externalId: string;
  /** What stands of the payment now, by whoever moves the money. */
  readonly netMicros: bigint;
}

/**
 * Brings what stands of a recorded payment to what its provider says: a part that was given back is taken back, and what
 * was approved again after a chargeback is booked again. Undefined: it stood so already.
 */
export async function bringToNet(
  trx: Trx,
  order: StandingOrder,
): Promise<'reversed' | 'restored' | undefined> {
  const found = await findPayment(trx, order.externalId);
  if (found === undefined) throw new Error(`payment ${order.externalId} is to be corrected and not recorded`);
  await lockPerson(trx, found.person_id);
  const standing = standingOf(found, await correctionsOf(trx, found.id));
  const net = order.netMicros < 0n ? 0n : order.netMicros;
  const wantedMicros = (net > found.amount_micros ? found.amount_micros : net) - standing.amountMicros;
  if (wantedMicros === 0n) return undefined;
  await correct(trx, order, found, { wantedMicros, number: null, standing });
  return wantedMicros < 0n ? 'reversed' : 'restored';
}

interface Standing {
  readonly amountMicros: bigint;
  /** Of that, what paid no debt. */
  readonly unallocatedMicros: bigint;
  /** How often it was corrected. */
  readonly corrections: number;
}

function standingOf(payment: StoredPayment, corrections: readonly StoredPayment[]): Standing {
  let { amount_micros: amountMicros, unallocated_micros: unallocatedMicros } = payment;
  for (const { kind, amount_micros, unallocated_micros } of corrections) {
    const sign = kind === 'reversal' ? -1n : 1n;
    amountMicros += sign * amount_micros;
    unallocatedMicros += sign * unallocated_micros;
  }
  return { amountMicros, unallocatedMicros, corrections: corrections.length };
}

interface Change {
  /** Below 0: taken back. */
  readonly wantedMicros: bigint;
  readonly number: string | null;
  readonly standing: Standing;
}

/** One correction with all that follows of it: discounts, event, signals, and a task where a contact had ended. */
async function correct(
  trx: Trx,
  by: Correction,
  payment: StoredPayment,
  change: Change,
): Promise<RecordedPayment> {
  const { person_id: personId, currency } = payment;
  const before = await discountsOf(trx, personId, currency);
  const isReversal = change.wantedMicros < 0n;
  const made = await (isReversal ? takeBack : bookAgain)(trx, by, payment, change);
  const earnedBefore = new Map(before.map(({ id, isEarned }) => [id, isEarned]));
  for (const { id, isEarned } of await discountsOf(trx, personId, currency)) {
    if (isEarned !== earnedBefore.get(id)) await correctDiscount(trx, by, id, isEarned);
  }
  const debts = await currentDebts(trx, personId);
  await emitPayment(trx, isReversal ? 'payment.reversed' : 'payment.recorded', {
    paymentId: made.id,
    ofPaymentId: payment.id,
    row: made.row,
    debts,
  });
  if (isReversal) await handOverClosed(trx, by, { personId, ...made });
  return outcomeOf(made.id, false, isReversal ? 0n : made.row.unallocatedMicros, currency, debts);
}

type Row = Parameters<typeof insertPayment>[1];

interface Made {
  readonly id: string;
  readonly row: Row;
  readonly debtIds: readonly string[];
}

/** What was over is given back first, then what the newest of its debts had of it. */
async function takeBack(trx: Trx, by: Correction, payment: StoredPayment, change: Change): Promise<Made> {
  const { standing, wantedMicros, number } = change;
  const back = takenBack(
    -wantedMicros,
    standing.unallocatedMicros,
    await standingAllocations(trx, payment.id),
  );
  const row: Row = {
    ...rowOf(by, payment, numberOf(payment, 'reversal', change), -wantedMicros),
    ...(number === null ? {} : { externalId: number }),
    kind: 'reversal',
    reversesId: payment.id,
    unallocatedMicros: back.unallocatedMicros,
  };
  return write(trx, row, back.allocations);
}

/** Spread anew: what it had paid may have been paid otherwise since. What is forgiven again is never more than is owed. */
async function bookAgain(trx: Trx, by: Correction, payment: StoredPayment, change: Change): Promise<Made> {
  const { person_id: personId, currency, reference, agreement_id: agreementId } = payment;
  const debts = await currentDebts(trx, personId);
  const money = { amountMicros: change.wantedMicros, currency, reference, agreementId };
  const { allocations, unallocatedMicros } = await spreadOver(trx, money, debts);
  const isForgiven = payment.kind === 'write_off';
  const amountMicros = isForgiven ? change.wantedMicros - unallocatedMicros : change.wantedMicros;
  const row: Row = {
    ...rowOf(by, payment, numberOf(payment, 'again', change), amountMicros),
    kind: isForgiven ? 'write_off' : 'payment',
    restoresId: payment.id,
    unallocatedMicros: isForgiven ? 0n : unallocatedMicros,
  };
  return write(trx, row, allocations);
}

/** What one agreement forgave goes, or comes again, with what had earned it. */
async function correctDiscount(trx: Trx, by: Correction, id: string, isEarned: boolean): Promise<void> {
  const writeOff = await findPaymentById(trx, id);
  if (writeOff === undefined) throw new Error(`the write-off ${id} is gone`);
  const standing = standingOf(writeOff, await correctionsOf(trx, id));
  const wantedMicros = (isEarned ? writeOff.amount_micros : 0n) - standing.amountMicros;
  if (wantedMicros === 0n) return;
  await (wantedMicros < 0n ? takeBack : bookAgain)(trx, by, writeOff, {
    wantedMicros,
    number: null,
    standing,
  });
}

async function write(trx: Trx, row: Row, allocations: readonly AllocationRow[]): Promise<Made> {
  const debtIds = allocations.map(({ debtId }) => debtId);
  // Nothing is owed that could be forgiven again.
  if (row.amountMicros === 0n) return { id: '', row, debtIds };
  const id = await insertPayment(trx, row);
  if (id === undefined)
    throw new Error(`correction ${row.externalId} is there already, under the person's lock`);
  await insertAllocations(trx, row.accountId, id, allocations);
  return { id, row, debtIds };
}

function rowOf(by: Correction, payment: StoredPayment, externalId: string, amountMicros: bigint): Row {
  return {
    accountId: by.accountId,
    personId: payment.person_id,
    externalId,
    source: by.source,
    kind: payment.kind,
    reversesId: null,
    restoresId: null,
    agreementId: null,
    amountMicros,
    currency: payment.currency,
    unallocatedMicros: 0n,
    paidAt: by.at,
    reference: null,
  };
}

/** Among those of its payment only, and with a space, which no number that somebody gives has. */
function numberOf({ external_id }: StoredPayment, word: 'reversal' | 'again', { standing }: Change): string {
  const count = standing.corrections === 0 ? '' : ` ${standing.corrections + 1}`;
  return `${external_id.slice(0, 150)} ${word}${count}`;
}

/** A contact that ended because of this money does not go on by itself: somebody is to look. */
async function handOverClosed(
  trx: Trx,
  { accountId, at }: Correction,
  { personId, id, debtIds }: Made & { readonly personId: string },
): Promise<void> {
  const ended = await lastContactClosedAsPaid(trx, personId, debtIds);
  if (ended === undefined) return;
  await openTask(trx, {
    accountId,
    personId,
    contactId: ended,
    attemptId: null,
    kind: 'payment_reversed',
    context: { payment_id: id },
    dedupeKey: `${id}:reversed`,
    openedAt: at,
  });
}

function exceeds({ external_id: externalId, currency }: StoredPayment, standingMicros: bigint) {
  const left = sayAmount(standingMicros, currency);
  return refuse('reversal_exceeds', { externalId, leftEn: left.en, leftEs: left.es }, { field: 'amount' });
}
