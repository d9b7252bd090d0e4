import { readdir } from 'node:fs/promises';
import { Kysely, type Migration, type MigrationProvider, Migrator, PostgresDialect } from 'kysely';
import { createPool } from './client.ts';

const folder = new URL('./migrations/', import.meta.url);

/** Reads the migrations as files, in the order of their names. Forward only: there is no `down`. */
class FolderProvider implements MigrationProvider {
  async getMigrations(): Promise<Record<string, Migration>> {
    const found: Record<string, Migration> = {};
    for (const file of (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort()) {
      const module: unknown = await import(new URL(file, folder).href);
      if (!isMigration(module)) throw new Error(`db/migrations/${file} exports no function "up"`);
      found[file.replace(/\.ts$/, '')] = { up: module.up };
    }
    return found;
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
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: createPool({ url: databaseUrl, maxConnections: 2 }) }),
  });
  try {
    const migrator = new Migrator({ db, provider: new FolderProvider() });
    const { error, results = [] } = await migrator.migrateToLatest();
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
