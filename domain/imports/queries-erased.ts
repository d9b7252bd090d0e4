import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

export interface ErasedRow {
  readonly person: number;
  readonly sheet: string;
  readonly sheet_row: number;
}

/**
 * Rows of an import whose person was erased, by id or by any of their numbers, in the order of the file. `inner` and `outer`:
 * the two pads of HMAC-SHA-256 (RFC 2104), which PostgreSQL has no function for.
 */
export async function erasedRowsOf(
  trx: Trx,
  importId: string,
  { inner, outer }: { readonly inner: Buffer; readonly outer: Buffer },
): Promise<readonly ErasedRow[]> {
  const { rows } = await sql<ErasedRow>`
    with keys as materialized (
      select person, identity_key as key from core.import_row where import_id = ${importId}
       union
      select r.person, 'tel:' || t.e164 from core.import_row r, unnest(r.phones) as t (e164)
       where r.import_id = ${importId}),
    gone as materialized (
      select distinct k.person from keys k
        join core.erased_key e
          on e.hash = sha256(${outer}::bytea || sha256(${inner}::bytea || convert_to(k.key, 'UTF8'))))
    select r.person, r.sheet, r.sheet_row from core.import_row r join gone g on g.person = r.person
     where r.import_id = ${importId} order by r.ordinal`.execute(trx);
  return rows;
}
