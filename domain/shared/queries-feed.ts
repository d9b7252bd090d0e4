import { sql } from 'kysely';
import type pg from 'pg';
import type { Db, Trx } from '../../db/client.ts';
import { type Hint, RESET } from './rules/hints.ts';

/** Where changes are announced: `<type> <account> <id>`, or nothing for an event that has no number yet. */
export const HINTS_CHANNEL = 'tandas_hints';
/** Where it is announced that there is more to read; the payload is the account. */
export const FEED_CHANNEL = 'tandas_feed';
/** Held by the session of the one relay that numbers. */
const FEED_LEADER = 732_002;
/** Held by each transaction that numbers: what it writes is seen before the next one gives a number. */
const FEED_LOCK = 732_003;
/** Events of one round. */
const most = 1_000;
/** A day, and what a client may be late with its question about it. */
const keptHours = 26;

/** Whether this session is the one that numbers; if it is, it hears what is announced from here on. */
export async function leadFeed(session: pg.Client): Promise<boolean> {
  const { rows } = await session.query<{ ours: boolean }>('select pg_try_advisory_lock($1) as ours', [
    FEED_LEADER,
  ]);
  if (rows[0]?.ours !== true) return false;
  await session.query(`listen ${HINTS_CHANNEL}`);
  return true;
}

/** Rejects when the session has ended, and its lock with it. */
export async function requireAlive(session: pg.Client): Promise<void> {
  await session.query('select');
}

/**
 * Numbers events that have been committed, and writes hints, behind one lock: whoever reads up to a number has read all before it, however
 * long the transaction of an event took. The numbers are microseconds since 1970, or one more than the last where the clock stands or
 * goes back: after a restore they go on behind those that were lost.
 */
export async function numberOnce(
  trx: Trx,
  { hints, reset }: { readonly hints: readonly Hint[]; readonly reset: boolean },
): Promise<Round> {
  await sql`select pg_advisory_xact_lock(${FEED_LOCK})`.execute(trx);
  const { rows: numbered } = await sql<NumberedEvent>`
    with due as (
      select id from operation.event where seq is null order by created_at, id limit ${most}
    ), placed as (
      select id, row_number() over () as place from due
    )
    update operation.event e set seq = ${base} + p.place from placed p where e.id = p.id
    returning e.account_id, e.seq, e.type, e.data ->> 'batch_id' as batch_id`.execute(trx);
  await moveEnd(trx, numbered);
  const told = hints.length === 0 && !reset ? [] : await insertHints(trx, hints, reset);
  await moveEnd(trx, told);
  const accounts = [...new Set([...numbered, ...told].map(({ account_id: id }) => id))];
  if (accounts.length > 0)
    await sql`select pg_notify(${FEED_CHANNEL}, a) from unnest(${accounts}::text[]) a`.execute(trx);
  return { hasMore: numbered.length === most, hints: numbered.flatMap(hintsOf) };
}

interface Numbered {
  readonly account_id: string;
  readonly seq: bigint;
}

interface NumberedEvent extends Numbered {
  readonly type: string;
  readonly batch_id: string | null;
}

export interface Round {
  /** There is more to number. */
  readonly hasMore: boolean;
  /** What the events that were numbered have changed: to be told like other hints. */
  readonly hints: readonly Hint[];
}

/** Calls and messages move the balance and their contact, and announce neither: their event does. */
function hintsOf({ account_id: accountId, type, batch_id: batchId }: NumberedEvent): readonly Hint[] {
  const ofContact: readonly Hint[] =
    batchId === null ? [] : [{ type: 'contact.changed', accountId, subject: batchId }];
  const isPaidFor = type === 'call.placed' || type === 'call.ended' || type.startsWith('message.');
  return isPaidFor ? [...ofContact, { type: 'balance.changed', accountId, subject: accountId }] : ofContact;
}

/** What the next number is counted from; the same for all rows of a statement. */
const base = sql<bigint>`(select greatest(seq, (extract(epoch from statement_timestamp()) * 1000000)::bigint)
                            from operation.feed_end)`;

