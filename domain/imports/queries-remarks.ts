import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { refuse } from '../shared/refused.ts';
import type { RemarkedRow } from './remarked-rows.ts';
import type { Severity } from './types.ts';

/** Rows of one statement: a text of some megabytes at most. */
const rowsAtOnce = 1_000;

/** Rows of an import with what was said about them, in the order of the file. Once for an import. */
export async function insertRemarkedRows(
  trx: Trx,
  importId: string,
  rows: readonly RemarkedRow[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const some = rows.slice(from, from + rowsAtOnce).map((row, index) => ({
      ordinal: from + index + 1,
      severity: row.severity,
      sheet: row.sheet,
      sheet_row: row.row,
      cells: row.cells,
      cells_omitted: row.cellsOmitted,
      problems: row.problems,
    }));
    await sql`
      insert into core.import_remarked_row
             (account_id, import_id, ordinal, severity, sheet, sheet_row, cells, cells_omitted, problems)
      select core.current_account(), ${importId}, ordinal, severity, sheet, sheet_row, cells, cells_omitted, problems
        from jsonb_populate_recordset(null::core.import_remarked_row, ${JSON.stringify(some)}::jsonb)`.execute(
      trx,
    );
  }
}

/** How many rows of an import were remarked on and not kept. Throws `OperationRefused` when it is not the account's. */
export async function remarkedRowsOmitted(trx: Trx, importId: string): Promise<number> {
  const row = await trx
    .selectFrom('core.import')
    .select('remarked_rows_omitted')
    .where('id', '=', importId)
    .executeTakeFirst();
  if (row === undefined) throw refuse('import_not_found');
  return row.remarked_rows_omitted;
}

export interface RemarkedRowsPage {
  readonly importId: string;
  readonly severity: Severity | undefined;
  /** The row that the page before ended with. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Rows of an import of the transaction's account with what was said about them, in the order of the file. */
export async function listRemarkedRows(trx: Trx, { importId, severity, after, limit }: RemarkedRowsPage) {
  let query = trx
    .selectFrom('core.import_remarked_row')
    .select(['id', 'severity', 'sheet', 'sheet_row', 'cells', 'cells_omitted', 'problems'])
    .where('import_id', '=', importId)
    .orderBy('ordinal')
    .limit(limit);
  if (severity !== undefined) query = query.where('severity', '=', severity);
  if (after !== undefined) {
    query = query.where((eb) =>
      eb('ordinal', '>', eb.selectFrom('core.import_remarked_row').select('ordinal').where('id', '=', after)),
    );
  }
  return query.execute();
}
