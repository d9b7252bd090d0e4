import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { createDatabase, createPool, inAccount } from '../../../db/client.ts';
import { ImportFileError } from '../../../domain/imports/errors.ts';
import { guardUpload } from '../../../domain/imports/guard.ts';
import { importLimits } from '../../../domain/imports/limits.ts';
import { loadPortion } from '../../../domain/imports/load.ts';
import { parseUpload } from '../../../domain/imports/parse.ts';
import { readCsv } from '../../../domain/imports/read-csv.ts';
import { readImport } from '../../../domain/imports/queries.ts';
import { readWorkbook } from '../../../domain/imports/read-workbook.ts';
import { storeFile } from '../../../test/support/imports.ts';
import { newBatchOf } from './batch.ts';
import type { Job } from './jobs.ts';

/** A million rows are five times what the API takes: the bounds are the API's, the reader is the same. */
const limits = { ...importLimits, maxFileBytes: 200 * 1024 * 1024, maxRows: 1_000_001 };
const fileName = 'deudores';
const defaults = { country: 'CL', currency: 'CLP' };

const columns =
  'ordinal, sheet, sheet_row, identity_key, national_id, name, phones, country, region, zone, creditor, ' +
  'amount_micros, currency, due_date, reference, variables';

async function work(job: Job): Promise<number> {
  switch (job.kind) {
    case 'guard':
      await guardUpload(job.path);
      await parseUpload(
        { path: job.path, fileName, defaults },
        { row: () => undefined, problem: () => undefined },
      );
      return 0;
    case 'parse': {
      // Cells, and nothing done with them: what the library takes to read the file.
      const { path } = job;
      let read = 0;
      const sheets = path.endsWith('.csv') ? readCsv(path, fileName, limits) : readWorkbook(path, limits);
      for await (const sheet of sheets)
        for await (const row of sheet.rows) read += row.cells.length > 0 ? 1 : 0;
      return read;
    }
    case 'store': {
      const pool = createPool({ url: job.url, role: 'tandas_app', maxConnections: 2 });
      const app = createDatabase({ url: job.url, role: 'tandas_app', maxConnections: 2 });
      const { accountId, path } = job;
      const importId = await storeFile(
        { app, pool },
        { accountId, path, fileName, settings: defaults, limits },
      );
      const { rows_good } = await inAccount(app, accountId, (trx) => readImport(trx, importId));
      await Promise.all([pool.end(), app.destroy()]);
      return rows_good;
    }
    case 'ready':
      return ready(job);
    case 'copy':
      return copy(job, [
        `create temporary table staging (like public.bench_lines) on commit drop`,
        `insert into public.bench_rows (account_id, import_id, ${columns})
         select gen_random_uuid(), gen_random_uuid(), ${columns} from staging on conflict do nothing`,
      ]);
    case 'bareCopy':
      return copy(job, []);
    default: {
      const unreachable: never = job;
      return unreachable;
    }
  }
}

async function ready({ url, accountId, poolId, path }: Extract<Job, { kind: 'ready' }>): Promise<number> {
  const pool = createPool({ url, role: 'tandas_app', maxConnections: 2 });
  const app = createDatabase({ url, role: 'tandas_app', maxConnections: 2 });
  const importId = await storeFile({ app, pool }, { accountId, path, fileName, settings: defaults, limits });
  const { contacts } = await inAccount(app, accountId, async (trx) =>
    loadPortion(trx, {
      batchId: await newBatchOf(trx, { accountId, poolId, importId }),
      importId,
      after: 0,
      people: importLimits.maxRows,
    }),
  );
  await Promise.all([pool.end(), app.destroy()]);
  return contacts;
}

async function copy(
  { url, path }: { readonly url: string; readonly path: string },
  [staging, insert]: readonly string[],
): Promise<number> {
  const pool = createPool({ url, maxConnections: 1 });
  const client = await pool.connect();
  await client.query('begin');
  if (staging !== undefined) await client.query(staging);
  const into = client.query(
    copyFrom(`copy ${staging === undefined ? 'public.bench_lines' : 'staging'} (${columns}) from stdin`),
  );
  await pipeline(createReadStream(path), into);
  if (insert !== undefined) await client.query(insert);
  await client.query('commit');
  client.release();
  await pool.end();
  return into.rowCount;
}

async function measured(job: Job): Promise<void> {
  const startedMs = performance.now();
  let [rows, refusal] = [0, 'taken'];
  try {
    rows = await work(job);
  } catch (error) {
    if (!(error instanceof ImportFileError)) throw error;
    refusal = error.code;
  }
  const ms = performance.now() - startedMs;
  // In kilobytes, of the whole life of this process.
  const peakMb = process.resourceUsage().maxRSS / 1024;
  process.send?.({ ms, rows, peakMb, refusal }, () => process.exit(0));
}

function parseJob(text: string): Job {
  const job: unknown = JSON.parse(text);
  // Only run.ts starts this file, with a Job.
  return job as Job;
}

await measured(parseJob(process.argv[2] ?? '{}'));
