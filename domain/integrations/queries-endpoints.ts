import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { WEBHOOKS_CHANNEL } from '../shared/queries-events.ts';

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
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** False: there is no such endpoint. Disabling again keeps the first instant. */
export async function setEndpointEnabled(trx: Trx, endpointId: string, enabled: boolean): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('catalogue.webhook_endpoint')
    .set({ disabled_at: enabled ? null : sql<Date>`coalesce(disabled_at, clock_timestamp())` })
    .where('id', '=', endpointId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function hasEndpoint(trx: Trx, id: string): Promise<boolean> {
  const row = await trx
    .selectFrom('catalogue.webhook_endpoint')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

export async function hasDelivery(trx: Trx, id: string): Promise<boolean> {
  const row = await trx
    .selectFrom('operation.webhook_delivery')
    .select('id')
    .where('id', '=', id)
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
