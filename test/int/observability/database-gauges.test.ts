import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type Database } from '../../../db/client.ts';
import { readDatabase } from '../../../observability/database-gauges.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
let system: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  system = createDatabase({ url: database.url, role: 'tandas_system', maxConnections: 1 });
});
afterAll(async () => {
  await system.destroy();
  await database.drop();
});

it('every figure of the database can be read by the system role, also of an empty one', async () => {
  const samples = await readDatabase(system);
  expect(samples.map(({ name }) => name)).toContain('tandas_outbox_oldest_seconds');
  expect(samples.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
});
