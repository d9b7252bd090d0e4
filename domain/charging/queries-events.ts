import { sql } from 'kysely';
import type { Database, Db } from '../../db/client.ts';
import { storableJson } from '../shared/rules/storable.ts';
import type { OnlineProvider } from './charging-port.ts';

export const CHARGING_CHANNEL = 'tandas_charging';

export interface NewPaymentEvent {
  readonly provider: OnlineProvider;
  /** The same one again is the same row. */
  readonly dedupeKey: string;
  readonly event: string;
  readonly subject: string;
  readonly body: unknown;
}

/** Keeps a provider's event as it came, and wakes whoever asks the provider. */
export async function storePaymentEvent(db: Db, event: NewPaymentEvent): Promise<void> {
  const clean = storableJson(event.body);
  const body = typeof clean === 'object' && clean !== null ? clean : { value: clean };
  await sql`
    with stored as (
      insert into operation.payment_event (provider, dedupe_key, event, subject, body)
      values (${event.provider}, ${event.dedupeKey}, ${event.event}, ${event.subject}, ${JSON.stringify(body)}::jsonb)
          on conflict do nothing)
    select pg_notify(${CHARGING_CHANNEL}, '')`.execute(db);
}

export interface DueEvent {
  readonly id: bigint;
  readonly provider: OnlineProvider;
  readonly subject: string;
  /** This one counted. */
  readonly tries: number;
}

/** Events that woke nobody yet, taken for some time. */
export async function takeDueEvents(
  system: Database,
  { limit, claimMs }: { readonly limit: number; readonly claimMs: number },
): Promise<readonly DueEvent[]> {
  const { rows } = await sql<DueEvent>`
    update operation.payment_event e
       set tries = e.tries + 1, due_at = clock_timestamp() + ${claimMs} * interval '1 millisecond'
      from (
        select id from operation.payment_event where handled_at is null and due_at <= clock_timestamp()
         order by due_at limit ${limit} for update skip locked) due
     where e.id = due.id
    returning e.id, e.provider, e.subject, e.tries`.execute(system);
  return rows;
}

export type EventResult = 'woken' | 'unknown_order' | 'nothing_of_ours' | 'not_set_up' | 'gave_up';

export async function finishEvent(
  system: Database,
  id: bigint,
  { result, orderId }: { readonly result: EventResult; readonly orderId: string | null },
): Promise<void> {
  await sql`
    update operation.payment_event set handled_at = clock_timestamp(), result = ${result}, order_id = ${orderId}
     where id = ${id}`.execute(system);
}

export async function repeatEvent(system: Database, id: bigint, delayMs: number): Promise<void> {
  await sql`
    update operation.payment_event set due_at = clock_timestamp() + ${delayMs} * interval '1 millisecond'
     where id = ${id}`.execute(system);
}

export interface StrayEvent {
  readonly id: bigint;
  readonly provider: OnlineProvider;
  readonly event: string;
  readonly subject: string;
  readonly received_at: Date;
  readonly result: string;
}

/** Events of money that belongs to no order of ours, the newest first: somebody has to look. */
export async function listStrayEvents(
  app: Database,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<readonly StrayEvent[]> {
  const { rows } = await sql<StrayEvent>`
    select id, provider, event, subject, received_at, result from operation.payment_event
     where result <> 'woken' and result <> 'nothing_of_ours'
       and (${page.after ?? null}::bigint is null or id < ${page.after ?? null}::bigint)
     order by id desc limit ${page.limit}`.execute(app);
  return rows;
}
