import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { refuse } from '../shared/refused.ts';

/** Columns of the refused rows of an import, in the order in which they are met. Throws `OperationRefused` when it is not the account's. */
export async function refusedColumns(
  trx: Trx,
  importId: string,
): Promise<{ readonly fileName: string; readonly columns: readonly string[] }> {
  const found = await trx
    .selectFrom('core.import')
    .select('file_name')
    .where('id', '=', importId)
    .executeTakeFirst();
  if (found === undefined) throw refuse('import_not_found');
  const { rows } = await sql<{ title: string }>`
    select c.cell ->> 'column' as title
      from core.import_remarked_row r cross join jsonb_array_elements(r.cells) with ordinality c (cell, place)
     where r.import_id = ${importId} and r.severity = 'refused'
     group by 1 order by min((r.ordinal, c.place)), 1`.execute(trx);
  return { fileName: found.file_name, columns: rows.map(({ title }) => title) };
}

export interface RefusedRow {
  readonly ordinal: number;
  readonly sheet: string;
  readonly sheet_row: number;
  readonly titles: readonly string[];
  /** As they were read: at most 120 characters of each. */
  readonly cells: readonly string[];
  readonly cells_omitted: number;
  readonly problem_columns: readonly string[];
  readonly problem_values: readonly string[];
  readonly messages: readonly string[];
  readonly hints: readonly string[];
}

/** Refused rows of an import behind one of them, in the order of the file. */
export async function listRefused(
  trx: Trx,
  importId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly RefusedRow[]> {
  const each = (list: string, field: string) => sql`
    array(select coalesce(x.one ->> ${field}, '') from jsonb_array_elements(${sql.ref(list)}) with ordinality x (one, place)
           order by x.place)`;
  const { rows } = await sql<RefusedRow>`
    select ordinal, sheet, sheet_row, cells_omitted, ${each('cells', 'column')} as titles, ${each('cells', 'value')} as cells,
           ${each('problems', 'column')} as problem_columns, ${each('problems', 'value')} as problem_values,
           ${each('problems', 'message_es')} as messages, ${each('problems', 'hint_es')} as hints
      from core.import_remarked_row
     where import_id = ${importId} and severity = 'refused' and ordinal > ${after}
     order by ordinal limit ${limit}`.execute(trx);
  return rows;
}
