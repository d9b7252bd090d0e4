import { sql } from 'kysely';
import type { Db, Trx } from '../../db/client.ts';
import type { SettledChoice } from '../imports/queries-settled.ts';

/** An import whose people a batch takes, and how far it is. */
export interface BatchImportRow {
  readonly import_id: string;
  readonly batch_id: string;
  readonly people_total: number;
  readonly people_taken: number;
  readonly people_known: number;
  readonly people_settled: number;
  readonly created_at: Date;
  /** All its people are in, or the batch was cancelled. */
  readonly ended_at: Date | null;
}

function selectBatchImports(db: Db) {
  return db
    .selectFrom('core.batch_import')
    .select([
      'import_id',
      'batch_id',
      'people_total',
      'people_taken',
      'people_known',
      'people_settled',
      'created_at',
      'ended_at',
    ]);
}

/** The batch that takes an import's people; undefined: none does. */
export async function findBatchImport(trx: Trx, importId: string): Promise<BatchImportRow | undefined> {
  return selectBatchImports(trx).where('import_id', '=', importId).executeTakeFirst();
}

/** Imports of a batch by id, from behind one on. */
export async function listBatchImports(
  trx: Trx,
  batchId: string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<readonly BatchImportRow[]> {
  let query = selectBatchImports(trx).where('batch_id', '=', batchId).orderBy('import_id').limit(limit);
  if (after !== undefined) query = query.where('import_id', '>', after);
  return query.execute();
}

export async function insertBatchImport(
  trx: Trx,
  row: {
    readonly accountId: string;
    readonly batchId: string;
    readonly importId: string;
    readonly people: number;
    readonly actor: string;
    readonly settled: SettledChoice | null;
  },
): Promise<void> {
  await trx
    .insertInto('core.batch_import')
    .values({
      import_id: row.importId,
      account_id: row.accountId,
      batch_id: row.batchId,
      people_total: row.people,
      actor: row.actor,
      settled: row.settled,
    })
    .execute();
}

/** The first import of a batch, by the time it was given, of which people are left; undefined: all are in. */
export async function nextBatchImport(trx: Trx, batchId: string) {
  return trx
    .selectFrom('core.batch_import')
    .select(['import_id', 'people_taken', 'settled'])
    .where('batch_id', '=', batchId)
    .where('ended_at', 'is', null)
    .orderBy('created_at')
    .orderBy('import_id')
    .limit(1)
    .executeTakeFirst();
}

/** A portion is in: together with its contacts, or not at all. */
export async function notePortion(
  trx: Trx,
  importId: string,
  {
    people,
    known,
    settled,
    erased,
  }: {
    readonly people: number;
    readonly known: number;
    readonly settled: number;
    readonly erased: number;
  },
): Promise<void> {
  await sql`
    update core.batch_import
       set people_taken = least(people_taken + ${people}, people_total), people_known = people_known + ${known},
           people_settled = people_settled + ${settled}, people_erased = people_erased + ${erased},
           ended_at = case when people_taken + ${people} >= people_total then clock_timestamp() end
     where import_id = ${importId}`.execute(trx);
}

/** Nobody more is taken into a batch. */
export async function endBatchImports(trx: Trx, batchId: string): Promise<void> {
  await trx
    .updateTable('core.batch_import')
    .set({ ended_at: sql<Date>`clock_timestamp()` })
    .where('batch_id', '=', batchId)
    .where('ended_at', 'is', null)
    .execute();
}

/**
 * People who are still to become contacts, as a part of a statement that counts contacts too: a portion that is taken between two
 * statements stands in neither of them.
 */
export function toComeOf(batchIds: readonly string[]) {
  return sql<{ batch_id: string; people: bigint }>`
    select batch_id, sum(people_total - people_taken)::bigint as people from core.batch_import
     where batch_id = any(${[...batchIds]}::uuid[]) and ended_at is null group by 1`;
}

/** People who are still to become contacts, of each of some batches that has any. */
export async function peopleToCome(
  trx: Trx,
  batchIds: readonly string[],
): Promise<readonly { readonly batchId: string; readonly people: number }[]> {
  const { rows } = await toComeOf(batchIds).execute(trx);
  return rows.map(({ batch_id, people }) => ({ batchId: batch_id, people: Number(people) }));
}
