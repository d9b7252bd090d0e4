import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { HINTS_CHANNEL } from './queries-feed.ts';
import type { EventData, EventType } from './rules/events.ts';

export interface NewEvent<T extends EventType = EventType> {
  readonly accountId: string;
  readonly type: T;
  /** Id of what it is about (contact, attempt, promise, payment, message). */
  readonly subject: string;
  readonly occurredAt: Date;
  readonly data: EventData[T];
}

export const WEBHOOKS_CHANNEL = 'tandas_webhooks';

/**
 * Records an event and a delivery to each endpoint of the account that wants its type, in the caller's transaction:
 * they are told if and only if it commits. Of a rehearsal nobody is told: it has no event. Returns the event's id.
 */
export async function writeEvent<T extends EventType>(
  trx: Trx,
  event: NewEvent<T>,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string | null }>`
    with written as (
      insert into operation.event (account_id, type, subject, occurred_at, data)
      select a.id, ${event.type}::text, ${event.subject}::text, ${event.occurredAt}::timestamptz, ${JSON.stringify(event.data)}::jsonb
        from catalogue.account a where a.id = ${event.accountId} and a.kind <> 'rehearsal'
      returning id, account_id, type
    ), due as (
      insert into operation.webhook_delivery (account_id, event_id, endpoint_id)
      select w.account_id, w.id, p.id
        from written w join catalogue.webhook_endpoint p
          on p.account_id = w.account_id and p.disabled_at is null
         and (p.event_types = '{}' or w.type = any(p.event_types))
      returning id
    ), news as (
      select pg_notify(${WEBHOOKS_CHANNEL}, '') where exists (select from due)
    ), watched as (
      select pg_notify(${HINTS_CHANNEL}, '') where exists (select from written)
    )
    select (select id from written) as id, (select count(*) from news) as told,
           (select count(*) from watched) as shown
      from catalogue.account where id = ${event.accountId}`.execute(trx);
  const [row] = rows;
  // Of another account's event nothing is written: that is a mistake of the caller, not a rehearsal's silence.
  if (row === undefined) throw new Error(`event ${event.type} of ${event.subject} was not written`);
  return row.id ?? undefined;
}

/** Whether an event of this type and subject has been recorded whose data holds these values. */
export async function hasEvent(
  trx: Trx,
  {
    type,
    subject,
    data,
  }: {
    readonly type: EventType;
    readonly subject: string;
    readonly data: Partial<EventData['contact.opened']>;
  },
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
