import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { callEndedSignal, lineGrantedSignal } from '../../../workflows/contact/contract.ts';
import { workflowsPath } from '../lib/attempt-world.ts';
import { withBareWorker } from '../lib/bare-worker.ts';
import { costOf } from '../lib/cost.ts';
import { plainFigure, ratioFigure } from '../lib/figures.ts';
import { alternate } from '../lib/pairs.ts';
import type { Benchmark, Figure } from '../lib/types.ts';
import { startServer, type Store, type StoreServer } from './server.ts';

const name = 'stores';
/** Attempts under way at once. */
const lanes = 40;

const sqlite: Store = { kind: 'sqlite' };
const rivals: readonly { readonly words: string; readonly store: Store }[] = [
  { words: 'PostgreSQL, 1 shard, shardIOConcurrency 1', store: postgres(1, 1) },
  { words: 'PostgreSQL, 1 shard, shardIOConcurrency 8', store: postgres(1, 8) },
  { words: 'PostgreSQL, 512 shards, shardIOConcurrency 1', store: postgres(512, 1) },
  { words: 'PostgreSQL, 512 shards, shardIOConcurrency 8', store: postgres(512, 8) },
];

function postgres(shards: number, shardIoConcurrency: number): Store {
  return { kind: 'postgres', shards, shardIoConcurrency };
}

/**
 * What Temporal itself carries on each store: the leanest attempt (a start, two signals, an activity, a timer), one worker,
 * everything on this machine, commits on disk. Beside SQLite with its one shard, as the local stack has it.
 */
export const benchmark: Benchmark = {
  name,
  about: 'bare attempts per second on SQLite and PostgreSQL, by shards and operations at once in a shard',
  needs: ['postgres'],
  async run({ quick, log, env }) {
    const count = quick ? 60 : 200;
    const dir = await mkdtemp(join(tmpdir(), 'tandas-stores-'));
    const started: StoreServer[] = [];
    const open = async (store: Store): Promise<Side> => {
      const server = await startServer(store, join(dir, String(started.length)), env.adminDatabaseUrl);
      started.push(server);
      return sideOf(server.address, count);
    };
    try {
      const floor = await open(sqlite);
      const figures: Figure[] = [];
      let transitions = 0;
      for (const { words, store } of rivals) {
        log(words);
        const side = await open(store);
        const pairs = await alternate({
          repeats: quick ? 1 : 5,
          log,
          ours: side.perSecond,
          floor: floor.perSecond,
        });
        figures.push(
          ratioFigure({ name, figure: `${words}, beside SQLite`, unit: 'attempts/s', goal: '' }, pairs, null),
        );
        transitions = await side.transitions();
        await side.close();
        await started.pop()?.stop();
      }
      await floor.close();
      const figure = 'state transitions of one attempt';
      return [...figures, plainFigure({ name, figure, value: transitions, unit: '', goal: '' }, null)];
    } finally {
      await Promise.all(started.map((server) => server.stop()));
      await rm(dir, { recursive: true, force: true });
    }
  },
};

interface Side {
  readonly perSecond: () => Promise<number>;
  transitions(): Promise<number>;
  close(): Promise<void>;
}

async function sideOf(address: string, count: number): Promise<Side> {
  const namespace = 'default';
  const connection = await Connection.connect({ address });
  const nativeConnection = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace });
  let lastId = '';
  const attempt = async (taskQueue: string): Promise<void> => {
    const workflowId = `bare/${randomUUID()}`;
    const handle = await client.workflow.start('bareContact', { workflowId, taskQueue });
    await handle.signal(lineGrantedSignal, { requestId: '', leaseId: '' });
    await handle.signal(callEndedSignal, { attemptId: '', outcome: 'answered', rang: true, human: true });
    await handle.result();
    lastId = workflowId;
  };
  return {
    perSecond: () =>
      withBareWorker({ nativeConnection, namespace }, workflowsPath, async (taskQueue) => {
        let left = count;
        const startedMs = performance.now();
        await Promise.all(
          Array.from({ length: lanes }, async () => {
            while (left > 0) {
              left -= 1;
              await attempt(taskQueue);
            }
          }),
        );
        return (count * 1_000) / (performance.now() - startedMs);
      }),
    transitions: async () => (await costOf(client.workflow.getHandle(lastId))).transitions,
    async close() {
      await nativeConnection.close();
      await connection.close();
    },
  };
}
