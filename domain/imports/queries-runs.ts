import { sql } from 'kysely';
import type { Db, Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';
import type { ImportState } from '../../db/schema/schema.ts';
import type { RowProblem } from './types.ts';

/** An upload that is to become an import. */
export interface ReceivedFile {
  readonly importId: string;
  readonly accountId: string;
  readonly actor: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly again: boolean;
  readonly settings: Readonly<Record<string, string>>;
}

/** Which import some bytes are. */
export interface Received {
  readonly importId: string;
  /** This request has made it. */
  readonly isNew: boolean;
  readonly isUnderWay: boolean;
}

/**
 * The import of these bytes: a new one, or the one that is under way or was stored before. With `again` only one under way
 * is an earlier one. The database decides between several requests at once.
 */
export async function insertImport(trx: Trx, file: ReceivedFile): Promise<Received> {
  for (;;) {
    const { rows } = await sql<{ id: string }>`
      insert into core.import (id, account_id, file_name, sha256, bytes, again, settings, actor)
      values (${file.importId}, ${file.accountId}, ${file.fileName}, ${file.sha256}, ${file.bytes}, ${file.again},
              ${JSON.stringify(file.settings)}, ${file.actor})
      on conflict do nothing returning id`.execute(trx);
    if (rows[0] !== undefined) return { importId: rows[0].id, isNew: true, isUnderWay: true };
    const earlier = await trx
      .selectFrom('core.import')
      .select(['id', 'state'])
      .where('sha256', '=', file.sha256)
      .where('state', 'in', file.again ? ['waiting', 'reading'] : ['waiting', 'reading', 'stored'])
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst();
    // None: the one that was in the way has failed or ended since.
    if (earlier !== undefined) {
      return { importId: earlier.id, isNew: false, isUnderWay: earlier.state !== 'stored' };
    }
  }
}

/** Imports of the account of the transaction that are not over. By the index of those under way. */
export async function importsUnderWay(trx: Trx): Promise<number> {
  const { count } = await trx
    .selectFrom('core.import')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('state', 'in', ['waiting', 'reading'])
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The activity's own bound: by then nobody reads it any more. */
export const placeMs = 30 * 60_000;

/** What a reading begins with. */
export interface ClaimedImport {
  readonly state: ImportState;
  readonly file_name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly rows_stored: number;
  readonly actor: string;
}

/** Two of the largest files in so many minutes: whoever sends one after the other keeps the database from everybody else's calls. */
const rowsAtOnce = 400_000;
const paceMinutes = 3;

/** Whether the account of the transaction has had its rows of the last minutes. Of a day's imports, which the index finds. */
const isAheadOfPace = sql<boolean>`
  (select coalesce(sum(p.rows_read), 0) >= ${sql.lit(rowsAtOnce)} from core.import p
    where p.created_at > clock_timestamp() - interval '1 day'
      and p.claimed_at > clock_timestamp() - ${sql.lit(paceMinutes)} * interval '1 minute')`;

/**
 * Takes an import for reading: 'busy' while another one of the account is read, or when the account has had its rows of the last
 * minutes, so that nobody's files stand in everybody's way; undefined when there is none. One that is over stays as it is.
 */
export async function claimReading(
  trx: Trx,
  { accountId, importId }: { readonly accountId: string; readonly importId: string },
): Promise<ClaimedImport | 'busy' | undefined> {
  // Two claims of one account at once would both see nobody reading.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`imports ${accountId}`}, 0))`.execute(trx);
  const row = await trx
    .selectFrom('core.import')
    .select(['state', 'file_name', 'settings', 'rows_stored', 'actor'])
    .where('id', '=', importId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined || (row.state !== 'waiting' && row.state !== 'reading')) return row;
  const { numUpdatedRows } = await trx
    .updateTable('core.import')
    .set({ state: 'reading', claimed_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', importId)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('core.import')
            .select('id')
            .where('state', '=', 'reading')
            .where('id', '<>', importId)
            .where('claimed_at', '>', sql<Date>`clock_timestamp() - ${placeMs} * interval '1 millisecond'`),
        ),
      ),
    )
    .where((eb) => eb.not(isAheadOfPace))
    .executeTakeFirst();
  return numUpdatedRows === 1n ? { ...row, state: 'reading' } : 'busy';
}

/** How an import ended that could not be taken, or was not wanted any more. Its rows go. False: it was over already. */
export async function endImport(
  trx: Trx,
  importId: string,
  end: {
    readonly state: 'failed' | 'cancelled';
    readonly failure?: { readonly code: string; readonly message_es: string; readonly message_en: string };
  },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.import')
    .set({
      state: end.state,
      failure: end.failure === undefined ? null : JSON.stringify(end.failure),
      rows_stored: 0,
      ended_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', importId)
    .where('state', 'in', ['waiting', 'reading'])
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) return false;
  await trx.deleteFrom('core.import_row').where('import_id', '=', importId).execute();
  return true;
}

/** A file that was read whole and whose rows are stored. */
export interface StoredFile {
  readonly useCase: string;
  readonly rowsRead: number;
  readonly rowsGood: number;
  readonly rowsRefused: number;
  readonly contacts: number;
  /** People whose rows go again, by their numbers in the file, and how many rows these are. */
  readonly withdrawn: readonly number[];
  readonly rowsWithdrawn: number;
  readonly problems: readonly RowProblem[];
  readonly problemsOmitted: number;
  readonly remarkedRowsOmitted: number;
  readonly reading: Readonly<Record<string, unknown>>;
}

/** False: it was over already, or not all of its rows are there. */
export async function finishImport(trx: Trx, importId: string, file: StoredFile): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.import')
    .set({
      state: 'stored',
      use_case: file.useCase,
      rows_read: file.rowsRead,
      rows_good: file.rowsGood,
      rows_refused: file.rowsRefused,
      rows_stored: file.rowsGood,
      contacts: file.contacts,
      problems: JSON.stringify(file.problems),
      problems_omitted: file.problemsOmitted,
      remarked_rows_omitted: file.remarkedRowsOmitted,
      bytes_read: sql<bigint>`bytes`,
      reading: JSON.stringify(file.reading),
      ended_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', importId)
    .where('state', '=', 'reading')
    .where('rows_stored', '=', file.rowsGood + file.rowsWithdrawn)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) return false;
  if (file.withdrawn.length > 0) await withdrawPeople(trx, importId, file.withdrawn);
  return true;
}

/** The others close up: a batch takes people by their numbers, as far as there are people. */
async function withdrawPeople(trx: Trx, importId: string, people: readonly number[]): Promise<void> {
  await sql`delete from core.import_row where import_id = ${importId} and person = any(${people}::integer[])`.execute(
    trx,
  );
  await sql`
    update core.import_row r set person = n.number
      from (select person, row_number() over (order by person) as number
              from core.import_row where import_id = ${importId} group by person) n
     where r.import_id = ${importId} and r.person = n.person and r.person <> n.number`.execute(trx);
}

/** Undefined when there is no such import, or it is not the account's of the transaction. */
export async function importState(db: Db, importId: string): Promise<ImportState | undefined> {
  const row = await db
    .selectFrom('core.import')
    .select('state')
    .where('id', '=', importId)
    .executeTakeFirst();
  return row?.state;
}

/** By what a workflow's id names. */
export async function findImportRun(
  db: Db,
  { accountSlug, importId }: { readonly accountSlug: string; readonly importId: string },
) {
  return db
    .selectFrom('core.import as i')
    .innerJoin('catalogue.account as a', 'a.id', 'i.account_id')
    .select(['i.account_id as accountId', 'i.state'])
    .where('i.id', '=', importId)
    .where('a.slug', '=', accountSlug)
    .executeTakeFirst();
}

/** What a list shows of an import: not its problems, of which each may have a thousand. */
const listed = [
  'i.id',
  'i.state',
  'i.file_name',
  'i.sha256',
  'i.use_case',
  'i.bytes',
  'i.bytes_read',
  'i.rows_read',
  'i.rows_good',
  'i.rows_refused',
  'i.rows_stored',
  'i.contacts',
  'i.failure',
  'i.created_at',
  'i.ended_at',
  'b.batch_id',
] as const;

/** Imports of the account of the transaction, newest first. */
export async function listImports(
  trx: Trx,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
) {
  let query = trx
    .selectFrom('core.import as i')
    .leftJoin('core.batch_import as b', 'b.import_id', 'i.id')
    .select(listed)
    .orderBy('i.created_at', 'desc')
    .orderBy('i.id', 'desc')
    .limit(limit);
  if (after !== undefined) {
    const place = { table: 'core.import', as: 'i', by: ['created_at', 'id'], order: 'desc', after } as const;
    query = query.where(isBehind(place));
  }
  return query.execute();
}
