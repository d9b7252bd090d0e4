import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool, inAccount } from '../../../db/client.ts';
import { requestCancellation } from '../../../domain/imports/imports.ts';
import { importWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import {
  createOwnStore,
  debtorsCsv,
  type OwnStore,
  receiveFile,
  receiveTable,
} from '../../support/imports.ts';
import { until } from '../../support/live-world.ts';
import { createWorld, withRelay, withWorker, type World } from '../../support/world.ts';

let world: World;
let store: OwnStore;
let pool: pg.Pool;
beforeAll(async () => {
  world = await createWorld();
  store = await createOwnStore();
  pool = createPool({ url: world.url, role: 'tandas_app', maxConnections: 2 });
});
afterAll(async () => {
  await pool.end();
  await store.close();
  await world.close();
});

async function receive(text: string): Promise<string> {
  const path = join(store.folder, randomUUID());
  await writeFile(path, text);
  return (await receiveFile(world.app, store, { accountId: world.accountId, path })).importId;
}

const stateOf = async (importId: string) =>
  world.owner
    .selectFrom('core.import')
    .select(['state', 'rows_stored'])
    .where('id', '=', importId)
    .executeTakeFirstOrThrow();
const untilIs = (importId: string, state: string) =>
  until(`the import is ${state}`, async () => (await stateOf(importId)).state === state);

async function handleOf(importId: string) {
  const { slug: accountSlug } = await world.owner
    .selectFrom('catalogue.account')
    .select('slug')
    .where('id', '=', world.accountId)
    .executeTakeFirstOrThrow();
  return world.temporal.client.workflow.getHandle(importWorkflowId({ accountSlug, importId }));
}

it('a file is read by its workflow, the next of the account waits for it, and one that is cancelled leaves nothing', async () => {
  const held = await receive(debtorsCsv(5));
  // As if another worker were reading it: it keeps the account's place.
  await world.owner
    .updateTable('core.import')
    .set({ state: 'reading', claimed_at: new Date() })
    .where('id', '=', held)
    .execute();
  await world.owner.deleteFrom('operation.outbox').where('import_id', '=', held).execute();
  const [waiting, unwanted] = [await receive(debtorsCsv(2_100, 10)), await receive(debtorsCsv(3, 5_000))];
  await withWorker(world, { files: { pool, store } }, () =>
    withRelay(world, async () => {
      const handle = await handleOf(unwanted);
      await until('it runs', () =>
        handle.query('view').then(
          () => true,
          () => false,
        ),
      );
      const { accountId } = world;
      await inAccount(world.app, accountId, (trx) =>
        requestCancellation(trx, { accountId, actor: 'test' }, unwanted),
      );
      await untilIs(unwanted, 'cancelled');
      expect(await handle.result()).toEqual({ state: 'cancelled' });
      expect((await stateOf(waiting)).state).toBe('waiting');
      await world.owner
        .updateTable('core.import')
        .set({ state: 'failed', ended_at: new Date() })
        .where('id', '=', held)
        .execute();
      await untilIs(waiting, 'stored');
      expect(await (await handleOf(waiting)).result()).toEqual({ state: 'stored' });
    }),
  );
  expect(await stateOf(waiting)).toEqual({ state: 'stored', rows_stored: 2_100 });
});

it('a cancellation in the Temporal UI cancels the import', async () => {
  const held = await receive(debtorsCsv(5, 20_000));
  await world.owner
    .updateTable('core.import')
    .set({ state: 'reading', claimed_at: new Date() })
    .where('id', '=', held)
    .execute();
  const unwanted = await receive(debtorsCsv(3, 30_000));
  await withWorker(world, { files: { pool, store } }, () =>
    withRelay(world, async () => {
      const handle = await handleOf(unwanted);
      await until('it runs', () =>
        handle.cancel().then(
          () => true,
          () => false,
        ),
      );
      expect(await handle.result()).toEqual({ state: 'cancelled' });
    }),
  );
  expect((await stateOf(unwanted)).state).toBe('cancelled');
});

it('a file of removals is done by the same workflow, and a cancellation in the Temporal UI does not stop it half-way', async () => {
  const { accountId } = world;
  const receiveRemovals = (text: string) =>
    inAccount(world.app, accountId, (trx) => receiveTable(trx, store, { accountId, kind: 'removals', text }));
  const held = await receiveRemovals('TELEFONO\n961 234 001');
  const set = (values: { state: 'reading' | 'failed'; claimed_at?: Date; ended_at?: Date }) =>
    world.owner.updateTable('core.table_file').set(values).where('id', '=', held).execute();
  // As if another worker were reading it: it keeps the account's place.
  await set({ state: 'reading', claimed_at: new Date() });
  await world.owner.deleteFrom('operation.outbox').where('import_id', '=', held).execute();
  const waiting = await receiveRemovals('TELEFONO\n961 234 002\n961 234 003');
  await withWorker(world, { files: { pool, store } }, () =>
    withRelay(world, async () => {
      const handle = await handleOf(waiting);
      await until('it runs', () =>
        handle.cancel().then(
          () => true,
          () => false,
        ),
      );
      await set({ state: 'failed', ended_at: new Date() });
      expect(await handle.result()).toEqual({ state: 'stored' });
    }),
  );
  const row = world.owner
    .selectFrom('core.table_file')
    .select(['state', 'rows_done'])
    .where('id', '=', waiting);
  expect(await row.executeTakeFirstOrThrow()).toEqual({ state: 'done', rows_done: 2 });
});
