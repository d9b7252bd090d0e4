import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { newestOpenContact } from './queries-open-contact.ts';
import { ownAccount } from '../shared/queries-account.ts';
import { databaseNow, type Trx } from '../../db/client.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import { normalisePhones } from '../people/rules/phone.ts';
import type { Remark } from '../people/rules/result.ts';
import type { SaidWish } from '../contacts/rules/wish.ts';
import type { StopReason } from '../contacts/rules/outcomes.ts';
import { canonicalNationalId, findPayer } from '../payments/payers.ts';
import { reversePayment } from '../payments/corrections.ts';
import { type RecordedPayment, recordPayment } from '../payments/payments.ts';
import { requirePlausible } from '../payments/plausible.ts';
import { OperationRefused, refuse } from '../shared/refused.ts';
import { blockPerson } from '../people/blocks.ts';
import { removePerson, suppressNumber } from '../people/removals.ts';
import { type RequestedBy, resolveWish, type WishAnswer } from '../contacts/reschedule-wish.ts';
import { lockPerson } from '../people/queries.ts';
import { stopPerson } from '../people/stops.ts';

/**
 * Verifies a Standard Webhooks signature on the raw body; false for a missing, wrong or late one (five minutes), and for every one
 * while the secret is none.
 */
export function isSignedInbound(
  secret: string,
  rawBody: string,
  headers: { readonly id: string; readonly timestamp: string; readonly signature: string },
): boolean {
  const webhook = openWebhook(secret);
  if (webhook === undefined) return false;
  try {
    webhook.verify(rawBody, {
      'webhook-id': headers.id,
      'webhook-timestamp': headers.timestamp,
      'webhook-signature': headers.signature,
    });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

function openWebhook(secret: string): Webhook | undefined {
  try {
    return new Webhook(secret);
  } catch {
    return undefined;
  }
}

export interface PaymentSaid {
  readonly externalId: string;
  readonly nationalId: string | null;
  readonly checkDigit?: string | undefined;
  readonly reference: string | null;
  readonly amountMicros: bigint;
  /** Null: the account's own. */
  readonly currency: string | null;
  /** Null: now. */
  readonly paidAt: Date | null;
}

/** Records a payment that an outside system or an operator tells of. Throws `OperationRefused`; nothing is half done. */
export async function receivePayment(
  trx: Trx,
  accountId: string,
  source: 'api' | 'webhook' | 'file',
  said: PaymentSaid,
): Promise<RecordedPayment> {
  const payer = await findPayer(trx, said);
  const { debt_currency: own } = await ownAccount(trx);
  const currency = said.currency ?? own;
  const now = await databaseNow(trx);
  await requirePlausible(trx, { ...said, currency, personId: payer.personId }, now);
  return recordPayment(trx, {
    accountId,
    personId: payer.personId,
    externalId: said.externalId,
    source,
    kind: 'payment',
    amountMicros: said.amountMicros,
    currency,
    paidAt: said.paidAt ?? now,
    reference: payer.reference,
  });
}

export async function receiveReversal(
  trx: Trx,
  accountId: string,
  source: 'api' | 'webhook',
  said: {
    readonly externalId: string;
    readonly reversalId: string | null;
    readonly amountMicros: bigint | null;
  },
): Promise<RecordedPayment> {
  return reversePayment(trx, { accountId, source, ...said, at: await databaseNow(trx) });
}

export interface WishSaid {
  /** Null: the newest open contact of the person. */
  readonly contactId: string | null;
  readonly nationalId: string | null;
  readonly wish: SaidWish;
  readonly requestedBy: RequestedBy;
}

/** A wish of an outside system: kept and answered like every other; the contact learns of an agreed one by a signal. */
export async function receiveWish(trx: Trx, accountId: string, said: WishSaid): Promise<WishAnswer> {
  const contact = await openContact(trx, said);
  const answer = await resolveWish(trx, {
    accountId,
    contactId: contact.id,
    attemptId: null,
    source: 'webhook',
    requestedBy: said.requestedBy,
    wish: said.wish,
    at: await databaseNow(trx),
  });
  if (!answer.ok) return answer;
  await writeOutbox(trx, [
    {
      accountId,
      to: { contactId: contact.id },
      signal: 'rescheduleAgreed',
      payload: { slot: answer.slot, requestId: answer.requestId },
    },
  ]);
  return answer;
}

async function openContact(
  trx: Trx,
  { contactId, nationalId }: WishSaid,
): Promise<{ readonly id: string; readonly batch_id: string }> {
  const key = nationalId === null ? null : await canonicalNationalId(trx, nationalId);
  const found = await newestOpenContact(trx, { contactId, key });
  if (found === undefined) throw refuse('open_contact_not_found');
  if (found.blocked_at !== null) throw refuse('person_blocked');
  if (!found.unwanted && found.stopped_at === null) return found;
  throw refuse('do_not_call');
}

/** A request of somebody not to be contacted, as it was told: any of it is enough. */
export interface RemovalSaid {
  readonly nationalId: string | null;
  readonly checkDigit?: string | undefined;
  /** As they were written, each perhaps several; by the field or the column that each came in. */
  readonly phones: readonly { readonly field: string; readonly text: string }[];
  readonly reason?: string | undefined;
}

export interface Removed {
  /** False: all of it had been said before. */
  readonly changed: boolean;
  /** What of it could not be read, with its field; the rest holds. */
  readonly unread: readonly OperationRefused[];
}

/**
 * Who asked by another channel not to be contacted. It holds for whatever of it can be read: a phone that is none does not
 * undo the removal of the person. Throws `OperationRefused` when nothing can be.
 */
export async function receiveRemoval(
  trx: Trx,
  accountId: string,
  source: 'api' | 'file',
  { nationalId, checkDigit, phones, reason }: RemovalSaid,
): Promise<Removed> {
  const common = { accountId, source, at: await databaseNow(trx), said: reason };
  const unread: OperationRefused[] = [];
  let held = 0;
  let changed = false;
  if (nationalId !== null) {
    const canonical = await readOr(unread, canonicalNationalId(trx, nationalId, checkDigit));
    if (canonical !== undefined) {
      held += 1;
      changed = await removePerson(trx, { ...common, nationalId: canonical });
    }
  }
  const { country } = await ownAccount(trx);
  for (const { field, text } of phones) {
    const read = normalisePhones(text, country);
    const left = read.ok ? partLeft(read.notice) : text;
    if (left !== undefined) unread.push(refuse('phone_invalid', { phone: left }, { field }));
    if (!read.ok) continue;
    held += read.value.length;
    for (const e164 of read.value) {
      const isNew = await suppressNumber(trx, { ...common, e164 });
      changed ||= isNew;
    }
  }
  const [first] = unread;
  if (held === 0 && first !== undefined) throw first;
  return { changed, unread };
}

async function readOr<T>(unread: OperationRefused[], reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof OperationRefused)) throw error;
    unread.push(error);
    return undefined;
  }
}

function partLeft(notice: Remark | undefined): string | undefined {
  return notice?.code === 'phone_part_left' ? String(notice.values?.['value'] ?? '') : undefined;
}

/** A court, an insolvency, a death that an outside system knows of; a request for blocking that came to it. */
export async function receiveStop(
  trx: Trx,
  accountId: string,
  said: { readonly nationalId: string; readonly reason: StopReason | 'blocked' },
): Promise<void> {
  const { personId } = await findPayer(trx, { nationalId: said.nationalId, reference: null });
  await lockPerson(trx, personId);
  const { reason } = said;
  if (reason === 'blocked') {
    await blockPerson(trx, { accountId, actor: 'webhook' }, { personId, reason: 'la persona lo pidió' });
    return;
  }
  const at = await databaseNow(trx);
  await stopPerson(trx, { accountId, personId, reason, source: 'api', exceptContactId: null, at });
}
