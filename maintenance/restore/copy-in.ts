import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { migrateTo, migrateToLatest } from '../../db/migrate.ts';
import { quoted, type Reference, tablesInOrder } from '../backup/catalog.ts';
import { type Manifest, readManifest, sha256Of } from '../backup/manifest.ts';

export interface Restored {
  readonly manifest: Manifest;
  readonly rows: number;
  /** Of this release, run after the rows were in. */
  readonly migrations: readonly string[];
  readonly pausedBatches: number;
}

/**
 * Loads a copy into a database that is empty: its schema as it was, all rows under its keys and checks, then this
 * release's migrations. Every batch that ran is left paused, so that nobody is called before the provider has been asked
 * (`npm run reconcile`). All rows or none. Throws when the database holds accounts or is of a later release than the copy, or a
 * file is not what was written.
 */
export async function copyIn(databaseUrl: string, folder: string): Promise<Restored> {
  const manifest = await readManifest(folder);
  for (const { file, sha256 } of manifest.tables) {
    if ((await sha256Of(join(folder, file))) !== sha256)
      throw new Error(`${file} is damaged: its checksum differs`);
  }
  await requireEmpty(databaseUrl);
  await migrateTo(databaseUrl, manifest.lastMigration);
  const pausedBatches = await load(databaseUrl, folder, manifest);
  const migrations = await migrateToLatest(databaseUrl);
  await withClient(databaseUrl, endUploads);
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  return { manifest, rows, migrations, pausedBatches };
}

async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A typing error in DATABASE_URL must not cost a database that is in use. */
async function requireEmpty(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ there: boolean }>(
      `select to_regclass('catalogue.account') is not null as there`,
    );
    if (rows[0]?.there !== true) return;
    await client.query('set row_security = off');
    const { rowCount } = await client.query('select from catalogue.account limit 1');
    if ((rowCount ?? 0) > 0)
      throw new Error('the database of DATABASE_URL holds accounts: restore into an empty one');
  });
}

async function load(databaseUrl: string, folder: string, manifest: Manifest): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    await client.query('set row_security = off');
    await client.query('begin');
    // Months of before the copy: rows without theirs would lie in the default partition for ever.
    await makeMonths(client, manifest.takenAt);
    // What migrations wrote by themselves is in the copy, as it became.
    const names = manifest.tables.map(({ name }) => quoted(name)).join(', ');
    // And what refers to it and is in no copy: sessions of people. The database has been seen to be empty.
    await client.query(`truncate ${names} cascade`);
    await skipReferences(client);
    const { deferred } = await tablesInOrder(client);
    await alterConstraints(client, deferred, 'deferrable initially deferred');
    for (const { name, columns, file, rows } of manifest.tables) {
      const list = columns.map(quoted).join(', ');
      const stream = client.query(copyFrom(`copy ${quoted(name)} (${list}) from stdin`));
      await pipeline(createReadStream(join(folder, file)), createGunzip(), stream);
      if (stream.rowCount !== rows) throw new Error(`${name}: ${stream.rowCount} rows of ${rows}`);
    }
    // Now, so that a copy that does not fit together fails here.
    await client.query('set constraints all immediate');
    await alterConstraints(client, deferred, 'not deferrable');
    await restartSequences(client);
    const paused = await pauseBatches(client, manifest.takenAt);
    await client.query('commit');
    return paused;
  });
}

/**
 * The rows are one instant's, and their checksums fit: what refers to what was checked when they were written. Asking
 * again, row by row, takes several times as long as the rows themselves. A user who may not say so has them checked.
 */
async function skipReferences(client: pg.Client): Promise<void> {
  await client.query('savepoint before_skip');
  await client
    .query('set local session_replication_role = replica')
    .catch(() => client.query('rollback to savepoint before_skip'));
}

async function alterConstraints(
  client: pg.Client,
  references: readonly Reference[],
  how: 'deferrable initially deferred' | 'not deferrable',
): Promise<void> {
  for (const { table, constraint } of references) {
    await client.query(
      `alter table ${quoted(table)} alter constraint ${client.escapeIdentifier(constraint)} ${how}`,
    );
  }
}

/** Three years back: longer than most packs ask for anything to be kept. */
async function makeMonths(client: pg.Client, takenAt: string): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regprocedure('operation.ensure_partitions(date, integer)') is not null as there`,
  );
  // A copy of an earlier release: its rows are carried over by the migration.
  if (rows[0]?.there !== true) return;
  await client.query(
    `select operation.ensure_partitions(($1::timestamptz - interval '36 months')::date, 37)`,
    [takenAt],
  );
}

/** Sequences belong to no instant: each goes on after the highest number that is in the copy. */
async function restartSequences(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string }>(`
    select n.nspname || '.' || c.relname as table, a.attname as column
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('catalogue', 'core', 'operation') and a.attidentity <> '' and not c.relispartition`);
  for (const { table, column } of rows) {
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce(max(${quoted(column)}), 0) + 1, false) from ${quoted(table)}`,
      [quoted(table), column],
    );
  }
}

export const restoreActor = 'restore';

/** Every batch that would go on. A rehearsal's is not paused: nobody would resume it, and it calls nobody. */
export async function pauseBatches(client: pg.Client, takenAt: string): Promise<number> {
  const { rowCount } = await client.query(
    `with paused as (
       update core.batch b set state = 'paused' from catalogue.account a
        where a.id = b.account_id and a.kind <> 'rehearsal' and b.state = 'running' returning b.id, b.account_id)
     insert into operation.audit (account_id, actor, action, subject, detail)
     select account_id, $1, 'batch.paused', id, jsonb_build_object('reason', 'restored from the copy of ' || $2::text)
       from paused`,
    [restoreActor, takenAt],
  );
  return rowCount ?? 0;
}

/** Uploads that were under way: their files are not in the copy, and nobody works on them any more. */
export async function endUploads(client: pg.Client): Promise<void> {
  const failure = {
    code: 'file_lost',
    message_es: 'El archivo se perdió en una restauración. Vuelva a cargarlo.',
    message_en: 'The file was lost in a restore. Upload it again.',
  };
  await client.query(
    `with ended as (
       update core.import set state = 'failed', failure = $1, rows_stored = 0, ended_at = clock_timestamp()
        where state in ('waiting', 'reading') returning id)
     delete from core.import_row where import_id in (select id from ended)`,
    [JSON.stringify(failure)],
  );
  await client.query(
    `update core.table_file set state = 'failed', failure = $1, ended_at = clock_timestamp()
      where state in ('waiting', 'reading')`,
    [JSON.stringify(failure)],
  );
}
