import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { to as copyTo } from 'pg-copy-streams';
import { createPool } from '../../../db/client.ts';
import { newAccount } from '../../../test/support/world.ts';
import { createDatabaseWorld, type DatabaseWorld } from '../lib/database-world.ts';
import { inProcess } from './jobs.ts';

/** A database, an account a repeat, and a folder of files. */
export interface ImportWorld {
  readonly world: DatabaseWorld;
  readonly path: (name: string) => string;
  /** Nobody knows these people yet, as with a customer's first file. */
  freshAccount(): Promise<string>;
  /** The same rows as they were stored, as lines of COPY; and empty tables for them. */
  copyLines(path: string, rows: number): Promise<string>;
  emptyTables(): Promise<void>;
  close(): Promise<void>;
}

export async function createImportWorld(): Promise<ImportWorld> {
  const world = await createDatabaseWorld();
  const folder = await mkdtemp(join(tmpdir(), 'tandas-bench-'));
  const path = (name: string): string => join(folder, name);
  const freshAccount = (): Promise<string> => newAccount(world.app, world.poolId, 0n);
  await sql`create table public.bench_lines as
            select ordinal, sheet, sheet_row, identity_key, national_id, name, phones, country, region, zone, creditor,
                   amount_micros, currency, due_date, reference, variables from core.import_row`.execute(
    world.owner,
  );
  await sql`create table public.bench_rows (like core.import_row including all)`.execute(world.owner);
  return {
    world,
    path,
    freshAccount,
    async copyLines(file, rows) {
      const accountId = await freshAccount();
      const stored = await inProcess({ kind: 'store', path: file, rows, url: world.url, accountId });
      if (stored.rows !== rows) throw new Error(`${stored.rows} of ${rows} rows were good`);
      const pool = createPool({ url: world.url, maxConnections: 1 });
      const client = await pool.connect();
      const out = `${file}.copy`;
      const columns = (
        await client.query<{ name: string }>(
          `select attname as name from pg_attribute where attrelid = 'public.bench_lines'::regclass and attnum > 0 order by attnum`,
        )
      ).rows.map(({ name }) => name);
      const from = client.query(
        copyTo(
          `copy (select ${columns.join(', ')} from core.import_row where account_id = '${accountId}' order by ordinal) to stdout`,
        ),
      );
      await pipeline(from, createWriteStream(out));
      client.release();
      await pool.end();
      return out;
    },
    async emptyTables() {
      await sql`truncate public.bench_lines, public.bench_rows, core.import_row`.execute(world.owner);
    },
    async close() {
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
