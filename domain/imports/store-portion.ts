/** A portion of a file into core.import_row: COPY into a temporary table, then one INSERT … SELECT. */
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { copyColumns } from './copy-line.ts';
import type { Portion } from './thread-messages.ts';

/** COPY FROM is refused on a table with row-level security: rows land here, and are checked on their way on. */
const staging = `
  create temporary table import_staging (
    ordinal integer, sheet text, sheet_row integer, identity_key text, national_id text, name text, phones text[],
    country text, region text, zone text, creditor text, amount_micros bigint, currency text, due_date date,
    reference text, variables jsonb, email text, person integer
  ) on commit drop`;

/** The import is over, or another worker has stored this portion: whoever tries it reads for nothing. */
export class NotOurs extends Error {
  override readonly name = 'NotOurs';
}

/**
 * Stores a portion behind those before it, all or nothing, and says so in the import's row. `pool` must run as
 * `tandas_app`. Throws `NotOurs` when the import is not at this portion any more: a worker that was taken for dead writes
 * nothing twice.
 */
export async function storePortion(
  pool: pg.Pool,
  { accountId, importId }: { readonly accountId: string; readonly importId: string },
  { first, last, lines, rowsChecked, share }: Portion,
): Promise<void> {
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('begin');
    await client.query(`select set_config('app.account_id', $1, true)`, [accountId]);
    const { rowCount } = await client.query(
      `update core.import set rows_stored = $3, rows_read = $4, bytes_read = floor(bytes * $5::float8)
        where id = $1 and state = 'reading' and rows_stored = $2`,
      [importId, first - 1, last, rowsChecked, share],
    );
    if (rowCount !== 1) throw new NotOurs(`import ${importId} is not at row ${first}`);
    await client.query(staging);
    const copy = client.query(copyFrom(`copy import_staging (${copyColumns}) from stdin`));
    await pipeline(Readable.from([Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength)]), copy);
    await client.query(
      `insert into core.import_row (account_id, import_id, ${copyColumns})
       select $1, $2, ${copyColumns} from import_staging`,
      [accountId, importId],
    );
    await client.query('commit');
    failed = false;
  } finally {
    // A connection that may be in the middle of a COPY is closed, not given back: closing it rolls back.
    client.release(failed);
  }
}
