import { randomUUID } from 'node:crypto';
import pg from 'pg';
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

async function administer(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
