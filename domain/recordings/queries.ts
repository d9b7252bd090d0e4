import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { StoredObjectState } from '../../db/schema/recordings.ts';

/** Work of an account that is under way in this process, and how much more of it may be. */
export interface Busy {
  readonly id: string;
  readonly left: number;
}

export interface TakeOptions {
  readonly limit: number;
  /** Of an account that has nothing under way. */
  readonly ofAccount: number;
  readonly busy: readonly Busy[];
  /** Longer than the work can last: what a dead worker had taken is due again after it. */
  readonly claimMs: number;
}

export interface DueObject {
  readonly id: string;
  readonly account_id: string;
  readonly provider_call_id: string;
  readonly key: string;
  readonly state: StoredObjectState;
  readonly source_url: string | null;
  readonly tries: number;
  readonly erased_at: Date | null;
}

/** Claims rows of a table that are due, as `takeObjects` says, to be followed by what it returns. */
function claimed(table: string, { limit, ofAccount, busy, claimMs }: TakeOptions): RawBuilder<unknown> {
  return sql`
    with busy as (select * from jsonb_to_recordset(${JSON.stringify(busy)}::jsonb) as b (id uuid, "left" integer)),
         picked as (
           select o.id from catalogue.account a
             left join busy b on b.id = a.id
             cross join lateral (
               select x.id, x.next_try_at from ${sql.table(table)} x
                where x.account_id = a.id and x.next_try_at <= clock_timestamp()
                order by x.next_try_at limit greatest(0, coalesce(b."left", ${ofAccount}))
                for update skip locked) o
            order by o.next_try_at limit ${limit})
    update ${sql.table(table)}
       set tries = tries + 1, next_try_at = clock_timestamp() + ${claimMs} * interval '1 millisecond'
     where id in (select id from picked)`;
}

/**
 * What is due, the oldest first, a few of each account: one with a hundred thousand recordings leaves room to the others. It is
 * due again after the claim. As `tandas_system`.
 */
export async function takeObjects(trx: Trx, options: TakeOptions): Promise<readonly DueObject[]> {
  const { rows } = await sql<DueObject>`
    ${claimed('core.stored_object', options)}
    returning id, account_id, provider_call_id, key, state, source_url, tries, erased_at`.execute(trx);
  return rows;
}

/** Whoever works on it lives: it is not due for a while more. Not once its person was erased. */
export async function holdObject(trx: Trx, id: string, claimMs: number): Promise<void> {
  await sql`
    update core.stored_object set next_try_at = clock_timestamp() + ${claimMs} * interval '1 millisecond'
     where id = ${id} and state = 'waiting' and erased_at is null`.execute(trx);
}

export interface KeptObject {
  readonly mediaType: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly days: number;
}

/** It is in the store, until its day. False: its person was erased meanwhile, or another worker has kept it. */
export async function markKept(trx: Trx, id: string, kept: KeptObject): Promise<boolean> {
  const { rows } = await sql`
    update core.stored_object
       set state = 'kept', source_url = null, tries = 0, last_fault = null, media_type = ${kept.mediaType},
           sha256 = ${kept.sha256}, bytes = ${kept.bytes}, kept_at = now(),
           delete_after = now() + ${kept.days} * interval '1 day',
           next_try_at = now() + ${kept.days} * interval '1 day'
     where id = ${id} and state = 'waiting' and erased_at is null
    returning id`.execute(trx);
  return rows.length > 0;
}

/** Whether the store should have it: of two workers that fetched one the second must not take away what the first has kept. */
export async function isKept(trx: Trx, id: string): Promise<boolean> {
  const found = await trx
    .selectFrom('core.stored_object')
    .select('id')
    .where('id', '=', id)
    .where('state', '=', 'kept')
    .where('erased_at', 'is', null)
    .executeTakeFirst();
  return found !== undefined;
}

