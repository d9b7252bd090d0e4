import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';

/** A delivery that is due, with everything that its request needs. */
export interface DueDelivery {
  readonly id: string;
  readonly account_id: string;
  readonly endpoint_id: string;
  readonly tries: number;
  readonly event_id: string;
  readonly type: string;
  readonly subject: string;
  readonly occurred_at: Date;
  readonly data: Record<string, unknown>;
  readonly url: string;
  readonly secret_sealed: string;
  /** Null when no rotation is under way. */
  readonly previous_secret_sealed: string | null;
}

/** How many more deliveries one receiver, or one account, may have under way. */
export interface Room {
  readonly id: string;
  readonly left: number;
}

export interface TakeDeliveries {
  readonly limit: number;
  readonly claimMs: number;
  /** Of those that have less than the usual: 0, and nothing of theirs is looked at. */
  readonly endpoints: readonly Room[];
  readonly accounts: readonly Room[];
  readonly usualOfEndpoint: number;
  readonly usualOfAccount: number;
}

/** Rows looked at for one that is taken: where one receiver has more due at the front, the next look passes it over. */
const lookedAt = 20;

/**
 * Takes due deliveries by putting their next try off: two relays do not both send one, no row stays locked while a slow
 * receiver answers, and what a dying relay had taken is due again after `claimMs`. No receiver and no account gets more than its room.
 */
export async function takeDeliveries(trx: Trx, take: TakeDeliveries): Promise<readonly DueDelivery[]> {
  const { limit, claimMs } = take;
  const idsOf = (rooms: readonly Room[]) => rooms.map(({ id }) => id);
  const leftOf = (rooms: readonly Room[]) => rooms.map(({ left }) => left);
  const fullOf = (rooms: readonly Room[]) => rooms.filter(({ left }) => left <= 0).map(({ id }) => id);
  const { rows } = await sql<DueDelivery>`
    with candidate as (
      select d.id, d.endpoint_id, d.account_id, d.next_try_at from operation.webhook_delivery d
        join catalogue.webhook_endpoint p on p.id = d.endpoint_id and p.disabled_at is null
       where d.state = 'pending' and d.next_try_at <= clock_timestamp()
         and d.endpoint_id <> all (${fullOf(take.endpoints)}::uuid[])
         and d.account_id <> all (${fullOf(take.accounts)}::uuid[])
       order by d.next_try_at limit ${limit * lookedAt}),
    ranked as (
      select c.*, row_number() over (partition by endpoint_id order by next_try_at, id) as of_endpoint,
             row_number() over (partition by account_id order by next_try_at, id) as of_account
        from candidate c),
    due as (
      select d.id from operation.webhook_delivery d
        join ranked r on r.id = d.id
        left join unnest(${idsOf(take.endpoints)}::uuid[], ${leftOf(take.endpoints)}::int[]) as e (id, room)
          on e.id = d.endpoint_id
        left join unnest(${idsOf(take.accounts)}::uuid[], ${leftOf(take.accounts)}::int[]) as a (id, room)
          on a.id = d.account_id
       where r.of_endpoint <= coalesce(e.room, ${take.usualOfEndpoint}::int)
         and r.of_account <= coalesce(a.room, ${take.usualOfAccount}::int)
         -- Another relay may have taken it since.
         and d.state = 'pending' and d.next_try_at <= clock_timestamp()
       order by r.next_try_at limit ${limit} for no key update of d skip locked),
    taken as (
      update operation.webhook_delivery d
         set next_try_at = clock_timestamp() + ${claimMs} * interval '1 millisecond',
             tries = tries + 1, tries_total = tries_total + 1
        from due where d.id = due.id
      returning d.id, d.account_id, d.tries, d.event_id, d.endpoint_id)
    select t.id, t.account_id, t.endpoint_id, t.tries, t.event_id, e.type, e.subject, e.occurred_at, e.data, p.url,
           p.secret_sealed,
           case when p.previous_until > clock_timestamp() then p.previous_secret_sealed end as previous_secret_sealed
      from taken t
      join operation.event e on e.id = t.event_id
      join catalogue.webhook_endpoint p on p.id = t.endpoint_id`.execute(trx);
  return rows;
}

/** What a try came to. `retryMs` null: never again by itself. */
export type Tried =
  | { readonly kind: 'delivered'; readonly status: number }
  | {
      readonly kind: 'failed';
      readonly status: number | null;
      readonly error: string;
      readonly retryMs: number | null;
    };

const longestError = 500;

/** A delivery that another relay has brought through meanwhile stays delivered. */
export async function markTried(trx: Trx, id: string, tried: Tried): Promise<void> {
  const update = trx
    .updateTable('operation.webhook_delivery')
    .where('id', '=', id)
    .where('state', '=', 'pending');
  if (tried.kind === 'delivered') {
    await update
      .set({
        state: 'delivered',
        delivered_at: sql<Date>`clock_timestamp()`,
        last_status: tried.status,
        last_error: null,
      })
      .execute();
    return;
  }
  await update
    .set({
      last_status: tried.status,
      last_error: tried.error.slice(0, longestError),
      ...(tried.retryMs === null
        ? { state: 'dead', died_at: sql<Date>`clock_timestamp()` }
        : { next_try_at: sql<Date>`clock_timestamp() + ${tried.retryMs} * interval '1 millisecond'` }),
    })
    .execute();
}

export interface DeliveryRow {
  readonly id: string;
  readonly event_id: string;
  readonly endpoint_id: string;
  readonly type: string;
  readonly subject: string;
  readonly state: 'pending' | 'delivered' | 'dead';
  readonly tries_total: number;
  readonly next_try_at: Date;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly created_at: Date;
  readonly delivered_at: Date | null;
  readonly died_at: Date | null;
}

export interface DeliveryPage {
  readonly state?: DeliveryRow['state'] | undefined;
  readonly endpointId?: string | undefined;
  /** Id of the last delivery of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** One delivery of the account. */
export async function findDelivery(trx: Trx, id: string): Promise<DeliveryRow | undefined> {
  return deliveries(trx).where('d.id', '=', id).executeTakeFirst();
}

/** Deliveries of the account, newest first. */
export async function listDeliveries(trx: Trx, page: DeliveryPage): Promise<readonly DeliveryRow[]> {
  let query = deliveries(trx);
  if (page.state !== undefined) query = query.where('d.state', '=', page.state);
  if (page.endpointId !== undefined) query = query.where('d.endpoint_id', '=', page.endpointId);
  if (page.after !== undefined) {
    query = query.where(
      isBehind({
        table: 'operation.webhook_delivery',
        as: 'd',
        by: ['created_at', 'id'],
        order: 'desc',
        after: page.after,
      }),
    );
  }
  return query.orderBy('d.created_at', 'desc').orderBy('d.id', 'desc').limit(page.limit).execute();
}

function deliveries(trx: Trx) {
  return trx
    .selectFrom('operation.webhook_delivery as d')
    .innerJoin('operation.event as e', 'e.id', 'd.event_id')
    .select([
      'd.id',
      'd.event_id',
      'd.endpoint_id',
      'e.type',
      'e.subject',
      'd.state',
      'd.tries_total',
      'd.next_try_at',
      'd.last_status',
      'd.last_error',
      'd.created_at',
      'd.delivered_at',
      'd.died_at',
    ]);
}
