import { randomUUID } from 'node:crypto';
import { instantOf, isLive, type LoadedContact, loadContact } from '../contacts/read-contact.ts';
import {
  attemptOfAgreement,
  type Instalment,
  instalmentsOf,
  type LockedAgreement,
  lockAgreement,
} from '../negotiation/queries.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { writeRefusal } from '../contacts/queries.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { readContactSettled } from '../payments/queries-debts.ts';
import { paidSince } from '../payments/queries-paid.ts';
import { takeOfBudget } from '../billing/queries-budgets.ts';
import { hold, tariffAt } from '../billing/queries-ledger.ts';
import { countMessage } from '../policy/queries-limits.ts';
import { lockPerson } from '../people/queries.ts';
import { findMessage, insertMessage, lockMessage, messagePriceAt } from './queries.ts';
import { isChannelClosed } from './queries-channel.ts';
import { judgeContact } from '../policy/contact-policy.ts';
import { readEvidence } from '../calls/call-session.ts';
import { localDayOf } from '../policy/rules/calendar.ts';
import type { Mode } from '../shared/rules/mode.ts';
import type { MessageState } from './rules/status.ts';
import { phoneOf, wordsOf } from './queries-reached.ts';

export interface SendLinkInput {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly run: number;
  readonly mode: Mode;
  readonly nowMs: number;
  readonly agreementId: string;
}

/** A message that may be sent: its row stands, it counts, and its price is held. */
export interface ClearedMessage {
  readonly messageId: string;
  readonly phone: string;
  readonly name: string;
  readonly creditor: string;
  readonly instalment: Instalment;
  /** Of the instalment, what is still to be paid. */
  readonly amountMicros: bigint;
  readonly currency: string;
  /** ISO 3166, of the person: how amounts are written there. */
  readonly country: string;
  readonly at: Date;
  readonly deadlineAt: Date;
}

export type Clearing =
  | { readonly kind: 'cleared'; readonly message: ClearedMessage }
  /** This instalment's message was made before: never a second one. */
  | {
      readonly kind: 'before';
      readonly messageId: string;
      readonly state: MessageState;
      readonly failure: string | null;
    }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly rule: string;
      readonly notBeforeMs: number | null;
    };

/** Link and message together must have left by then. */
export const sendWindowMs = 18_000;
const hourMs = 3_600_000;

/**
 * Everything that must hold before a message is sent, and its row, count and hold, in one transaction under the
 * person's lock: a call, a payment and a message of one person take turns. A refusal is a row with its reason.
 */
export async function clearMessage(
  app: Database,
  input: SendLinkInput,
  simulatedChannel: boolean,
): Promise<Clearing> {
  try {
    return await inAccount(app, input.accountId, (trx) => clear(trx, input, simulatedChannel));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A transaction of its own: the one that found out has taken back the message that could not be paid.
    return inAccount(app, input.accountId, (trx) => writeDown(trx, input, error));
  }
}

class Refusal extends Error {
  readonly reason: string;
  readonly notBeforeMs: number | null;

  constructor(reason: string, rule: string, notBeforeMs: number | null) {
    super(rule);
    this.reason = reason;
    this.notBeforeMs = notBeforeMs;
  }
}

async function clear(trx: Trx, input: SendLinkInput, simulatedChannel: boolean): Promise<Clearing> {
  const { personId } = await loadContact(trx, input.contactId);
  await lockPerson(trx, personId);
  const at = await instantOf(trx, input);
  const due = await dueNow(trx, input, at);
  const idempotencyKey = `${input.agreementId}:${due.instalment.number}`;
  const before = await findMessage(trx, { idempotencyKey });
  if (before !== undefined) {
    const { state, failure } = await lockMessage(trx, before.id);
    return { kind: 'before', messageId: before.id, state, failure };
  }
  const loaded = await loadContact(trx, input.contactId);
  await requireGoing(trx, input, loaded, at);
  const phone = await phoneOf(trx, personId, due.attemptId);
  if (phone === undefined) throw new Refusal('phone_invalid', 'the person has no valid number', null);
  const verdict = await judgeContact(trx, {
    personId,
    phoneId: phone.id,
    channel: { kind: 'whatsapp', isClosed: await isChannelClosed(trx, phone.id) },
    terms: { pack: loaded.pack, callsPerDay: loaded.policy.callsPerDay },
    zones: loaded.zones,
    atMs: at.getTime(),
    latestMs: at.getTime() + (isLive(input) ? sendWindowMs : 0),
    requestedByPerson: due.requested,
    simulated: simulatedChannel || !isLive(input),
  });
  if (!verdict.allowed) throw new Refusal(verdict.reason, verdict.rule, verdict.notBeforeMs);
  const [zone] = loaded.zones;
  const messageId = randomUUID();
  const deadlineAt = new Date(at.getTime() + sendWindowMs);
  await insertMessage(trx, {
    ...input,
    id: messageId,
    personId,
    phoneId: phone.id,
    instalmentNo: due.instalment.number,
    requestedByPerson: due.requested,
    packKey: loaded.pack.key,
    packVersion: loaded.pack.version,
    zone,
    localDay: localDayOf(zone, at.getTime()),
    at,
    deadlineAt,
    idempotencyKey,
  });
  await holdPrice(trx, input, messageId, at);
  await countMessage(trx, {
    ...input,
    id: messageId,
    personId,
    channel: 'whatsapp',
    at,
    requested: due.requested,
  });
  if (verdict.waived.length > 0) {
    await writeAudit(trx, {
      accountId: input.accountId,
      actor: 'message gate',
      action: 'message.limits_waived',
      subject: messageId,
      detail: { because: 'the person asked for it on the call', waived: verdict.waived },
    });
  }
  const { name, creditor } = await wordsOf(trx, personId, input.contactId);
  const { instalment, amountMicros } = due;
  const currency = due.agreement.currency;
  const { country } = loaded;
  const message = { messageId, phone: phone.e164, name, creditor, instalment, amountMicros, currency };
  return { kind: 'cleared', message: { ...message, country, at, deadlineAt } };
}

