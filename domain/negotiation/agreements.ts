import { personOfAgreement } from '../payments/queries-links.ts';
import { policyOfBatch } from './queries.ts';
import { DateTime } from 'luxon';
import {
  type Instalment,
  insertAgreement,
  instalmentsOf,
  type LockedAgreement,
  lockAgreement,
  resolveAgreement,
} from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { readContactSettled } from '../payments/queries-debts.ts';
import { paidSince } from '../payments/queries-paid.ts';
import { lockPerson } from '../people/queries.ts';
import { writeEvent } from '../shared/queries-events.ts';
import type { EventType } from '../shared/rules/events.ts';
import { moneyOf } from '../shared/rules/money.ts';
import type { AgreementTerms } from './rules/types.ts';
import { parsePolicy } from '../policy/rules/parse.ts';
import { weekdayAndDay } from '../shared/rules/written-instants.ts';
import type { AgreementRef } from '../contacts/rules/facts.ts';
import { recordPayment } from '../payments/payments.ts';

export interface AgreementMade {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly personId: string;
  /** The call in which it was made; null: by an operator. */
  readonly attemptId: string | null;
  /** Judged before: see domain/negotiation/rules/judge.ts. */
  readonly terms: AgreementTerms;
  readonly source: 'call' | 'analysis' | 'operator';
  readonly madeAt: Date;
  /** The person's own: a due day ends on their clock. */
  readonly zone: string;
  /** Days that a transfer may take after the due day. */
  readonly graceDays: number;
}

/** The link of an instalment goes out this long before its day, in the morning. */
const linkDaysBefore = 2;
const linkHour = 10;

/** Records what was agreed, in place of the contact's open agreement if it has one, and tells the account's systems. */
export async function makeAgreement(
  trx: Trx,
  made: AgreementMade,
): Promise<{ readonly agreementId: string }> {
  const { terms, zone, graceDays } = made;
  const dayMs = await shortDayMs(trx, made.batchId);
  const checkAtOf = (dueDate: string): Date => {
    const due = DateTime.fromISO(dueDate, { zone }).plus({ days: 1 + graceDays });
    if (dayMs === undefined) return due.startOf('day').toJSDate();
    const today = DateTime.fromJSDate(made.madeAt, { zone }).startOf('day');
    return new Date(made.madeAt.getTime() + Math.round(due.diff(today, 'days').days) * dayMs);
  };
  const agreementId = await insertAgreement(trx, {
    ...made,
    ...terms,
    instalments: terms.instalments.map(({ dueDate, amountMicros }, index) => ({
      number: index + 1,
      dueDate,
      amountMicros,
      checkAt: checkAtOf(dueDate),
    })),
  });
  await writeEvent(trx, {
    accountId: made.accountId,
    type: terms.kind === 'plan' ? 'plan.made' : 'promise.made',
    subject: agreementId,
    occurredAt: made.madeAt,
    data: {
      agreement_id: agreementId,
      contact_id: made.contactId,
      person_id: made.personId,
      attempt_id: made.attemptId,
      total: moneyOf(terms.totalMicros, terms.currency),
      discount: moneyOf(terms.discountMicros, terms.currency),
      instalments: terms.instalments.map(({ dueDate, amountMicros }) => ({
        due_date: dueDate,
        amount: moneyOf(amountMicros, terms.currency),
      })),
    },
  });
  return { agreementId };
}

/** A demonstration's short days; undefined: real ones. */
async function shortDayMs(trx: Trx, batchId: string): Promise<number | undefined> {
  const definition = await policyOfBatch(trx, batchId);
  return parsePolicy(definition).agreementDayMs;
}

/** What the contact is told of an open agreement that was just made: its first due day, and the link at once. */
export async function firstDue(
  trx: Trx,
  agreementId: string,
  zone: string,
  nowMs: number,
): Promise<AgreementRef | undefined> {
  const [first] = await instalmentsOf(trx, agreementId);
  return first === undefined ? undefined : { ...refOf(agreementId, first, zone), linkAtMs: nowMs };
}

function refOf(agreementId: string, { dueDate, checkAt }: Instalment, zone: string): AgreementRef {
  const day = DateTime.fromISO(dueDate, { zone });
  return {
    agreementId,
    checkAtMs: checkAt.getTime(),
    linkAtMs: day.minus({ days: linkDaysBefore }).set({ hour: linkHour }).toMillis(),
    label: weekdayAndDay(day),
  };
}

