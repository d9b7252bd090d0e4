import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type Database, inAccount } from '../../../db/client.ts';
import { AccountBusy } from '../../../db/shares.ts';
import { createWorld, newAccount, type World } from '../../support/world.ts';
import { ask, createApiWorld } from '../../support/api.ts';

let world: World;
let other: string;
let database: Database;
beforeAll(async () => {
  world = await createWorld();
  other = await newAccount(world.app, world.poolId, 0n);
  const share = { atOnce: 2, waiting: 1 };
  database = createDatabase({ url: world.url, role: 'tandas_app', maxConnections: 4, share });
});
afterAll(async () => {
  await database.destroy();
  await world.close();
});

/** Transactions of the first account that stay open until `end`. */
async function holding(db: Database, accountId: string, count: number) {
  const { promise: until, resolve: end } = Promise.withResolvers<void>();
  const begun: Promise<void>[] = [];
  const works = Array.from({ length: count }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begun.push(promise);
    return inAccount(db, accountId, async (trx) => {
      await sql`select 1`.execute(trx);
      resolve();
      await until;
    });
  });
  await Promise.all(begun);
  return {
    async end(): Promise<void> {
      end();
      await Promise.all(works);
    },
  };
}

it('an account that has its share waits for itself, is refused when too many wait, and stands before nobody', async () => {
  const held = await holding(database, world.accountId, 2);
  const turns: string[] = [];
  const third = inAccount(database, world.accountId, async () => turns.push('third'));
  await expect(inAccount(database, world.accountId, async () => undefined)).rejects.toThrow(AccountBusy);
  await inAccount(database, other, async () => turns.push('other'));
  expect(turns).toEqual(['other']);
  await held.end();
  await third;
  expect(turns).toEqual(['other', 'third']);
});

it('a transaction inside another one of its account has its place already', async () => {
  const nested = await Promise.all(
    [1, 2].map((turn) =>
      inAccount(database, world.accountId, () => inAccount(database, world.accountId, async () => turn)),
    ),
  );
  expect(nested).toEqual([1, 2]);
});

it('places come back from work that fails and from connections that are not had', async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    const failing = inAccount(database, world.accountId, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
  }
  const share = { atOnce: 1, waiting: 0 };
  const nowhere = createDatabase({ url: 'postgres://127.0.0.1:1/none', share });
  for (let turn = 0; turn < 3; turn += 1) {
    await expect(inAccount(nowhere, other, async () => 1)).rejects.toThrow('ECONNREFUSED');
  }
  await nowhere.destroy();
  await expect(inAccount(database, world.accountId, async () => 1)).resolves.toBe(1);
});

it('the API answers 429 to an account that has too much under way, and others as ever', async () => {
  const api = await createApiWorld();
  const share = { atOnce: 1, waiting: 0 };
  const own = createDatabase({ url: api.world.url, role: 'tandas_app', maxConnections: 3, share });
  try {
    const app = api.appWith({ app: own });
    const batches = (apiKey: string) =>
      ask(app, 'GET', '/api/v1/batches', { headers: { authorization: `Bearer ${apiKey}` } });
    const held = await holding(own, api.one.accountId, 1);
    const busy = await batches(api.one.apiKey);
    expect(busy).toMatchObject({ status: 429, body: { type: 'urn:tandas:problem:too_many_requests' } });
    expect(busy.headers.get('retry-after')).toBe('2');
    expect((await batches(api.other.apiKey)).status).toBe(200);
    await held.end();
    expect((await batches(api.one.apiKey)).status).toBe(200);
  } finally {
    await own.destroy();
    await api.close();
  }
});
