import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../support/postgres.ts';
import {
  fastForwardBy,
  replayExecution,
  skipFreely,
  testTemporal,
  timeSkippingOf,
  untilFirstStop,
  workflowBundle,
  type TestTemporal,
} from '../../support/temporal.ts';
import { nudgeSignal, threeDays, waitADay } from './toy/workflows.ts';

const DAY_MS = 24 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;
const taskQueue = 'stack-virtual-time';
const notedAtMs: number[] = [];
let temporal: TestTemporal;
let worker: Worker;
let running: Promise<void>;

const toyBundle = () => workflowBundle(fileURLToPath(new URL('./toy/workflows.ts', import.meta.url)));

beforeAll(async () => {
  temporal = await testTemporal();
  worker = await Worker.create({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace,
    taskQueue,
    workflowBundle: await toyBundle(),
    activities: {
      async note(atMs: number) {
        notedAtMs.push(atMs);
      },
    },
  });
  running = worker.run();
});

afterAll(async () => {
  worker.shutdown();
  await running;
  await temporal.close();
});

it('three virtual days pass in real seconds, and the execution replays', async () => {
  const client = await temporal.startSkipping();
  const startedAtMs = Date.now();
  const handle = await client.workflow.start(threeDays, { taskQueue, workflowId: 'toy-three-days' });
  expect(await handle.result()).toBeGreaterThanOrEqual(3 * DAY_MS);
  expect(Date.now() - startedAtMs).toBeLessThan(DAY_MS);
  expect(notedAtMs).toHaveLength(3);
  expect((notedAtMs[2] ?? 0) - (notedAtMs[0] ?? 0)).toBeGreaterThanOrEqual(2 * DAY_MS);
  await replayExecution(handle, await toyBundle());
});

it('a workflow stops at an instant, takes a signal there, and goes on', async () => {
  const client = await temporal.startSkipping({ stopAfterMs: 3 * HOUR_MS });
  const handle = await client.workflow.start(waitADay, { taskQueue, workflowId: 'toy-stop-at-3' });
  await untilFirstStop(client, handle);
  await fastForwardBy(client, handle, 2 * HOUR_MS);
  await handle.signal(nudgeSignal, 'nudged');
  expect(await handle.result()).toBe('nudged after 5 h');
  await replayExecution(handle, await toyBundle());
});

it('signalWithStart carries time skipping, and skipping freely runs to the deadline', async () => {
  const client = await temporal.startSkipping({ stopAfterMs: HOUR_MS });
  const handle = await client.workflow.start(waitADay, { taskQueue, workflowId: 'toy-deadline' });
  await untilFirstStop(client, handle);
  await skipFreely(client, handle);
  expect(await handle.result()).toBe('nothing after 24 h');
  const nudged = await client.workflow.signalWithStart(waitADay, {
    taskQueue,
    workflowId: 'toy-signal-with-start',
    signal: nudgeSignal,
    signalArgs: ['at once'],
  });
  expect((await timeSkippingOf(client, nudged)).effectiveConfig?.maxSessionSkipCount).toBe(1_000);
  expect(await nudged.result()).toBe('at once after 0 h');
});

it('each test file has a migrated database of its own', async () => {
  const { default: pg } = await import('pg');
  const databases = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const [first, second] = databases.map(({ url }) => new pg.Client({ connectionString: url }));
  if (first === undefined || second === undefined) throw new Error('no databases');
  try {
    await first.connect();
    await second.connect();
    await first.query('create table only_here (id int)');
    const found = await second.query(
      "select to_regclass('only_here') as here, to_regnamespace('core') as core",
    );
    expect(found.rows).toEqual([{ here: null, core: 'core' }]);
  } finally {
    await first.end();
    await second.end();
    await Promise.all(databases.map((database) => database.drop()));
  }
});
