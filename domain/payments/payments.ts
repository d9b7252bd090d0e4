import type { Trx } from '../../db/client.ts';
import { type CurrentDebt, currentDebts, lastContactClosedAsPaid, openContactsOf } from './queries-debts.ts';
import { type EventType, writeEvent } from '../shared/queries-events.ts';
import { lockPerson } from '../people/queries.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import {
  type AllocationRow,
  allocationsOf,
  findPayment,
  insertAllocations,
  insertPayment,
  type PaymentRow,
  reversalOf,
  type StoredPayment,
  writeOffsSince,
} from './queries.ts';
import type { PaymentSource } from '../../db/schema/negotiation.ts';
import { allocate } from '../negotiation/rules/allocate.ts';
import { sayAmount } from '../contacts/rules/spoken.ts';
import { OperationRefused, refuse } from '../shared/refused.ts';
import { openTask } from '../tasks/tasks.ts';

export interface NewPayment {
  readonly accountId: string;
  readonly personId: string;
  /** Whoever reports it numbers it: the same number is the same payment, from whatever side it comes. */
  readonly externalId: string;
  readonly source: PaymentSource;
  /** write_off: what an agreement forgives; it is never more than is owed. */
  readonly kind: 'payment' | 'write_off';
  readonly amountMicros: bigint;
  readonly currency: string;
  readonly paidAt: Date;
  /** The debt that the payer named; it is paid first. */
  readonly reference: string | null;
}

export interface RecordedPayment {
  /** Null: a write-off where nothing was left to forgive. */
  readonly paymentId: string | null;
  /** It had been recorded before, and nothing changed. */
  readonly duplicate: boolean;
  /** More than the person owed. */
  readonly unallocatedMicros: bigint;
  /** What the person owes after it, in its currency. */
  readonly balanceMicros: bigint;
  /** The person owes nothing any more, in any currency. */
  readonly settled: boolean;
}

/**
 * Records a payment (or what an agreement forgives) and spreads it over the person's debts: under the person's lock, so
 * that a dial in the same second sees it or comes before it. Event and signals to the person's open contacts are of the
 * same transaction. A repeated one changes nothing; the same external id with another amount, currency or person is
 * refused (`OperationRefused`, 409), and so is a payment in a currency in which the person has no debt.
 */
export async function recordPayment(trx: Trx, payment: NewPayment): Promise<RecordedPayment> {
  const { accountId, personId, currency, kind } = payment;
  await lockPerson(trx, personId);
  const debts = await currentDebts(trx, personId);
  const known = await findPayment(trx, payment.externalId);
  if (known !== undefined) return repeated(payment, known, debts);
  requireCurrency(currency, debts);
  const spread = allocate(payment, debts);
  const isForgiven = kind === 'write_off';
  // Forgiving more than is owed would be a debt of the creditor's.
  const amountMicros = isForgiven ? payment.amountMicros - spread.unallocatedMicros : payment.amountMicros;
  if (amountMicros === 0n) return outcomeOf(null, false, 0n, currency, debts);
  const unallocatedMicros = isForgiven ? 0n : spread.unallocatedMicros;
  const row = { ...payment, amountMicros, unallocatedMicros, reversesId: null };
  const paymentId = await insertPayment(trx, row);
  // Another person's payment with this id committed between the look and the insert.
  if (paymentId === undefined) return repeated(payment, await storedOf(trx, payment), debts);
  await insertAllocations(trx, accountId, paymentId, spread.allocations);
  const after = await currentDebts(trx, personId);
  await emitEvent(trx, 'payment.recorded', paymentId, row, after);
  return outcomeOf(paymentId, false, unallocatedMicros, currency, after);
}

export interface Reversal {
  readonly accountId: string;
  /** Of the payment that is taken back. */
  readonly externalId: string;
  /** Of the taking back. Default: made from the payment's. */
  readonly reversalExternalId?: string;
  readonly source: PaymentSource;
  /** Null: not told. Part of a payment cannot be taken back. */
  readonly amountMicros: bigint | null;
  readonly at: Date;
}

/**
 * Takes a payment back: a row of its own with the opposite allocations. What was forgiven since, because of it, is owed
 * again too. Repeating it changes nothing. Refused (`OperationRefused`): an unknown payment, one that is itself a
 * reversal, and part of an amount.
 */
export async function reversePayment(trx: Trx, reversal: Reversal): Promise<RecordedPayment> {
  const { externalId, amountMicros } = reversal;
  const found = await findPayment(trx, externalId);
  if (found === undefined || found.kind !== 'payment') throw unknownPayment(externalId);
  if (amountMicros !== null && amountMicros !== found.amount_micros) throw partOnly(found);
  await lockPerson(trx, found.person_id);
  const known = await reversalOf(trx, found.id);
  const { currency, person_id: personId } = found;
  if (known !== undefined) {
    return outcomeOf(known.id, true, 0n, currency, await currentDebts(trx, personId));
  }
  const forgiven = await writeOffsSince(trx, personId, found.created_at);
  const reversalId = await takeBack(trx, reversal, found, reversal.reversalExternalId);
  for (const writeOff of forgiven) {
    if (writeOff.currency === currency) await takeBack(trx, reversal, writeOff, undefined);
  }
  const after = await currentDebts(trx, personId);
  await emitEvent(trx, 'payment.reversed', reversalId, rowOf(reversal, found, undefined), after);
  await handOverClosed(trx, reversal, { personId, reversalId });
  return outcomeOf(reversalId, false, 0n, currency, after);
}

