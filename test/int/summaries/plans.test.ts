import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabaseWorld, type DatabaseWorld } from '../../../dev/bench/lib/database-world.ts';
import { readWritten } from '../../../dev/bench/call-path/writes.ts';
import { seedAccount, tidy, touchEverything, wholeReads } from '../../../dev/bench/reports/seed.ts';
import { inAccount } from '../../../db/client.ts';
import { createApiKey } from '../../../domain/accounts/accounts.ts';
import { reportNames } from '../../../domain/reports/rules/report.ts';
import { recountAll } from '../../../domain/summaries/recount.ts';
import { appOf } from '../../support/lone-app.ts';
import { newAccount } from '../../support/world.ts';

let world: DatabaseWorld;
beforeAll(async () => {
  world = await createDatabaseWorld();
});
afterAll(() => world.close());

/** A thirtieth of a million calls: enough for the planner to choose as it does for a million. */
const size = { batches: 10, contactsOfBatch: 1_200, callsOfContact: 3 };

it('no list and no report reads calls, attempts or contacts from their beginning to their end', async () => {
  const { app, owner, poolId } = world;
  const accounts = [await newAccount(app, poolId, 1n), await newAccount(app, poolId, 1n)];
  for (const accountId of accounts) await seedAccount(owner, { accountId, poolId, size });
  await tidy(owner);
  await touchEverything(owner);
  for (const accountId of accounts) await recountAll(app, accountId);
  await tidy(owner);
  const [accountId = ''] = accounts;
  const key = await createApiKey(app, { accountId, label: 'test', role: 'account' });
  const batchId = await inAccount(app, accountId, async (trx) => {
    const { id } = await trx.selectFrom('core.batch').select('id').limit(1).executeTakeFirstOrThrow();
    return id;
  });
  const api = appOf({ app });
  const read = async (path: string): Promise<void> => {
    const reply = await api.request(path, { headers: { authorization: `Bearer ${key}` } });
    expect([path, reply.status]).toEqual([path, 200]);
    await reply.text();
  };
  const paths = [
    '/api/v1/batches',
    `/api/v1/batches/${batchId}`,
    `/api/v1/contacts?batch_id=${batchId}&limit=100`,
    ...reportNames.filter((name) => name !== 'batch').map((name) => `/api/v1/reports/${name}`),
    `/api/v1/reports/batches/${batchId}`,
    `/api/v1/reports/activity?batch_id=${batchId}`,
  ];
  // Whoever has read tells it at the end of a connection at the latest: all of them are ended.
  await readWritten(owner);
  const before = await wholeReads(owner);
  for (const path of paths) await read(path);
  await readWritten(owner);
  const after = await wholeReads(owner);
  expect(after).toEqual(before);
  // It would be seen.
  await owner.connection().execute(async (one) => {
    await one
      .selectFrom('operation.call')
      .select(({ fn }) => fn.max('transcript').as('last'))
      .execute();
    await wholeReads(one);
  });
  expect((await wholeReads(owner))['call']).toBeGreaterThan(before['call'] ?? 0);
});
