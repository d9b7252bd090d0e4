import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool } from '../../../db/client.ts';
import { endUploads } from '../../../maintenance/restore/copy-in.ts';
import { createTestFolder, type TestFolder } from '../../unit/imports/fixtures.ts';
import { debtorsCsv, storeFile } from '../../support/imports.ts';
import { createWorld, type World } from '../../support/world.ts';

let world: World;
let folder: TestFolder;
beforeAll(async () => {
  world = await createWorld();
  folder = await createTestFolder();
});
afterAll(async () => {
  await folder.remove();
  await world.close();
});

it('what was being read when the copy was made is told as lost, with no row of it; what was stored stays', async () => {
  const pool = createPool({ url: world.url, role: 'tandas_app', maxConnections: 2 });
  const { accountId, app, owner } = world;
  const store = async (from: number) =>
    storeFile({ app, pool }, { accountId, path: await folder.file(`${from}.csv`, debtorsCsv(3, from)) });
  const [stored, half] = [await store(0), await store(100)];
  await pool.end();
  await owner
    .updateTable('core.import')
    .set({ state: 'reading', ended_at: null })
    .where('id', '=', half)
    .execute();
  const table = {
    account_id: accountId,
    kind: 'payments',
    file_name: 'a.csv',
    actor: 'test',
    bytes: 9n,
  } as const;
  await owner
    .insertInto('core.table_file')
    .values([
      { ...table, id: randomUUID(), sha256: 'a', state: 'reading', rows_read: 2, rows_done: 2 },
      { ...table, id: randomUUID(), sha256: 'b', state: 'done', ended_at: new Date() },
    ])
    .execute();
  const client = new pg.Client({ connectionString: world.url });
  await client.connect();
  await endUploads(client);
  await client.end();
  const rows = await owner
    .selectFrom('core.import as i')
    .select((eb) => [
      'i.id',
      'i.state',
      'i.failure',
      eb
        .selectFrom('core.import_row as r')
        .select(eb.fn.countAll<bigint>().as('n'))
        .whereRef('r.import_id', '=', 'i.id')
        .as('rows'),
    ])
    .orderBy('i.created_at')
    .execute();
  expect(rows).toMatchObject([
    { id: stored, state: 'stored', failure: null, rows: 3n },
    { id: half, state: 'failed', failure: { code: 'file_lost' }, rows: 0n },
  ]);
  // What its rows did is in the copy, and stays counted.
  expect(await owner.selectFrom('core.table_file').selectAll().orderBy('sha256').execute()).toMatchObject([
    { state: 'failed', failure: { code: 'file_lost' }, rows_done: 2 },
    { state: 'done', failure: null },
  ]);
});
