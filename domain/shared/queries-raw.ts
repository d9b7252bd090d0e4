import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { storableJson } from './rules/storable.ts';

export interface RawEvent {
  readonly accountId: string;
  readonly provider: 'whatsapp' | 'mercadopago' | 'inbound';
  /** The same event again is the same row. */
  readonly dedupeKey: string;
  readonly event: string;
  /** The provider's own id of what it is about. */
  readonly subject: string;
  readonly body: unknown;
}

/** Stores a provider's word as it came. False when it is there already. */
export async function storeRaw(trx: Trx, event: RawEvent): Promise<boolean> {
  const stored = await trx
    .insertInto('operation.provider_event')
    .values({
      account_id: event.accountId,
      provider: event.provider,
      dedupe_key: event.dedupeKey,
      event: event.event,
      provider_call_id: event.subject,
      body: storable(event.body),
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'provider', 'dedupe_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return stored !== undefined;
}

function storable(body: unknown): string {
  const clean = storableJson(body);
  return JSON.stringify(typeof clean === 'object' && clean !== null ? clean : { value: clean });
}

export interface OwnEvent {
  /** The account whose call it is about. */
  readonly accountId: string;
  /** The account that the address names: an id or a slug. */
  readonly account: string;
  readonly dedupeKey: string;
  readonly event: string;
  readonly subject: string;
  /** The raw body, JSON. */
  readonly text: string;
  /** Of whose call it is: of a person who was erased only that it came is stored. */
  readonly attemptId: string;
}

/**
 * Stores an event of the voice provider as it came, if the address names the account that it is about, in one statement. A
 * second delivery at the same moment waits for the first one's commit.
 */
export async function storeOwnEvent(
  trx: Trx,
  { accountId, account, dedupeKey, event, subject, text, attemptId }: OwnEvent,
): Promise<{ readonly isOwn: boolean; readonly isNew: boolean; readonly at: Date }> {
  const { rows } = await sql<{ is_own: boolean; is_new: boolean; at: Date }>`
    with own as materialized (
      select id from catalogue.account where id = ${accountId} and ${account} in (id::text, slug)
    ), stored as (
      insert into operation.provider_event (account_id, provider, dedupe_key, event, provider_call_id, body)
      select id, 'retell', ${dedupeKey}, ${event}, ${subject},
             case when exists (
               select from operation.attempt a join core.person s on s.id = a.person_id
                where a.id = ${attemptId} and s.erased_at is not null)
             then '{}' else ${storable(JSON.parse(text))}::jsonb end from own
          on conflict (account_id, provider, dedupe_key) do nothing
      returning id
    )
    select exists (select from own) as is_own, exists (select from stored) as is_new, clock_timestamp() as at`.execute(
    trx,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a statement without a table answered no row');
  return { isOwn: row.is_own, isNew: row.is_new, at: row.at };
}
