import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { quoted, tablesInOrder, type TableShape } from './catalog.ts';
import { type Manifest, manifestFile, sha256Of } from './manifest.ts';

/**
 * Copies every row of every table as it was in one instant into a folder that is empty or not there yet. Readers and
 * writers go on meanwhile. The user must see all rows (a superuser, or BYPASSRLS): a copy that row-level security
 * had thinned out would look like a good one.
 */
export async function copyOut(databaseUrl: string, folder: string): Promise<Manifest> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0)
    throw new Error(`${folder} is not empty: name a new folder for each copy`);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // An error instead of fewer rows.
    await client.query('set row_security = off');
    await client.query('begin isolation level repeatable read read only');
    const { rows } = await client.query<{ at: Date; last: string }>(
      'select clock_timestamp() as at, (select max(name) from public.kysely_migration) as last',
    );
    const tables: Manifest['tables'] = [];
    const order = await tablesInOrder(client);
    for (const table of order.tables) tables.push(await copyTable(client, table, folder));
    await client.query('commit');
    const manifest: Manifest = {
      format: 1,
      takenAt: (rows[0]?.at ?? new Date()).toISOString(),
      lastMigration: rows[0]?.last ?? '',
      tables,
    };
    await writeLast(folder, manifest);
    return manifest;
  } finally {
    await client.end();
  }
}

async function copyTable(
  client: pg.Client,
  { name, columns }: TableShape,
  folder: string,
): Promise<Manifest['tables'][number]> {
  const file = `${name}.copy.gz`;
  const path = join(folder, file);
  const counter = new RowCounter();
  const list = columns.map(quoted).join(', ');
  await pipeline(
    client.query(copyTo(`copy (select ${list} from ${quoted(name)}) to stdout`)),
    counter,
    createGzip({ level: 1 }),
    // People's names and debts are in it.
    createWriteStream(path, { mode: 0o600 }),
  );
  return { name, columns: [...columns], rows: counter.rows, file, sha256: await sha256Of(path) };
}

const newline = 10;

/** In PostgreSQL's text format a line is a row: a newline inside a value is written as two other characters. */
class RowCounter extends Transform {
  rows = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (const byte of chunk) if (byte === newline) this.rows += 1;
    done(null, chunk);
  }
}

/** By rename: there is a whole manifest or none. */
async function writeLast(folder: string, manifest: Manifest): Promise<void> {
  const partial = join(folder, `${manifestFile}.part`);
  await writeFile(partial, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  await chmod(partial, 0o600);
  await rename(partial, join(folder, manifestFile));
}
