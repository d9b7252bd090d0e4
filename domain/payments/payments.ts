import type { Trx } from '../../db/client.ts';
import { type CurrentDebt, creditorsOfAgreement, currentDebts, openContactsOf } from './queries-debts.ts';
import { writeEvent } from '../shared/queries-events.ts';
import type { EventType } from '../shared/rules/events.ts';
import { moneyOf } from '../shared/rules/money.ts';
import { lockPerson } from '../people/queries.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import {
  findPayment,
  findWriteOff,
  insertAllocations,
  insertPayment,
  type PaymentRow,
  type StoredPayment,
} from './queries.ts';
import type { PaymentSource } from '../../db/schema/negotiation.ts';
import { allocate } from '../negotiation/rules/allocate.ts';
import { leastUnitMicros, sayAmount } from '../contacts/rules/spoken.ts';
import { refuse } from '../shared/refused.ts';

export interface NewPayment {
  readonly accountId: string;
  readonly personId: string;
  /** Whoever reports it numbers it: the same number is the same payment, from whatever side it comes. */
  readonly externalId: string;
  readonly source: PaymentSource;
  /** write_off: what an agreement forgives, once; it is never more than is owed. */
  readonly kind: 'payment' | 'write_off';
  readonly amountMicros: bigint;
  readonly currency: string;
  readonly paidAt: Date;
  /** The debt that the payer named: it is paid first, and then what else is owed to its creditor. */
  readonly reference: string | null;
  /** What was agreed and is paid, or forgiven, by this: it goes to the creditors of the agreement. Default: nothing. */
  readonly agreementId?: string | null;
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
  /** The person owes nothing any more, to anybody, in any currency. */
  readonly settled: boolean;
}

/**
 * Records a payment (or what an agreement forgives) and spreads it over the person's debts: under the person's lock, so
 * that a dial in the same second sees it or comes before it. Event and signals to the person's open contacts are of the
 * same transaction. A repeated one changes nothing; the same external id with another amount, currency or person is
 * refused (`OperationRefused`, 409), and so are a currency in which the person has no debt and parts of a coin.
 */
export async function recordPayment(trx: Trx, payment: NewPayment): Promise<RecordedPayment> {
  const { accountId, personId, currency, kind, agreementId = null } = payment;
  await lockPerson(trx, personId);
  const debts = await currentDebts(trx, personId);
  const known = await findKnown(trx, payment);
  if (known !== undefined) return repeated(payment, known, debts);
  requireCurrency(currency, debts);
  if (kind === 'payment') requireCoins(payment);
  const spread = await spreadOver(trx, { ...payment, agreementId }, debts);
  const isForgiven = kind === 'write_off';
  // Forgiving more than is owed would be a debt of the creditor's.
  const amountMicros = isForgiven ? payment.amountMicros - spread.unallocatedMicros : payment.amountMicros;
  if (amountMicros === 0n) return outcomeOf(null, false, 0n, currency, debts);
  const unallocatedMicros = isForgiven ? 0n : spread.unallocatedMicros;
  const row = {
    ...payment,
    agreementId,
    amountMicros,
    unallocatedMicros,
    reversesId: null,
    restoresId: null,
  };
  const paymentId = await insertPayment(trx, row);
  // Another person's payment with this id committed between the look and the insert.
  if (paymentId === undefined) return repeated(payment, await storedOf(trx, payment), debts);
  await insertAllocations(trx, accountId, paymentId, spread.allocations);
  const after = await currentDebts(trx, personId);
  await emitPayment(trx, 'payment.recorded', { paymentId, ofPaymentId: paymentId, row, debts: after });
  return outcomeOf(paymentId, false, unallocatedMicros, currency, after);
}

/** Money for one creditor never pays another's debt: what was agreed, or the debt that was named, says whose it is. */
export async function spreadOver(
  trx: Trx,
  money: {
    readonly amountMicros: bigint;
    readonly currency: string;
    readonly reference: string | null;
    readonly agreementId: string | null;
  },
  debts: readonly CurrentDebt[],
): Promise<ReturnType<typeof allocate>> {
  const { agreementId, reference } = money;
  if (agreementId !== null) {
    const creditors = await creditorsOfAgreement(trx, agreementId);
    return allocate(
      money,
      debts.filter(({ creditorId }) => creditors.has(creditorId)),
    );
  }
  const named = debts.filter((debt) => reference !== null && debt.reference === reference);
  const theirs = debts.filter((debt) => named.some(({ creditorId }) => creditorId === debt.creditorId));
  return allocate(money, named.length === 0 ? debts : theirs);
}

/** Event for the account's systems, and a signal to each of the person's contacts. A rehearsal has neither. */
export async function emitPayment(
  trx: Trx,
  type: Extract<EventType, 'payment.recorded' | 'payment.reversed'>,
  {
    paymentId,
    ofPaymentId,
    row,
    debts,
  }: {
    readonly paymentId: string;
    /** The payment that was recorded first; its own id unless this one corrects it. */
    readonly ofPaymentId: string;
    readonly row: PaymentRow;
    readonly debts: readonly CurrentDebt[];
  },
): Promise<void> {
  const { accountId, personId, currency } = row;
  await writeEvent(trx, {
    accountId,
    type,
    subject: paymentId,
    occurredAt: row.paidAt,
    data: {
      payment_id: paymentId,
      of_payment_id: ofPaymentId,
      external_id: row.externalId,
      person_id: personId,
      kind: row.kind,
      amount: moneyOf(row.amountMicros, currency),
      unallocated: moneyOf(row.unallocatedMicros, currency),
      balance: moneyOf(balanceOf(debts, currency), currency),
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

export function outcomeOf(
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

/** A payment by its number, which whoever reports it gives; what was forgiven by its agreement. */
async function findKnown(trx: Trx, { kind, externalId, agreementId = null }: NewPayment) {
  if (kind === 'payment') return findPayment(trx, externalId);
  return agreementId === null ? undefined : findWriteOff(trx, agreementId);
}

async function storedOf(trx: Trx, payment: NewPayment): Promise<StoredPayment> {
  const found = await findKnown(trx, payment);
  if (found === undefined) throw new Error('a payment was there at the insert and is gone');
  return found;
}

function repeated(payment: NewPayment, known: StoredPayment, debts: readonly CurrentDebt[]): RecordedPayment {
  const isSame = known.person_id === payment.personId && known.currency === payment.currency;
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

/** Nobody pays a part of a coin: behind every door, so that what a file refuses no other door takes. */
export function requireCoins({
  amountMicros,
  currency,
}: {
  readonly amountMicros: bigint;
  readonly currency: string;
}): void {
  if (amountMicros > 0n && amountMicros % leastUnitMicros(currency) === 0n) return;
  throw refuse('amount_not_payable', { currency }, { field: 'amount' });
}

function requireCurrency(currency: string, debts: readonly CurrentDebt[]): void {
  if (debts.length === 0 || debts.some((debt) => debt.currency === currency)) return;
  const owed = [...new Set(debts.map((debt) => debt.currency))].join(', ');
  throw refuse('currency_differs', { currency, owed }, { field: 'currency' });
}