/** To the last number that was given: a clock that stands still or goes back gives none twice. */
async function moveEnd(trx: Trx, numbered: readonly Numbered[]): Promise<void> {
  if (numbered.length === 0) return;
  const end = numbered.reduce((last, { seq }) => (seq > last ? seq : last), 0n);
  await trx.updateTable('operation.feed_end').set({ seq: end }).execute();
}

/** Of a rehearsal nobody is told but whose it is: that it moves. */
async function insertHints(trx: Trx, hints: readonly Hint[], reset: boolean): Promise<readonly Numbered[]> {
  const { rows } = await sql<Numbered>`
    with told as (
      select * from unnest(${hints.map(({ type }) => type)}::text[], ${hints.map(({ accountId }) => accountId)}::uuid[],
                           ${hints.map(({ subject }) => subject)}::uuid[]) with ordinality t (type, account_id, subject, place)
    ), all_of as (
      select a.id as account_id, t.type, t.subject, t.place
        from told t join catalogue.account a on a.id = t.account_id and a.kind <> 'rehearsal'
      union all
      select r.account_id, 'rehearsal.progress', r.id, t.place
        from told t join operation.rehearsal r on r.rehearsal_account_id = t.account_id
       where t.type = 'contact.changed'
      union all
      select a.id, ${RESET}, a.id, 0 from catalogue.account a where ${reset} and a.kind <> 'rehearsal'
    ), once as (
      select account_id, type, subject, min(place) as place from all_of group by 1, 2, 3
    )
    insert into operation.hint (account_id, seq, type, subject)
    select account_id, ${base} + row_number() over (order by place), type, subject from once
    returning account_id, seq`.execute(trx);
  return rows;
}

/** Removes hints that nobody can ask for any more, so many at once. Returns whether there may be more. */
export async function pruneHints(trx: Trx): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from operation.hint where (account_id, seq) in (
      select account_id, seq from operation.hint
       where created_at < clock_timestamp() - ${keptHours} * interval '1 hour' order by created_at limit 5000)`.execute(
    trx,
  );
  return (numAffectedRows ?? 0n) >= 5_000n;
}

export interface FeedRow {
  readonly seq: bigint;
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

export interface FeedPart {
  readonly rows: readonly FeedRow[];
  /** Up to there everything has been read. */
  readonly end: bigint;
}

/** What an account is told behind a number, in order, at most so much of it. One statement: rows and their end are of one moment. */
export async function readFeed(trx: Trx, after: bigint, limit: number): Promise<FeedPart> {
  const { rows } = await sql<(FeedRow | Readonly<Record<keyof FeedRow, null>>) & { end: bigint }>`
    select f.*, e.seq as "end"
      from operation.feed_end e left join (
        select * from (
          (select seq, type, subject, data, occurred_at as at from operation.event
            where seq > ${after} and seq > 0 and type <> 'webhook.test' order by seq limit ${limit})
          union all
          (select seq, type, subject::text, '{}'::jsonb, created_at from operation.hint
            where seq > ${after} order by seq limit ${limit})
        ) both_of order by seq limit ${limit}
      ) f on true
     order by f.seq`.execute(trx);
  const found = rows.flatMap((row) => (row.seq === null ? [] : [row]));
  const last = found.at(-1);
  const end = rows[0]?.end ?? 0n;
  return { rows: found, end: last !== undefined && found.length === limit ? last.seq : end };
}

/** The last number that was given. */
export async function feedEnd(db: Db): Promise<bigint> {
  const { seq } = await db.selectFrom('operation.feed_end').select('seq').executeTakeFirstOrThrow();
  return seq;
}

/** How many events and hints an account has been told behind a number, counted as far as `most`. */
export async function countBehind(trx: Trx, after: bigint, most: number): Promise<number> {
  const { rows } = await sql<{ many: bigint }>`
    select count(*) as many from (
      (select 1 from operation.event where seq > ${after} and seq > 0 limit ${most})
      union all
      (select 1 from operation.hint where seq > ${after} limit ${most})) both_of`.execute(trx);
  return Number(rows[0]?.many ?? 0n);
}
