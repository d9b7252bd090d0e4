import { sql } from 'kysely';
import type { Db, Trx } from '../../db/client.ts';
import type { TableFileKind, TableFileState } from '../../db/schema/schema.ts';
import { placeMs } from '../imports/queries-runs.ts';
import { refuse } from '../shared/refused.ts';
import type { RowBecame, TableProblem } from './table-rows.ts';

/** A file of payments or removals whose object is stored. */
export interface ReceivedTable {
  readonly fileId: string;
  readonly accountId: string;
  readonly actor: string;
  readonly kind: TableFileKind;
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
}

const underWay = ['waiting', 'reading'] as const;

/** The file of these bytes: a new one, or the one that is under way. The database decides between several requests at once. */
export async function insertTableFile(
  trx: Trx,
  file: ReceivedTable,
): Promise<{ readonly fileId: string; readonly isNew: boolean }> {
  for (;;) {
    const made = await trx
      .insertInto('core.table_file')
      .values({
        id: file.fileId,
        account_id: file.accountId,
        kind: file.kind,
        file_name: file.fileName,
        sha256: file.sha256,
        actor: file.actor,
        bytes: BigInt(file.bytes),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (made !== undefined) return { fileId: made.id, isNew: true };
    const earlier = await trx
      .selectFrom('core.table_file')
      .select('id')
      .where('sha256', '=', file.sha256)
      .where('kind', '=', file.kind)
      .where('state', 'in', underWay)
      .executeTakeFirst();
    // None: the one that was in the way has ended since.
    if (earlier !== undefined) return { fileId: earlier.id, isNew: false };
  }
}

/** What a reading begins with. */
export interface ClaimedTable {
  readonly state: TableFileState;
  readonly kind: TableFileKind;
  readonly file_name: string;
  readonly sha256: string;
  readonly actor: string;
  readonly rows_read: number;
}

/**
 * Takes a file for reading: 'busy' while another one of its account and kind is read; undefined when there is none. Whom
 * not to contact does not wait for payments. One that is over stays as it is.
 */
export async function claimTable(
  trx: Trx,
  { accountId, fileId }: { readonly accountId: string; readonly fileId: string },
): Promise<ClaimedTable | 'busy' | undefined> {
  // Two claims of one account at once would both see nobody reading.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`table files ${accountId}`}, 0))`.execute(trx);
  const row = await trx
    .selectFrom('core.table_file')
    .select(['state', 'kind', 'file_name', 'sha256', 'actor', 'rows_read'])
    .where('id', '=', fileId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined || (row.state !== 'waiting' && row.state !== 'reading')) return row;
  const { rows } = await sql`
    update core.table_file f set state = 'reading', claimed_at = clock_timestamp()
     where id = ${fileId} and not exists (
       select from core.table_file o
        where o.kind = f.kind and o.state = 'reading' and o.id <> f.id
          and o.claimed_at > clock_timestamp() - ${placeMs} * interval '1 millisecond')
    returning id`.execute(trx);
  return rows.length === 1 ? { ...row, state: 'reading' } : 'busy';
}

/**
 * Counts a row behind those before it, in the transaction of what it did. False: another worker has counted it, or the
 * file is over; what the row did must not stand then.
 */
export async function countTableRow(
  trx: Trx,
  fileId: string,
  {
    row,
    share,
    became,
  }: {
    /** From 1. */
    readonly row: number;
    /** Of the file, from 0 to 1. */
    readonly share: number;
    readonly became: RowBecame | TableProblem;
  },
): Promise<boolean> {
  const did = typeof became === 'string' ? became : 'became' in became ? became.became : 'refused';
  const said = typeof became === 'string' ? [] : 'became' in became ? became.problems : [became];
  const problems = said.length === 0 ? null : JSON.stringify(said);
  const { rows } = await sql`
    update core.table_file
       set rows_read = ${row}, bytes_read = floor(bytes * ${share}::float8),
           rows_done = rows_done + ${did === 'done' ? 1 : 0}::int,
           rows_known = rows_known + ${did === 'known' ? 1 : 0}::int,
           rows_refused = rows_refused + ${did === 'refused' ? 1 : 0}::int,
           problems = case when ${problems}::jsonb is null or jsonb_array_length(problems) >= ${mostProblems} then problems
                           else problems || ${problems}::jsonb end
     where id = ${fileId} and state = 'reading' and rows_read = ${row - 1}
    returning id`.execute(trx);
  return rows.length === 1;
}

const mostProblems = 1_000;

/** False: it was over already, or not all of its rows have been counted. */
export async function finishTable(trx: Trx, fileId: string, rows: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.table_file')
    .set({ state: 'done', bytes_read: sql<bigint>`bytes`, ended_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', fileId)
    .where('state', '=', 'reading')
    .where('rows_read', '=', rows)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The file could not be taken. What its rows did before that stands. False: it was over already. */
export async function failTable(
  trx: Trx,
  fileId: string,
  failure: { readonly code: string; readonly message_es: string; readonly message_en: string },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.table_file')
    .set({ state: 'failed', failure: JSON.stringify(failure), ended_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', fileId)
    .where('state', 'in', underWay)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Undefined when there is no such file. */
export async function tableFileState(db: Db, fileId: string): Promise<TableFileState | undefined> {
  const row = await db
    .selectFrom('core.table_file')
    .select('state')
    .where('id', '=', fileId)
    .executeTakeFirst();
  return row?.state;
}

/** By what a workflow's id names. */
export async function findTableFileRun(
  db: Db,
  { accountSlug, importId }: { readonly accountSlug: string; readonly importId: string },
) {
  return db
    .selectFrom('core.table_file as f')
    .innerJoin('catalogue.account as a', 'a.id', 'f.account_id')
    .select(['f.account_id as accountId', 'f.state'])
    .where('f.id', '=', importId)
    .where('a.slug', '=', accountSlug)
    .executeTakeFirst();
}

/** Throws `OperationRefused` when the account of the transaction has no such file of this kind. */
export async function readTableFile(trx: Trx, kind: TableFileKind, fileId: string) {
  const row = await trx
    .selectFrom('core.table_file')
    .selectAll()
    .where('id', '=', fileId)
    .where('kind', '=', kind)
    .executeTakeFirst();
  if (row === undefined) throw refuse('table_file_not_found');
  return row;
}
