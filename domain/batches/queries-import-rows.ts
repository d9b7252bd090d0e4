import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** A row of an uploaded file, with the contact of its person in the batch that took the file. */
export interface ImportedRow {
  readonly ordinal: number;
  readonly sheet: string;
  readonly sheet_row: number;
  readonly national_id: string | null;
  readonly name: string;
  readonly phones: readonly string[];
  readonly email: string | null;
  readonly creditor: string | null;
  readonly amount_micros: bigint | null;
  readonly currency: string | null;
  readonly due_date: string | null;
  readonly reference: string | null;
  readonly variables: Readonly<Record<string, string>>;
  /** Null: no batch took them, or they were known, settled or erased. */
  readonly contact_id: string | null;
}

/** Rows of an import behind one of them, in the order of the file. */
export async function listImportedRows(
  trx: Trx,
  importId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly ImportedRow[]> {
  const { rows } = await sql<ImportedRow>`
    select r.ordinal, r.sheet, r.sheet_row, r.national_id, r.name, r.phones, r.email, r.creditor, r.amount_micros, r.currency,
           r.due_date, r.reference, r.variables, k.id as contact_id
      from (select * from core.import_row where import_id = ${importId} and ordinal > ${after} order by ordinal limit ${limit}) r
      left join core.batch_import t on t.import_id = r.import_id
      left join core.person s on s.account_id = r.account_id and s.identity_key = r.identity_key
      left join core.contact k on k.batch_id = t.batch_id and k.person_id = s.id
     order by r.ordinal`.execute(trx);
  return rows;
}

/** What the rows of an import say besides the columns that everybody has: titles in the order of the alphabet. */
export async function variablesOfImport(trx: Trx, importId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ title: string }>`
    select distinct title from core.import_row cross join jsonb_object_keys(variables) title
     where import_id = ${importId} order by title limit 200`.execute(trx);
  return rows.map(({ title }) => title);
}

/** The import's file, its rows, and the zone of the batch that took it, or else of the account. */
export async function findImported(trx: Trx, importId: string) {
  const { rows } = await sql<{ rows_stored: number; zone: string | null }>`
    select i.rows_stored, (select b.zone from core.batch_import t join core.batch b on b.id = t.batch_id where t.import_id = i.id) as zone
      from core.import i where i.id = ${importId}`.execute(trx);
  return rows[0];
}