/** A contact that ended because of this money does not go on by itself: somebody is to look. */
async function handOverClosed(
  trx: Trx,
  { accountId, at }: Reversal,
  { personId, reversalId }: { readonly personId: string; readonly reversalId: string },
): Promise<void> {
  const ended = await lastContactClosedAsPaid(trx, personId);
  if (ended === undefined) return;
  await openTask(trx, {
    accountId,
    personId,
    contactId: ended,
    attemptId: null,
    kind: 'payment_reversed',
    context: { payment_id: reversalId },
    dedupeKey: `${reversalId}:reversed`,
    openedAt: at,
  });
}

async function takeBack(
  trx: Trx,
  reversal: Reversal,
  payment: StoredPayment,
  externalId: string | undefined,
): Promise<string> {
  const id = await insertPayment(trx, rowOf(reversal, payment, externalId));
  if (id === undefined) throw idTaken(externalId ?? `${payment.external_id}:reversal`);
  const back = (await allocationsOf(trx, payment.id)).map(({ debtId, amountMicros }): AllocationRow => ({
    debtId,
    amountMicros: -amountMicros,
  }));
  await insertAllocations(trx, reversal.accountId, id, back);
  return id;
}

function rowOf(reversal: Reversal, payment: StoredPayment, externalId: string | undefined): PaymentRow {
  return {
    accountId: reversal.accountId,
    personId: payment.person_id,
    externalId: externalId ?? `${payment.external_id}:reversal`,
    source: reversal.source,
    kind: 'reversal',
    reversesId: payment.id,
    amountMicros: payment.amount_micros,
    currency: payment.currency,
    // What was over goes back with the rest.
    unallocatedMicros: payment.unallocated_micros,
    paidAt: reversal.at,
    reference: null,
  };
}

/** Event for the account's systems, and a signal to each of the person's contacts. A rehearsal has neither. */
async function emitEvent(
  trx: Trx,
  type: Extract<EventType, 'payment.recorded' | 'payment.reversed'>,
  paymentId: string,
  row: PaymentRow,
  debts: readonly CurrentDebt[],
): Promise<void> {
  const { accountId, personId, currency } = row;
  await writeEvent(trx, {
    accountId,
    type,
    subject: paymentId,
    occurredAt: row.paidAt,
    data: {
      payment_id: paymentId,
      external_id: row.externalId,
      person_id: personId,
      kind: row.kind,
      amount_micros: row.amountMicros.toString(),
      unallocated_micros: row.unallocatedMicros.toString(),
      balance_micros: balanceOf(debts, currency).toString(),
      currency,
    },
  });
  const contacts = await openContactsOf(trx, personId);
  await writeOutbox(
    trx,
    contacts.map(({ contactId, settled }) => ({
      accountId,
      to: { contactId },
      signal: type === 'payment.recorded' ? 'paymentRecorded' : 'paymentReversed',
      payload: type === 'payment.recorded' ? { paymentId, settled } : { paymentId },
    })),
  );
}

function outcomeOf(
  paymentId: string | null,
  duplicate: boolean,
  unallocatedMicros: bigint,
  currency: string,
  debts: readonly CurrentDebt[],
): RecordedPayment {
  return {
    paymentId,
    duplicate,
    unallocatedMicros,
    balanceMicros: balanceOf(debts, currency),
    settled: debts.length > 0 && debts.every(({ balanceMicros }) => balanceMicros === 0n),
  };
}

function balanceOf(debts: readonly CurrentDebt[], currency: string): bigint {
  return debts.reduce((sum, debt) => (debt.currency === currency ? sum + debt.balanceMicros : sum), 0n);
}

async function storedOf(trx: Trx, { externalId }: NewPayment): Promise<StoredPayment> {
  const found = await findPayment(trx, externalId);
  if (found === undefined) throw new Error('a payment was there at the insert and is gone');
  return found;
}

function repeated(payment: NewPayment, known: StoredPayment, debts: readonly CurrentDebt[]): RecordedPayment {
  const isSame =
    known.person_id === payment.personId &&
    known.kind === payment.kind &&
    known.currency === payment.currency;
  // A write-off was cut to what was owed when it was made.
  if (isSame && (payment.kind === 'write_off' || known.amount_micros === payment.amountMicros)) {
    return outcomeOf(known.id, true, known.unallocated_micros, known.currency, debts);
  }
  const before = sayAmount(known.amount_micros, known.currency);
  throw refuse(
    known.person_id === payment.personId ? 'payment_differs' : 'payment_of_another',
    { externalId: payment.externalId, amountEn: before.en, amountEs: before.es },
    { field: 'external_id', extra: { payment_id: known.id } },
  );
}

function requireCurrency(currency: string, debts: readonly CurrentDebt[]): void {
  if (debts.length === 0 || debts.some((debt) => debt.currency === currency)) return;
  const owed = [...new Set(debts.map((debt) => debt.currency))].join(', ');
  throw refuse('currency_differs', { currency, owed }, { field: 'currency' });
}

function unknownPayment(externalId: string): OperationRefused {
  return refuse('payment_unknown', { externalId }, { field: 'external_id' });
}

function partOnly({ external_id: externalId, amount_micros, currency }: StoredPayment): OperationRefused {
  const whole = sayAmount(amount_micros, currency);
  return refuse(
    'reversal_of_a_part',
    { externalId, amountEn: whole.en, amountEs: whole.es },
    { field: 'amount' },
  );
}

function idTaken(externalId: string): OperationRefused {
  return refuse('payment_id_taken', { externalId }, { field: 'external_id' });
}
