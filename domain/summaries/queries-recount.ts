import { sql } from 'kysely';
import type { Db, Trx } from '../../db/client.ts';
import type { SummedKind } from '../../db/schema/reports.ts';
import { columnsOf, summaries, type SummaryName } from './queries-counted.ts';

/** An hour that was touched. */
export interface TouchedHour {
  readonly kind: SummedKind;
  readonly batch_id: string;
  readonly hour_at: Date;
}

/** Accounts with touched hours, without reading all touches of one that has a million. */
export async function touchedAccounts(system: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ account_id: string }>`
    with recursive touched as (
      (select account_id from operation.report_touch order by account_id limit 1)
      union all
      select (select t.account_id from operation.report_touch t where t.account_id > touched.account_id
               order by t.account_id limit 1)
        from touched where touched.account_id is not null
    )
    select account_id from touched where account_id is not null`.execute(system);
  return rows.map(({ account_id: id }) => id);
}

/** Whether this transaction is the one that counts the account: two would write the same sums twice. */
export async function lockSummaries(trx: Trx): Promise<boolean> {
  const { rows } = await sql<{ ours: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('report ' || core.current_account()::text, 0)) as ours`.execute(
    trx,
  );
  return rows[0]?.ours === true;
}

/**
 * Hours with a touch that is older than `quietMs`, in the order of kind, batch and hour, behind one of them. So an hour in which calls
 * go on is counted once in that time, whoever counts.
 */
export async function dueHours(
  trx: Trx,
  {
    after,
    quietMs,
    limit,
  }: { readonly after: TouchedHour | undefined; readonly quietMs: number; readonly limit: number },
): Promise<readonly TouchedHour[]> {
  const behind =
    after === undefined
      ? sql`true`
      : sql`(kind, batch_id, hour_at) > (${after.kind}, ${after.batch_id}::uuid, ${after.hour_at})`;
  const { rows } = await sql<TouchedHour>`
    select distinct kind, batch_id, hour_at from operation.report_touch
     where ${behind} and touched_at <= clock_timestamp() - ${quietMs} * interval '1 millisecond'
     order by kind, batch_id, hour_at limit ${limit}`.execute(trx);
  return rows;
}

/**
 * Counts hours again and takes their touches, in the caller's transaction. The touches go first: what is committed behind that statement
 * leaves its own, and an hour that is counted once too often is counted right.
 */
export async function recountHours(trx: Trx, due: readonly TouchedHour[]): Promise<void> {
  for (const kind of ['call', 'refusal', 'message'] as const) {
    const ofKind = due.filter((one) => one.kind === kind);
    if (ofKind.length === 0) continue;
    const hours = sql`
      select batch_id, hour_at from unnest(${ofKind.map(({ batch_id: id }) => id)}::uuid[],
                                           ${ofKind.map(({ hour_at: at }) => at)}::timestamptz[]) as t (batch_id, hour_at)`;
    await sql`
      delete from operation.report_touch t using (${hours}) due
       where t.kind = ${kind} and t.batch_id = due.batch_id and t.hour_at = due.hour_at`.execute(trx);
    for (const name of namesOf(kind)) {
      const { table, count } = summaries[name];
      await sql`
        delete from ${sql.table(table)} s using (${hours}) due
         where s.batch_id = due.batch_id and s.hour_at = due.hour_at`.execute(trx);
      await sql`
        insert into ${sql.table(table)} (${columnsOf(name)})
        select ${columnsOf(name)} from (${count({ hours })}) counted`.execute(trx);
    }
  }
}

function namesOf(kind: SummedKind): readonly SummaryName[] {
  const names = ['hours', 'nths', 'refusals', 'messages'] as const;
  return names.filter((name) => summaries[name].kind === kind);
}

/** Touches every hour of the account, of what there is and of what is summed. Returns how many. */
export async function touchAll(trx: Trx): Promise<number> {
  const { rows } = await sql<{ hours: bigint }>`
    select operation.touch_all_reports(core.current_account()) as hours`.execute(trx);
  return Number(rows[0]?.hours ?? 0n);
}

/** Touches the hours of some calls that a role has changed which may not touch any. */
export async function touchCalls(trx: Trx, attemptIds: readonly string[]): Promise<void> {
  await sql`
    insert into operation.report_touch (account_id, kind, batch_id, hour_at)
    select distinct account_id, 'call', batch_id, date_trunc('hour', attempted_at, 'UTC')
      from operation.attempt where id = any(${[...attemptIds]}::uuid[])`.execute(trx);
}

/** Accounts of every kind, by their names in addresses. */
export async function allAccounts(system: Db) {
  return system.selectFrom('catalogue.account').select(['id', 'slug']).orderBy('slug').execute();
}
