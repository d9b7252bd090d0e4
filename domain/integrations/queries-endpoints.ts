import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { WEBHOOKS_CHANNEL } from '../shared/queries-events.ts';
import { type EventData, TEST_EVENT } from '../shared/rules/events.ts';

/** Endpoints of one account are made one after the other: two at once would both find the address free. */
export async function lockEndpoints(trx: Trx, accountId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('webhook endpoints of ' || ${accountId}::text, 0))`.execute(
    trx,
  );
}

/** Whether the account has an endpoint at this address, disabled ones too. */
export async function hasUrl(trx: Trx, url: string): Promise<boolean> {
  const row = await trx
    .selectFrom('catalogue.webhook_endpoint')
    .select('id')
    .where('url', '=', url)
    .where('deleted_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How many endpoints of the account are in use. */
export async function countEndpoints(trx: Trx): Promise<number> {
  const { many } = await trx
    .selectFrom('catalogue.webhook_endpoint')
    .select((eb) => eb.fn.countAll<bigint>().as('many'))
    .where('disabled_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(many);
}

export interface EndpointToInsert {
  readonly accountId: string;
  readonly url: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
  readonly secretSealed: string;
}

export async function insertEndpoint(
  trx: Trx,
  row: EndpointToInsert,
): Promise<{ readonly id: string; readonly created_at: Date }> {
  return trx
    .insertInto('catalogue.webhook_endpoint')
    .values({
      account_id: row.accountId,
      url: row.url,
      description: row.description,
      event_types: [...row.eventTypes],
      secret_sealed: row.secretSealed,
    })
    .returning(['id', 'created_at'])
    .executeTakeFirstOrThrow();
}

/** The account's endpoints, newest first, disabled ones too. */
export async function readEndpoints(trx: Trx) {
  return trx
    .selectFrom('catalogue.webhook_endpoint')
    .select(['id', 'url', 'description', 'event_types', 'created_at', 'disabled_at'])
    .where('deleted_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(200)
    .execute();
}

/** A new secret in the place of the old one, which signs beside it for some hours. False: there is no such endpoint. */
export async function replaceSecret(
  trx: Trx,
  endpointId: string,
  { sealed, keepHours }: { readonly sealed: string; readonly keepHours: number },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('catalogue.webhook_endpoint')
    .set((eb) => ({
      previous_secret_sealed: eb.ref('secret_sealed'),
      previous_until: sql<Date>`clock_timestamp() + ${keepHours} * interval '1 hour'`,
      secret_sealed: sealed,
    }))
    .where('id', '=', endpointId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** False: there is no such endpoint. Disabling again keeps the first instant. */
export async function setEndpointEnabled(trx: Trx, endpointId: string, enabled: boolean): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('catalogue.webhook_endpoint')
    .set({ disabled_at: enabled ? null : sql<Date>`coalesce(disabled_at, clock_timestamp())` })
    .where('id', '=', endpointId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function hasEndpoint(trx: Trx, id: string): Promise<boolean> {
  const row = await trx
    .selectFrom('catalogue.webhook_endpoint')
    .select('id')
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** What was for an endpoint that has been deleted is sent nowhere any more. */
export async function hasDelivery(trx: Trx, id: string): Promise<boolean> {
  const row = await trx
    .selectFrom('operation.webhook_delivery as d')
    .innerJoin('catalogue.webhook_endpoint as p', 'p.id', 'd.endpoint_id')
    .select('d.id')
    .where('d.id', '=', id)
    .where('p.deleted_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Makes dead deliveries pending again and wakes whoever sends them; returns how many. */
export async function reviveDeliveries(trx: Trx, by: 'id' | 'endpoint_id', id: string): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('operation.webhook_delivery')
    .set({ state: 'pending', tries: 0, died_at: null, next_try_at: sql<Date>`clock_timestamp()` })
    .where('state', '=', 'dead')
    .where(by, '=', id)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) await sql`select pg_notify(${WEBHOOKS_CHANNEL}, '')`.execute(trx);
  return Number(numUpdatedRows);
}

/** Its row stays for the deliveries that name it, without its secrets. False: there is no such endpoint. */
export async function deleteEndpointRow(trx: Trx, endpointId: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('catalogue.webhook_endpoint')
    .set({
      deleted_at: sql<Date>`clock_timestamp()`,
      disabled_at: sql<Date>`coalesce(disabled_at, clock_timestamp())`,
      secret_sealed: '',
      previous_secret_sealed: null,
      previous_until: null,
    })
    .where('id', '=', endpointId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** What waited for an endpoint is given up, so that nobody looks at it for ever. */
export async function giveUpDeliveries(trx: Trx, endpointId: string, why: string): Promise<void> {
  await trx
    .updateTable('operation.webhook_delivery')
    .set({ state: 'dead', died_at: sql<Date>`clock_timestamp()`, last_error: why })
    .where('endpoint_id', '=', endpointId)
    .where('state', '=', 'pending')
    .execute();
}

/** Locks an endpoint, so that its tests are counted one after the other. Undefined: there is none. */
export async function lockEndpoint(
  trx: Trx,
  endpointId: string,
): Promise<{ readonly disabled_at: Date | null } | undefined> {
  return trx
    .selectFrom('catalogue.webhook_endpoint')
    .select('disabled_at')
    .where('id', '=', endpointId)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** Test events that an endpoint was sent within the last minute. */
export async function countTests(trx: Trx, endpointId: string): Promise<number> {
  const { many } = await trx
    .selectFrom('operation.event')
    .select((eb) => eb.fn.countAll<bigint>().as('many'))
    .where('subject', '=', endpointId)
    .where('type', '=', TEST_EVENT)
    .where('created_at', '>', sql<Date>`clock_timestamp() - interval '1 minute'`)
    .executeTakeFirstOrThrow();
  return Number(many);
}

export interface TestSent {
  readonly event_id: string;
  readonly delivery_id: string;
}

/** An event for one endpoint alone, delivered as every other. */
export async function writeTestEvent(
  trx: Trx,
  { accountId, endpointId }: { readonly accountId: string; readonly endpointId: string },
): Promise<TestSent> {
  const data: EventData[typeof TEST_EVENT] = { endpoint_id: endpointId };
  const { rows } = await sql<TestSent>`
    with written as (
      insert into operation.event (account_id, type, subject, occurred_at, data)
      values (${accountId}, ${TEST_EVENT}, ${endpointId}, clock_timestamp(), ${JSON.stringify(data)}::jsonb)
      returning id
    ), due as (
      insert into operation.webhook_delivery (account_id, event_id, endpoint_id)
      select ${accountId}::uuid, id, ${endpointId}::uuid from written
      returning id, event_id
    )
    select event_id, id as delivery_id, pg_notify(${WEBHOOKS_CHANNEL}, '') from due`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error(`no test event was written for endpoint ${endpointId}`);
  return { event_id: row.event_id, delivery_id: row.delivery_id };
}
