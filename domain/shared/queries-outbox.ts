import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/**
 * signal: for the run that is there; signal_with_start: for the receiver's run, which is started when there is none;
 * start: sees to it that the receiver's run exists. See docs/decisions/0020.
 */
export type OutboxKind = 'signal' | 'signal_with_start' | 'start';

export type Receiver =
  { readonly contactId: string } | { readonly batchId: string } | { readonly importId: string };

export type OutboxMessage = { readonly accountId: string; readonly to: Receiver } & (
  | { readonly kind: 'start' }
  | {
      /** Default: signal_with_start. */
      readonly kind?: 'signal' | 'signal_with_start';
      readonly signal: string;
      readonly payload: Readonly<Record<string, unknown>>;
    }
);

/** A row that a relay has leased. */
export interface OutboxRow {
  readonly id: string;
  readonly account_id: string;
  readonly kind: OutboxKind;
  readonly contact_id: string | null;
  /** Of the receiver, or of the receiver's batch; null: the receiver is gone, or an import. */
  readonly batch_id: string | null;
  readonly import_id: string | null;
  readonly account_slug: string | null;
  readonly batch_slug: string | null;
  /** Of the contact in its batch; null for a batch. */
  readonly number: number | null;
  readonly signal: string | null;
  readonly payload: Record<string, unknown>;
  /** With this one: by it a relay whose lease has run out is known. */
  readonly tries: number;
  /** Later rows that say the same to the same batch: what delivers this one delivers them. */
  readonly merged: readonly string[] | null;
  /** Further rows of the same receiver wait behind it. */
  readonly has_more: boolean;
}

export const OUTBOX_CHANNEL = 'tandas_outbox';

/**
 * What becomes true with this transaction: it is sent if and only if it commits, in the order of writing for each receiver.
 * Returns the rows' ids. Throws for an account of kind rehearsal: its contacts live on a clock of their own, where a relay
 * finds none of them and would start a second run that lives, and dials, in real time.
 */
export async function writeOutbox(trx: Trx, messages: readonly OutboxMessage[]): Promise<readonly string[]> {
  if (messages.length === 0) return [];
  const ids = messages.map(() => randomUUID());
  const contacts = messages.map(({ to }) => ('contactId' in to ? to.contactId : null));
  const batches = messages.map(({ to }) => ('batchId' in to ? to.batchId : null));
  const imports = messages.map(({ to }) => ('importId' in to ? to.importId : null));
  const kinds = messages.map(({ kind }) => kind ?? 'signal_with_start');
  const signals = messages.map((message) => ('signal' in message ? message.signal : null));
  const payloads = messages.map((message) => JSON.stringify('payload' in message ? message.payload : {}));
  const { rows } = await sql<{ written: number }>`
    with written as (
      insert into operation.outbox (id, account_id, contact_id, batch_id, import_id, kind, signal, payload)
      select m.id, m.account_id, m.contact_id, m.batch_id, m.import_id, m.kind, m.signal, m.payload::jsonb
        from unnest(${ids}::uuid[], ${messages.map(({ accountId }) => accountId)}::uuid[], ${contacts}::uuid[], ${batches}::uuid[],
                    ${imports}::uuid[], ${kinds}::text[], ${signals}::text[], ${payloads}::text[])
             with ordinality as m (id, account_id, contact_id, batch_id, import_id, kind, signal, payload, place)
        join catalogue.account a on a.id = m.account_id and a.kind <> 'rehearsal'
       order by m.place
      returning id
    )
    select pg_notify(${OUTBOX_CHANNEL}, ''), (select count(*)::int from written) as written`.execute(trx);
  // The whole transaction: what it says in its other tables would be true, and nobody told.
  if (rows[0]?.written !== messages.length) {
    throw new Error(
      `${messages.length - (rows[0]?.written ?? 0)} of ${messages.length} outbox rows are of a rehearsal, or of an account that this transaction cannot see`,
    );
  }
  return ids;
}

/** Whether a row is out of the way: delivered, or given up. */
export async function isSent(trx: Trx, id: string): Promise<boolean> {
  const row = await trx
    .selectFrom('operation.outbox')
    .select('id')
    .where('id', '=', id)
    .where((eb) => eb.or([eb('delivered_at', 'is not', null), eb('dead_at', 'is not', null)]))
    .executeTakeFirst();
  return row !== undefined;
}

export interface Lease {
  readonly limit: number;
  /** A relay that has not finished by then is taken for dead, and its rows come back. */
  readonly leaseMs: number;
  /** Most rows of one account that may be under way: the rest is for the others, whatever becomes of its own. */
  readonly mostOfAccount: number;
  /** How many of each account are. */
  readonly underWay: ReadonlyMap<string, number>;
}

/** Rows merged into one signal: more are merged into the next. */
const mostMerged = 1_000;

/**
 * Leases due rows: of each receiver the first that is not delivered, and only while none of that receiver is under way;
 * accounts take turns, so that one with ten thousand rows delays nobody. Another relay's rows are passed over.
 */
