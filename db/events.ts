import { sql } from 'kysely';
import type { Trx } from './client.ts';

/** Everything that an account's own systems can be told. Closed: an endpoint that asks for another type is refused. */
export const EVENT_TYPES = [
  'contact.opened',
  'contact.closed',
  'call.placed',
  'call.ended',
  'promise.made',
  'promise.kept',
  'promise.partly_paid',
  'promise.broken',
  'plan.made',
  'payment.recorded',
  'payment.reversed',
  'reschedule.agreed',
  'reschedule.refused',
  'message.sent',
  'message.delivered',
  'message.read',
  'message.failed',
  'link.clicked',
  'handover.opened',
  'handover.resolved',
  'do_not_call.recorded',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** JSON-plain: money as a string of micro-units, instants as ISO strings or epoch milliseconds. */
export type EventValue =
  string | number | boolean | null | readonly EventValue[] | { readonly [key: string]: EventValue };

export interface NewEvent {
  readonly accountId: string;
  readonly type: EventType;
  /** Id of what it is about (contact, attempt, promise, payment, message). */
  readonly subject: string;
  readonly occurredAt: Date;
  /** Ids, words and amounts; no name, phone or national id: it leaves for systems that we do not know. */
  readonly data: { readonly [key: string]: EventValue };
}

export const WEBHOOKS_CHANNEL = 'tandas_webhooks';

/**
 * Records an event and a delivery to each endpoint of the account that wants its type, in the caller's transaction:
 * they are told if and only if it commits. Live realm only: a rehearsal does not call it. Returns the event's id.
 */
export async function writeEvent(trx: Trx, event: NewEvent): Promise<string> {
  const { id } = await trx
    .insertInto('operation.event')
    .values({
      account_id: event.accountId,
      type: event.type,
      subject: event.subject,
      occurred_at: event.occurredAt,
      data: JSON.stringify(event.data),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { rows } = await sql`
    insert into operation.webhook_delivery (account_id, event_id, endpoint_id)
    select account_id, ${id}, id from catalogue.webhook_endpoint
     where account_id = ${event.accountId} and disabled_at is null
       and (event_types = '{}' or ${event.type} = any(event_types))
    returning id`.execute(trx);
  if (rows.length > 0) await sql`select pg_notify(${WEBHOOKS_CHANNEL}, '')`.execute(trx);
  return id;
}

/** Whether an event of this type and subject has been recorded whose data holds these values. */
export async function hasEvent(
  trx: Trx,
  { type, subject, data }: Pick<NewEvent, 'type' | 'subject' | 'data'>,
): Promise<boolean> {
  const found = await trx
    .selectFrom('operation.event')
    .select('id')
    .where('type', '=', type)
    .where('subject', '=', subject)
    .where(sql<boolean>`data @> ${JSON.stringify(data)}::jsonb`)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
