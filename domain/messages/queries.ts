import { sql } from 'kysely';
import type { MessageState, Unit } from '../../db/schema/columns.ts';
import type { Trx } from '../../db/client.ts';

export interface NewMessage {
  readonly id: string;
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly personId: string;
  readonly phoneId: string;
  readonly agreementId: string;
  readonly instalmentNo: number;
  readonly requestedByPerson: boolean;
  readonly packKey: string;
  readonly packVersion: number;
  readonly zone: string;
  readonly localDay: string;
  readonly at: Date;
  readonly deadlineAt: Date;
  readonly idempotencyKey: string;
}

/** A WhatsApp message with a payment link, as it was decided, and its state: under way. */
export async function insertMessage(trx: Trx, message: NewMessage): Promise<void> {
  await trx
    .insertInto('operation.message')
    .values({
      id: message.id,
      account_id: message.accountId,
      batch_id: message.batchId,
      contact_id: message.contactId,
      person_id: message.personId,
      phone_id: message.phoneId,
      channel: 'whatsapp',
      purpose: 'payment_link',
      agreement_id: message.agreementId,
      instalment_no: message.instalmentNo,
      requested_by_person: message.requestedByPerson,
      pack_key: message.packKey,
      pack_version: message.packVersion,
      zone: message.zone,
      local_day: message.localDay,
      at: message.at,
      deadline_at: message.deadlineAt,
      idempotency_key: message.idempotencyKey,
    })
    .execute();
  await trx
    .insertInto('operation.message_state')
    .values({ message_id: message.id, account_id: message.accountId })
    .execute();
}

export interface LockedMessage {
  readonly id: string;
  readonly account_id: string;
  readonly batch_id: string;
  readonly contact_id: string;
  readonly person_id: string;
  readonly phone_id: string;
  readonly agreement_id: string | null;
  readonly deadline_at: Date;
  readonly state: MessageState;
  readonly failure: string | null;
  readonly failure_class: string | null;
  readonly provider_message_id: string | null;
  readonly charged_micros: bigint | null;
  readonly hold_id: string | null;
  readonly hold_unit: Unit | null;
  readonly hold_micros: bigint | null;
}

/** By whatever whoever speaks of it knows: our id, or the channel's. */
export type MessageRef =
  | { readonly messageId: string }
  | { readonly providerMessageId: string }
  | { readonly idempotencyKey: string };

/** Whose message it is; undefined when the account has none like it. */
export async function findMessage(
  trx: Trx,
  ref: MessageRef,
): Promise<{ readonly id: string; readonly person_id: string } | undefined> {
  const query = trx
    .selectFrom('operation.message as m')
    .innerJoin('operation.message_state as s', 's.message_id', 'm.id')
    .select(['m.id', 'm.person_id']);
  if ('messageId' in ref) return query.where('m.id', '=', ref.messageId).executeTakeFirst();
  if ('idempotencyKey' in ref) {
    return query.where('m.idempotency_key', '=', ref.idempotencyKey).executeTakeFirst();
  }
  return query.where('s.provider_message_id', '=', ref.providerMessageId).executeTakeFirst();
}

/** Locks one message's state: its sender, the channel's webhooks and the sweeper take turns here. */
export async function lockMessage(trx: Trx, messageId: string): Promise<LockedMessage> {
  return trx
    .selectFrom('operation.message as m')
    .innerJoin('operation.message_state as s', 's.message_id', 'm.id')
    .leftJoin('core.ledger_hold as h', 'h.message_id', 'm.id')
    .select([
      'm.id',
      'm.account_id',
      'm.batch_id',
      'm.contact_id',
      'm.person_id',
      'm.phone_id',
      'm.agreement_id',
      'm.deadline_at',
      's.state',
      's.failure',
      's.failure_class',
      's.provider_message_id',
      's.charged_micros',
      'h.id as hold_id',
      'h.unit as hold_unit',
      'h.amount_micros as hold_micros',
    ])
    .where('m.id', '=', messageId)
    .forNoKeyUpdate('s')
    .executeTakeFirstOrThrow();
}

export interface MessageChange {
  readonly state: MessageState;
  readonly providerMessageId: string | null;
  readonly failure: string | null;
  readonly failureClass: string | null;
  readonly charged: { readonly micros: bigint; readonly unit: Unit } | null;
  readonly at: Date;
}