async function writeDown(trx: Trx, input: SendLinkInput, refusal: Refusal): Promise<Clearing> {
  const { reason, message: rule, notBeforeMs } = refusal;
  const at = await instantOf(trx, input);
  await writeRefusal(trx, {
    accountId: input.accountId,
    batchId: input.batchId,
    contactId: input.contactId,
    // A second look on another day is a refusal of its own.
    requestId: `message:${input.agreementId}:${Math.floor(at.getTime() / hourMs)}`,
    waveKey: 'message',
    channel: 'whatsapp',
    reason,
    rule,
    at,
  });
  return { kind: 'refused', reason, rule, notBeforeMs };
}

interface Due {
  readonly agreement: LockedAgreement;
  readonly attemptId: string | null;
  readonly instalment: Instalment;
  readonly amountMicros: bigint;
  /** The person asked for this link on the call in which they agreed. */
  readonly requested: boolean;
}

/** The first instalment that the money since the agreement does not reach, and what of it is missing. */
async function dueNow(trx: Trx, { agreementId }: SendLinkInput, at: Date): Promise<Due> {
  const agreement = await lockAgreement(trx, agreementId);
  if (agreement?.state !== 'open') {
    throw new Refusal('agreement_not_open', `the agreement is ${agreement?.state ?? 'not there'}`, null);
  }
  const paidMicros = await paidSince(trx, agreement, at);
  let coveredMicros = 0n;
  for (const instalment of await instalmentsOf(trx, agreementId)) {
    const untilMicros = coveredMicros + instalment.amountMicros;
    if (paidMicros < untilMicros) {
      const amountMicros = untilMicros - (paidMicros > coveredMicros ? paidMicros : coveredMicros);
      const attemptId = await attemptOfAgreement(trx, agreementId);
      const evidence = attemptId === null ? undefined : await readEvidence(trx, attemptId);
      const requested = instalment.number === 1 && evidence?.askedForLink === true;
      return { agreement, attemptId, instalment, amountMicros, requested };
    }
    coveredMicros = untilMicros;
  }
  throw new Refusal('debt_settled', 'everything that was agreed has been paid', null);
}

async function requireGoing(trx: Trx, input: SendLinkInput, loaded: LoadedContact, at: Date): Promise<void> {
  if (loaded.state === 'closed') throw new Refusal('contact_closed', 'the contact is closed', null);
  if (loaded.batchState === 'paused') {
    throw new Refusal('batch_paused', 'the batch is paused', at.getTime() + hourMs);
  }
  if (loaded.batchState !== 'running') {
    throw new Refusal('batch_not_running', `the batch is ${loaded.batchState}`, null);
  }
  if (loaded.stopReason !== null) {
    throw new Refusal('stopped', `the person is out of it: ${loaded.stopReason}`, null);
  }
  // A rehearsal's payments are rows before their day: there the agreement alone says what is still to come.
  if (isLive(input) && (await readContactSettled(trx, loaded.id))) {
    throw new Refusal('debt_settled', 'everything has been paid', null);
  }
}

/** The worst case of one message, which is its price. */
async function holdPrice(trx: Trx, input: SendLinkInput, messageId: string, at: Date): Promise<void> {
  const price = await messagePriceAt(trx, input.accountId, at);
  if (price === undefined) {
    throw new Refusal('no_tariff', 'the account has no price for messages', null);
  }
  const { plan } = await tariffAt(trx, input.accountId, at);
  const held = await hold(trx, {
    accountId: input.accountId,
    requestId: messageId,
    isMessage: true,
    plan,
    unit: price.unit,
    rateMicrosPerMinute: 0n,
    amountMicros: price.priceMicros,
  });
  if (held === undefined) {
    throw new Refusal('no_credit', 'the balance did not cover one message', at.getTime() + hourMs);
  }
  const { batchId } = input;
  if (!(await takeOfBudget(trx, { batchId, unit: price.unit, amountMicros: price.priceMicros }))) {
    throw new Refusal(
      'no_budget',
      'what is left of the budget of the batch did not cover one message',
      at.getTime() + hourMs,
    );
  }
}
