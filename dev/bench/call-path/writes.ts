import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../../../db/client.ts';

/** What PostgreSQL has written since the database was made: rows by table (`schema.table` → inserts, updates, deletes). */
export interface Written {
  readonly rows: ReadonlyMap<string, number>;
  /** Where the write-ahead log has got to. */
  readonly lsn: string;
}

/**
 * The server's own counters. A connection tells its counts at the latest when it ends: the product's are ended, which
 * its pools survive, and what is read then is whole. Partitions count as their table.
 */
export async function readWritten(owner: Database): Promise<Written> {
  await endOthers(owner);
  await sql`select pg_stat_force_next_flush()`.execute(owner);
  const { rows } = await sql<{ name: string; written: string }>`
    select coalesce(pg_partition_root(relid), relid)::regclass::text as name,
           sum(n_tup_ins + n_tup_upd + n_tup_del)::text as written
      from pg_stat_user_tables group by 1`.execute(owner);
  const { rows: places } = await sql<{ lsn: string }>`select pg_current_wal_flush_lsn()::text as lsn`.execute(
    owner,
  );
  return {
    rows: new Map(rows.map(({ name, written }) => [name, Number(written)])),
    lsn: places[0]?.lsn ?? '0/0',
  };
}

/** Rows by table that were written between two looks; tables without any are left out. */
export function rowsBetween(before: Written, after: Written): Readonly<Record<string, number>> {
  const changed = [...after.rows].map(([name, rows]) => [name, rows - (before.rows.get(name) ?? 0)] as const);
  return Object.fromEntries(
    changed.filter(([, rows]) => rows > 0).toSorted(([one], [other]) => one.localeCompare(other)),
  );
}

/**
 * Bytes of the write-ahead log that rows, indexes and commits took between two looks. Without whole-page images: those
 * depend on when the last checkpoint was, and not on the call.
 */
export async function walBetween(owner: Database, before: Written, after: Written): Promise<number> {
  const { rows } = await sql<{ bytes: string }>`
    select coalesce(sum(record_size), 0)::text as bytes
      from pg_get_wal_stats(${before.lsn}::pg_lsn, ${after.lsn}::pg_lsn, false)
     where "resource_manager/record_type" in ('Heap', 'Heap2', 'Btree', 'Transaction')`.execute(owner);
  return Number(rows[0]?.bytes ?? 0);
}

async function endOthers(owner: Database): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ pid: number }>`
      -- Found first, ended then: the planner may ask a function before the other conditions, and would end everybody's.
      with others as materialized (
        select pid from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend')
      select pid from others where pg_terminate_backend(pid) is not null`.execute(owner);
    if (rows.length === 0) return;
    await sleep(20);
  }
}