export async function writeMessageState(trx: Trx, messageId: string, change: MessageChange): Promise<void> {
  const isOpen = change.state === 'sending' || change.state === 'unknown';
  await trx
    .updateTable('operation.message_state')
    .set({
      state: change.state,
      provider_message_id: change.providerMessageId,
      failure: change.failure,
      failure_class: change.failureClass,
      ...(change.charged === null
        ? {}
        : { charged_micros: change.charged.micros, charged_unit: change.charged.unit }),
      resolved_at: isOpen ? null : sql<Date>`coalesce(resolved_at, ${change.at})`,
    })
    .where('message_id', '=', messageId)
    .execute();
}

export async function setMessageLink(trx: Trx, messageId: string, linkId: string): Promise<void> {
  await trx
    .updateTable('operation.message_state')
    .set({ link_id: linkId })
    .where('message_id', '=', messageId)
    .execute();
}

/** Append-only; false when this word of the channel is there already. */
export async function writeMessageEvent(
  trx: Trx,
  event: {
    readonly accountId: string;
    readonly messageId: string;
    readonly kind: 'accepted' | 'unknown' | 'sent' | 'delivered' | 'read' | 'failed' | 'absent';
    readonly occurredAt: Date;
    readonly detail: Readonly<Record<string, unknown>>;
  },
): Promise<boolean> {
  const row = await trx
    .insertInto('operation.message_event')
    .values({
      account_id: event.accountId,
      message_id: event.messageId,
      kind: event.kind,
      occurred_at: event.occurredAt,
      detail: JSON.stringify(event.detail),
    })
    .onConflict((conflict) => conflict.columns(['message_id', 'kind', 'occurred_at']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** A message that was taken for never sent has been seen: it counts after all. */
export async function recountMessage(trx: Trx, messageId: string): Promise<void> {
  await trx
    .updateTable('core.person_message')
    .set({ undone_at: null })
    .where('id', '=', messageId)
    .where('undone_at', 'is not', null)
    .execute();
}

/** What one message costs; undefined when the account has no price for it. */
export async function messagePriceAt(
  trx: Trx,
  accountId: string,
  at: Date,
): Promise<{ readonly priceMicros: bigint; readonly unit: Unit } | undefined> {
  const row = await trx
    .selectFrom('catalogue.message_tariff')
    .select(['price_micros', 'unit'])
    .where('account_id', '=', accountId)
    .where('channel', '=', 'whatsapp')
    .where('effective_from', '<=', at)
    .orderBy('effective_from', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : { priceMicros: row.price_micros, unit: row.unit };
}

/** Messages whose sender died, or that nobody heard of again, longest first. As the system, across accounts; no rehearsal's. */
export async function openMessages(
  trx: Trx,
  olderThanMs: number,
  limit: number,
  state: 'sending' | 'sending or unknown',
): Promise<
  readonly { readonly message_id: string; readonly account_id: string; readonly state: MessageState }[]
> {
  return (
    trx
      .selectFrom('operation.message_state')
      .select(['message_id', 'account_id', 'state'])
      // Written out: a plan that does not know its parameters cannot use the index of these states.
      .where(
        state === 'sending' ? sql<boolean>`state = 'sending'` : sql<boolean>`state in ('sending', 'unknown')`,
      )
      .where(sql<boolean>`account_id not in (select id from catalogue.account where kind = 'rehearsal')`)
      .where('created_at', '<', sql<Date>`clock_timestamp() - ${olderThanMs} * interval '1 millisecond'`)
      .orderBy('created_at')
      .limit(limit)
      .execute()
  );
}

/** What the gate cleared of a message, and how it stands; undefined when the account has no such message. */
export async function readClearedMessage(trx: Trx, messageId: string) {
  return trx
    .selectFrom('operation.message as m')
    .innerJoin('operation.message_state as s', 's.message_id', 'm.id')
    .innerJoin('core.phone as p', 'p.id', 'm.phone_id')
    .select(['m.deadline_at', 's.state', 'p.e164'])
    .where('m.id', '=', messageId)
    .executeTakeFirst();
}