/** Not in the store any more, and never again. */
export async function markRemoved(trx: Trx, id: string): Promise<void> {
  await sql`
    update core.stored_object
       set state = 'removed', removed_at = coalesce(removed_at, clock_timestamp()), source_url = null,
           next_try_at = null, tries = 0, last_fault = null
     where id = ${id}`.execute(trx);
}

/** Once more, later; never: it is lost. What was erased meanwhile is to be removed at once, not fetched. */
export async function markFailed(
  trx: Trx,
  id: string,
  {
    fault,
    afterMs,
    wasErased,
  }: { readonly fault: string; readonly afterMs: number | null; readonly wasErased: boolean },
): Promise<void> {
  await sql`
    update core.stored_object
       set last_fault = ${fault},
           state = case when ${afterMs}::bigint is null and state = 'waiting' and erased_at is null then 'lost' else state end,
           next_try_at = case when erased_at is not null and not ${wasErased} then clock_timestamp()
                              else clock_timestamp() + ${afterMs}::bigint * interval '1 millisecond' end
     where id = ${id} and next_try_at is not null`.execute(trx);
}

export interface DueRemoval {
  readonly id: string;
  readonly account_id: string;
  readonly provider_call_id: string;
  readonly tries: number;
}

/** Calls that the provider is to take away, as `takeObjects` takes. */
export async function takeRemovals(trx: Trx, options: TakeOptions): Promise<readonly DueRemoval[]> {
  const { rows } = await sql<DueRemoval>`
    ${claimed('operation.provider_removal', options)}
    returning id, account_id, provider_call_id, tries`.execute(trx);
  return rows;
}

export async function markGone(trx: Trx, id: string): Promise<void> {
  await sql`
    update operation.provider_removal set gone_at = clock_timestamp(), next_try_at = null, last_fault = null
     where id = ${id} and gone_at is null`.execute(trx);
}

export async function askAgain(
  trx: Trx,
  id: string,
  { fault, afterMs }: { readonly fault: string; readonly afterMs: number },
): Promise<void> {
  await sql`
    update operation.provider_removal
       set last_fault = ${fault}, next_try_at = clock_timestamp() + ${afterMs} * interval '1 millisecond'
     where id = ${id} and gone_at is null`.execute(trx);
}

export interface RecordingRow {
  readonly id: string;
  readonly attempt_id: string;
  readonly key: string;
  readonly state: StoredObjectState;
  readonly media_type: string | null;
  readonly sha256: string | null;
  readonly bytes: bigint | null;
  readonly delete_after: Date | null;
  readonly erased_at: Date | null;
}

/** Of a call of the caller's account. */
export function recordingOfCall(trx: Trx, attemptId: string): Promise<RecordingRow | undefined> {
  return recordings(trx).where('attempt_id', '=', attemptId).executeTakeFirst();
}

export function recordingById(trx: Trx, id: string): Promise<RecordingRow | undefined> {
  return recordings(trx).where('id', '=', id).executeTakeFirst();
}

function recordings(trx: Trx) {
  return trx
    .selectFrom('core.stored_object')
    .select([
      'id',
      'attempt_id',
      'key',
      'state',
      'media_type',
      'sha256',
      'bytes',
      'delete_after',
      'erased_at',
    ])
    .where('kind', '=', 'recording');
}

/**
 * Of keys of the store, those that some row speaks of: an import or a file that is still to be read, a recording that is kept or
 * may be on its way. As `tandas_system`.
 */
export async function wantedKeys(trx: Trx, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ key: string }>`
    with k as (select key, split_part(key, '/', 3) as id from unnest(${[...keys]}::text[]) as x (key)),
         f as (select key, id::uuid as id from k
                where key ~ '^imports/' and id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')
    select f.key from f join core.import i on i.id = f.id where i.state in ('waiting', 'reading')
     union
    select f.key from f join core.table_file t on t.id = f.id where t.state in ('waiting', 'reading')
     union
    select k.key from k join core.stored_object o on o.key = k.key where o.state in ('waiting', 'kept')`.execute(
    trx,
  );
  return new Set(rows.map(({ key }) => key));
}
