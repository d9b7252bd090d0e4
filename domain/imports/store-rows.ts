/** An upload into core.import and core.import_row: COPY into a temporary table, then one INSERT … SELECT. */
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';
import { type ImportLimits, importLimits } from './limits.ts';
import { parseUpload } from './parse.ts';
import { keepingProblems, ProblemList } from './problem-list.ts';
import type { ImportSummary, ParsedRow, ParseInput, RowProblem } from './types.ts';

export interface StoredImport {
  readonly importId: string;
  readonly summary: ImportSummary;
  /** As stored: at most 1,000. */
  readonly problems: readonly RowProblem[];
  readonly problemsOmitted: number;
}

/** The columns of core.import_row that come from the file, in the order of a COPY line. */
const COLUMNS =
  'ordinal, sheet, sheet_row, identity_key, national_id, name, phones, country, region, zone, creditor, ' +
  'amount_micros, currency, due_date, reference, variables, email';

/** COPY FROM is refused on a table with row-level security: rows land here, and are checked on their way on. */
const STAGING = `
  create temporary table import_staging (
    ordinal integer, sheet text, sheet_row integer, identity_key text, national_id text, name text, phones text[],
    country text, region text, zone text, creditor text, amount_micros bigint, currency text, due_date date,
    reference text, variables jsonb, email text
  ) on commit drop`;

/** Bytes of lines gathered before a write: one write per row costs more than the row. */
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * Reads the file again and stores its good rows and its problems, all or nothing. `pool` must run as `tandas_app`: its
 * rows are the account's by row-level security. Throws `ImportFileError` as `parseUpload` does; nothing stays then.
 */
export async function storeImport(
  pool: pg.Pool,
  accountId: string,
  input: ParseInput,
  limits: ImportLimits = importLimits,
): Promise<StoredImport> {
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('begin');
    await client.query(`select set_config('app.account_id', $1, true)`, [accountId]);
    await client.query(STAGING);
    const problems = new ProblemList();
    const summary = await copyRows(client, input, problems, limits);
    const importId = await writeImport(client, accountId, summary, problems);
    await client.query('commit');
    failed = false;
    return { importId, summary, problems: problems.kept, problemsOmitted: problems.omitted };
  } finally {
    // A connection that may be in the middle of a COPY is closed, not given back: closing it rolls back.
    client.release(failed);
  }
}

async function copyRows(
  client: pg.PoolClient,
  input: ParseInput,
  problems: ProblemList,
  limits: ImportLimits,
): Promise<ImportSummary> {
  const copy = client.query(copyFrom(`copy import_staging (${COLUMNS}) from stdin`));
  // Without a listener of its own, a failure between two writes would be an uncaught exception.
  let failure: Error | undefined;
  copy.on('error', (error: Error) => (failure = error));
  let ordinal = 0;
  let pending = '';
  const sink = keepingProblems(problems, async (row) => {
    ordinal += 1;
    pending += copyLine(row, ordinal);
    if (pending.length < CHUNK_CHARACTERS) return;
    if (failure !== undefined) throw failure;
    await write(copy, pending);
    pending = '';
  });
  const summary = await parseUpload(input, sink, limits);
  if (failure !== undefined) throw failure;
  if (pending !== '') await write(copy, pending);
  copy.end();
  await finished(copy);
  return summary;
}

async function write(copy: CopyStreamQuery, text: string): Promise<void> {
  if (!copy.write(text)) await once(copy, 'drain');
}

async function writeImport(
  client: pg.PoolClient,
  accountId: string,
  summary: ImportSummary,
  problems: ProblemList,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into core.import
       (account_id, file_name, sha256, use_case, rows_read, rows_good, rows_refused, contacts, problems)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`,
    [
      accountId,
      summary.fileName.slice(0, 255),
      summary.sha256,
      summary.useCase,
      summary.rowsRead,
      summary.rowsGood,
      summary.rowsRefused,
      summary.contacts,
      JSON.stringify(problems.kept),
    ],
  );
  const importId = rows[0]?.id;
  if (importId === undefined) throw new Error('the import row was not written');
  await client.query(
    `insert into core.import_row (account_id, import_id, ${COLUMNS})
     select $1, $2, ${COLUMNS} from import_staging`,
    [accountId, importId],
  );
  return importId;
}

/** One line of COPY's text format. */
function copyLine(row: ParsedRow, ordinal: number): string {
  const { debt } = row;
  const values: (string | number | undefined)[] = [
    ordinal,
    row.sheet,
    row.row,
    row.identityKey,
    row.nationalId,
    row.name,
    // E.164 has no character that an array literal would quote.
    `{${row.phones.join(',')}}`,
    row.country,
    row.region,
    row.zone ?? undefined,
    debt?.creditor,
    debt?.amountMicros.toString(),
    debt?.currency,
    debt?.dueDate,
    debt?.reference,
    JSON.stringify(row.variables),
    row.email,
  ];
  return `${values.map(copyValue).join('\t')}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyValue(value: string | number | undefined): string {
  if (value === undefined) return '\\N';
  return String(value).replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}
