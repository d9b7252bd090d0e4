import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { migrateTo } from '../../db/migrate.ts';
import { runServers } from './servers.ts';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** An own, migrated, empty database: call it once per test file, and drop it at its end. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { adminDatabaseUrl: adminUrl, templateDatabase } = await runServers();
  const name = `tandas_test_${randomUUID().replaceAll('-', '')}`;
  await administer(adminUrl, `create database ${name} template ${templateDatabase}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    // force: a pool that a failed test left open must not keep the database, and hide the failure behind its own.
    drop: () => administer(adminUrl, `drop database if exists ${name} with (force)`),
  };
}

export interface OldDatabase extends TestDatabase {
  /** As the owner. */
  readonly client: pg.Client;
}

/** An own, empty database as a migration left it: for tests of the migrations behind it. */
export async function createDatabaseAt(migration: string): Promise<OldDatabase> {
  const { adminDatabaseUrl: adminUrl } = await runServers();
  const name = `tandas_test_${randomUUID().replaceAll('-', '')}`;
  await administer(adminUrl, `create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  await migrateTo(url.href, migration);
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return {
    url: url.href,
    client,
    async drop() {
      await client.end();
      await administer(adminUrl, `drop database ${name} with (force)`);
    },
  };
}

async function administer(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
