import { readdir } from 'node:fs/promises';
import { Kysely, type Migration, type MigrationProvider, Migrator, PostgresDialect, sql } from 'kysely';
import { createPool, type Database } from './client.ts';

const folder = new URL('./migrations/', import.meta.url);

/** Reads the migrations as files, in the order of their names. Forward only: there is no `down`. */
class FolderProvider implements MigrationProvider {
  async getMigrations(): Promise<Record<string, Migration>> {
    const found: Record<string, Migration> = {};
    for (const name of await migrationNames()) {
      const module: unknown = await import(new URL(`${name}.ts`, folder).href);
      if (!isMigration(module)) throw new Error(`db/migrations/${name}.ts exports no function "up"`);
      found[name] = { up: module.up };
    }
    return found;
  }
}

/** The migrations of this release, oldest first. */
export async function migrationNames(): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
  return files.map((file) => file.replace(/\.ts$/, '')).sort();
}

const undefinedTable = '42P01';
const insufficientPrivilege = '42501';

/** Of the release that this process is of: it is looked for once, and not for each question whether the process is ready. */
let ownNames: Promise<readonly string[]> | undefined;

/**
 * Migrations of this release that the database has not had. One that is ahead of us lacks nothing: in a rolling deploy
 * the old processes go on.
 */
export async function missingMigrations(db: Database): Promise<readonly string[]> {
  const wanted = await (ownNames ??= migrationNames());
  try {
    const { rows } = await sql<{ name: string }>`select name from public.kysely_migration`.execute(db);
    const had = new Set(rows.map(({ name }) => name));
    return wanted.filter((name) => !had.has(name));
  } catch (error) {
    // Never migrated, or by a release that did not let its roles look.
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === undefinedTable || code === insufficientPrivilege) return wanted;
    throw error;
  }
}

function isMigration(module: unknown): module is Pick<Migration, 'up'> {
  return typeof module === 'object' && module !== null && 'up' in module && typeof module.up === 'function';
}

/**
 * Brings a database to the newest schema, as the URL's own user (who must be allowed to create schemas and roles).
 * Returns the names of the migrations that ran; throws with the failing one's name, and nothing of it stays.
 */
export async function migrateToLatest(databaseUrl: string): Promise<readonly string[]> {
  return migrateTo(databaseUrl, undefined);
}

/**
 * The same, up to and including one migration: for a copy of the data that an earlier release made. Throws when the database is past
 * it: there is no way back, and rows of before a migration, loaded behind it, would never be carried over by it.
 */
export async function migrateTo(databaseUrl: string, last: string | undefined): Promise<readonly string[]> {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: createPool({ url: databaseUrl, maxConnections: 2 }) }),
  });
  try {
    const migrator = new Migrator({ db, provider: new FolderProvider() });
    const past = (await migrator.getMigrations()).filter(({ executedAt }) => executedAt !== undefined).at(-1);
    if (last !== undefined && past !== undefined && past.name > last)
      throw new Error(
        `the database has ${past.name}, which is later than the copy's ${last}: restore into a database without tables, ` +
          'or with the release that made the copy',
      );
    const { error, results = [] } = await (last === undefined
      ? migrator.migrateToLatest()
      : migrator.migrateTo(last));
    if (error !== undefined) {
      const failed = results.find((result) => result.status === 'Error')?.migrationName ?? 'a migration';
      throw new Error(`${failed} failed: ${error instanceof Error ? error.message : 'see cause'}`, {
        cause: error,
      });
    }
    return results.map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}