export async function leaseOutbox(trx: Trx, lease: Lease): Promise<readonly OutboxRow[]> {
  const { limit, leaseMs, mostOfAccount, underWay } = lease;
  const { rows } = await sql<OutboxRow>`
    with recursive account (id) as (
      (select account_id from operation.outbox where delivered_at is null and dead_at is null
        order by account_id limit 1)
      union all
      select (select o.account_id from operation.outbox o
               where o.delivered_at is null and o.dead_at is null and o.account_id > account.id
               order by o.account_id limit 1)
        from account where account.id is not null
    ), head as (
      select h.id from account cross join lateral (
        select o.id, o.seq, row_number() over (order by o.next_try_at, o.seq) as place
          from operation.outbox o
         where o.account_id = account.id and o.delivered_at is null and o.dead_at is null
           and o.next_try_at <= statement_timestamp()
           and (o.leased_until is null or o.leased_until <= statement_timestamp())
           and not exists (
             select from operation.outbox p
              where coalesce(p.contact_id, p.batch_id, p.import_id) = coalesce(o.contact_id, o.batch_id, o.import_id)
                and p.delivered_at is null and p.dead_at is null
                and (p.seq < o.seq or p.leased_until > statement_timestamp()))
         order by o.next_try_at, o.seq
         limit ${limit}) h
       left join unnest(${[...underWay.keys()]}::uuid[], ${[...underWay.values()]}::int[]) as u (account_id, rows)
         on u.account_id = account.id
       where h.place <= ${mostOfAccount} - coalesce(u.rows, 0)
       order by h.place, h.seq
       limit ${limit}
    ), free as (
      -- Judged again on the locked row: another relay may have had it since this statement began.
      select o.id from operation.outbox o
       where o.id in (select id from head) and o.delivered_at is null and o.dead_at is null
         and (o.leased_until is null or o.leased_until <= statement_timestamp())
         for no key update skip locked
    ), leased as (
      update operation.outbox o
         set leased_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond', tries = o.tries + 1
        from free where o.id = free.id
      returning o.*
    )
    select l.id, l.account_id, l.kind, l.contact_id, b.id as batch_id, l.import_id, a.slug as account_slug, b.slug as batch_slug,
           k.ordinal as number, l.signal, l.payload, l.tries,
           exists (select from operation.outbox s
                    where coalesce(s.contact_id, s.batch_id, s.import_id) = coalesce(l.contact_id, l.batch_id, l.import_id)
                      and s.delivered_at is null and s.dead_at is null and s.seq > l.seq) as has_more,
           case when l.batch_id is null then null else (
             select array_agg(same.id) from (
               select s.id from operation.outbox s
                where coalesce(s.contact_id, s.batch_id, s.import_id) = l.batch_id and s.delivered_at is null and s.dead_at is null
                  and s.seq > l.seq and s.kind = l.kind and s.signal = l.signal and s.payload = l.payload
                order by s.seq limit ${mostMerged}) same) end as merged
      from leased l
      join catalogue.account a on a.id = l.account_id
      left join core.contact k on k.id = l.contact_id and k.account_id = l.account_id
      left join core.batch b on b.id = coalesce(l.batch_id, k.batch_id) and b.account_id = l.account_id
     order by l.seq`.execute(trx);
  return rows;
}

/** What became of a leased row. */
export type Sent =
  | {
      readonly kind: 'delivered';
      /** Why a row that nobody can take any more counts as delivered; null: a run took it. */
      readonly note: string | null;
    }
  /** Nobody will ever take it: kept, counted, and out of the way of the rows behind it. */
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'later'; readonly error: string; readonly delayMs: number };

export interface SentRow {
  readonly row: Pick<OutboxRow, 'id' | 'tries' | 'merged'>;
  readonly sent: Sent;
}

/** Writes down what became of leased rows. A row that another relay has leased since is left to that one, but for a delivery. */
export async function finishOutbox(trx: Trx, finished: readonly SentRow[]): Promise<void> {
  if (finished.length === 0) return;
  const flat = finished.flatMap(({ row, sent }) => [
    { id: row.id, tries: row.tries, sent },
    ...(sent.kind === 'delivered' ? (row.merged ?? []).map((id) => ({ id, tries: null, sent })) : []),
  ]);
  const delays = flat.map(({ sent }) => (sent.kind === 'later' ? sent.delayMs : null));
  const words = flat.map(({ sent }) => {
    if (sent.kind === 'delivered') return sent.note;
    return sent.kind === 'dead' ? sent.reason : sent.error;
  });
  await sql`
    update operation.outbox o
       set leased_until = null,
           last_error = f.words,
           tries = greatest(o.tries, 1),
           delivered_at = case when f.kind = 'delivered' then clock_timestamp() end,
           dead_at = case when f.kind = 'dead' then clock_timestamp() end,
           next_try_at = case when f.kind = 'later' then clock_timestamp() + f.delay_ms * interval '1 millisecond'
                              else o.next_try_at end
      from unnest(${flat.map(({ id }) => id)}::uuid[], ${flat.map(({ tries }) => tries)}::int[],
                  ${flat.map(({ sent }) => sent.kind)}::text[], ${words}::text[], ${delays}::float8[])
           as f (id, tries, kind, words, delay_ms)
     where o.id = f.id and o.delivered_at is null and o.dead_at is null
       and (f.kind = 'delivered' or o.tries = f.tries)`.execute(trx);
}
