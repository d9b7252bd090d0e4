import type { Trx } from '../../db/client.ts';
import { refuse } from '../shared/refused.ts';

/** Earlier imports of the same bytes by the account of the transaction, newest first, at most 5. */
export async function findSameFile(trx: Trx, sha256: string): Promise<readonly SameFile[]> {
  const rows = await trx
    .selectFrom('core.import as i')
    .leftJoin('core.batch_import as b', 'b.import_id', 'i.id')
    .select(['i.id', 'i.file_name', 'i.created_at', 'b.batch_id'])
    .where('i.sha256', '=', sha256)
    .orderBy('i.created_at', 'desc')
    .limit(5)
    .execute();
  return rows.map((row) => ({
    importId: row.id,
    fileName: row.file_name,
    importedAt: row.created_at.toISOString(),
    batchId: row.batch_id,
  }));
}

/** An import as it was stored. Throws `OperationRefused` when it is not the account's. */
export async function readImport(trx: Trx, importId: string) {
  const row = await trx
    .selectFrom('core.import as i')
    .leftJoin('core.batch_import as b', 'b.import_id', 'i.id')
    .selectAll('i')
    .select('b.batch_id')
    .where('i.id', '=', importId)
    .executeTakeFirst();
  if (row === undefined) throw refuse('import_not_found');
  return row;
}

/** Undefined when the account has no such import. */
export async function useCaseOfImport(trx: Trx, importId: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('core.import')
    .select('use_case')
    .where('id', '=', importId)
    .executeTakeFirst();
  return row?.use_case ?? undefined;
}

/** An earlier import of this account whose file is the same byte for byte. */
export interface SameFile {
  readonly importId: string;
  readonly fileName: string;
  readonly importedAt: string;
  /** The batch that was made of it, if any. */
  readonly batchId: string | null;
}