export interface AgreementNews {
  readonly result: 'settled' | 'kept' | 'open' | 'partly_paid' | 'broken' | 'gone';
  /** What is due next, while it is open. */
  readonly next: AgreementRef | null;
}

/**
 * Has what was agreed been paid? Looks at the money that came in since for its creditors, and resolves the agreement when
 * it is kept or its time is over. A discount is given when everything agreed has been paid. Safe to repeat.
 */
export async function checkAgreement(
  trx: Trx,
  { agreementId, zone, at }: { readonly agreementId: string; readonly zone: string; readonly at: Date },
): Promise<AgreementNews> {
  const personId = await personOfAgreement(trx, agreementId);
  if (personId === undefined) return over('gone');
  // The person first, as payments and ends of calls do: the other way round they would wait for each other.
  await lockPerson(trx, personId);
  const agreement = await lockAgreement(trx, agreementId);
  if (agreement === undefined) return over('gone');
  // Asked again after its answer was lost: what was found then still holds.
  const isSettled = (): Promise<boolean> => readContactSettled(trx, agreement.contact_id);
  if (agreement.state !== 'open') return again(agreement.state, await isSettled());
  const paidMicros = await paidSince(trx, agreement, at);
  if (paidMicros >= agreement.total_micros || (await isSettled())) {
    await keep(trx, agreement, at);
    return over((await isSettled()) ? 'settled' : 'kept');
  }
  const due = await firstUncovered(trx, agreementId, paidMicros);
  if (due === undefined) return over('gone');
  if (due.instalment.checkAt > at) {
    return { result: 'open', next: refOf(agreementId, due.instalment, zone) };
  }
  const state = paidMicros > due.coveredMicros ? 'partly_paid' : 'broken';
  await resolveAgreement(trx, agreementId, state, at);
  await emitEvent(
    trx,
    agreement,
    state === 'broken' ? 'promise.broken' : 'promise.partly_paid',
    at,
    paidMicros,
  );
  return over(state);
}

function over(result: AgreementNews['result']): AgreementNews {
  return { result, next: null };
}

function again(state: LockedAgreement['state'], settled: boolean): AgreementNews {
  if (settled) return over('settled');
  return over(state === 'kept' || state === 'partly_paid' || state === 'broken' ? state : 'gone');
}

/** The first instalment that the money does not reach, and what the earlier ones took. */
async function firstUncovered(
  trx: Trx,
  agreementId: string,
  paidMicros: bigint,
): Promise<{ readonly instalment: Instalment; readonly coveredMicros: bigint } | undefined> {
  let coveredMicros = 0n;
  for (const instalment of await instalmentsOf(trx, agreementId)) {
    if (paidMicros < coveredMicros + instalment.amountMicros) return { instalment, coveredMicros };
    coveredMicros += instalment.amountMicros;
  }
  return undefined;
}

async function keep(trx: Trx, agreement: LockedAgreement, at: Date): Promise<void> {
  await resolveAgreement(trx, agreement.id, 'kept', at);
  if (agreement.discount_micros > 0n) {
    await recordPayment(trx, {
      accountId: agreement.account_id,
      personId: agreement.person_id,
      externalId: `agreement:${agreement.id}`,
      source: 'agreement',
      kind: 'write_off',
      amountMicros: agreement.discount_micros,
      currency: agreement.currency,
      paidAt: at,
      reference: null,
      agreementId: agreement.id,
    });
  }
  await emitEvent(trx, agreement, 'promise.kept', at, agreement.total_micros);
}

async function emitEvent(
  trx: Trx,
  agreement: LockedAgreement,
  type: Extract<EventType, 'promise.kept' | 'promise.partly_paid' | 'promise.broken'>,
  at: Date,
  paidMicros: bigint,
): Promise<void> {
  await writeEvent(trx, {
    accountId: agreement.account_id,
    type,
    subject: agreement.id,
    occurredAt: at,
    data: {
      agreement_id: agreement.id,
      contact_id: agreement.contact_id,
      person_id: agreement.person_id,
      total: moneyOf(agreement.total_micros, agreement.currency),
      paid: moneyOf(paidMicros, agreement.currency),
    },
  });
}
