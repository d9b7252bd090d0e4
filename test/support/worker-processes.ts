import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowHandle } from '@temporalio/client';
import pg from 'pg';
import { inAccount } from '../../db/client.ts';
import { isReadyLine } from '../../dev/stack/app-services.ts';
import { ensureNamespace } from '../../dev/stack/temporal-server.ts';
import { demoPolicy, type Policy } from '../../domain/policy/rules/policy.ts';
import { writeOutbox } from '../../domain/shared/queries-outbox.ts';
import { registerSearchAttributes } from '../../domain/temporal/search-attributes.ts';
import type { contact } from '../../workflows/contact/workflow.ts';
import {
  createLiveBatch,
  createLiveWorld,
  liveKey,
  type LiveWorld,
  storePolicy,
  until,
} from './live-world.ts';
import { contactIdOf } from './world.ts';

const workerScript = fileURLToPath(new URL('../../worker.ts', import.meta.url));

/** Two waves, the second one after everything that a worker's death can take: 25 s until Temporal gives its dial up. */
const twoWaves: Policy = {
  ...demoPolicy,
  key: 'two-waves',
  schedule: { mode: 'interval', firstAfterMs: 0, everyMs: 40_000, windowMs: 39_000 },
  maxAttempts: 2,
};

/** A world of its own whose workers are real processes of worker.ts with the product's own spans. */
export interface Place {
  readonly live: LiveWorld;
  /** Default address: Temporal's own. */
  readonly startWorker: (temporalAddress?: string) => Promise<ChildProcess>;
  /** A contact in a batch of its own, for whichever worker comes. */
  readonly call: (phone: string) => Promise<Waiting>;
}

export interface Waiting {
  readonly contactId: string;
  readonly handle: WorkflowHandle<typeof contact>;
}

/** Ends the test's own parts after it, the last one first. */
export type Later = (end: () => Promise<void>) => void;

export async function createPlace(later: Later): Promise<Place> {
  const live = await createLiveWorld({ worker: false });
  later(() => live.close());
  const { world, fake } = live;
  await storePolicy(world, twoWaves);
  const { address, connection } = world.temporal;
  const namespace = `worker-death-${randomUUID()}`;
  await until('the namespace', () =>
    ensureNamespace(address, namespace).then(
      () => true,
      () => false,
    ),
  );
  await registerSearchAttributes(connection, namespace);
  const client = new Client({ connection, namespace });
  return {
    live,
    startWorker: (temporalAddress = address) =>
      startWorker(later, {
        PATH: process.env['PATH'],
        TZ: 'UTC',
        DATABASE_URL: world.url,
        TEMPORAL_ADDRESS: temporalAddress,
        TEMPORAL_NAMESPACE: namespace,
        RETELL_API_KEY: liveKey,
        RETELL_BASE_URL: fake.baseUrl(),
      }),
    async call(phone) {
      const batch = await createLiveBatch(world, world.accountId, [{ phones: [phone] }], twoWaves);
      const contactId = batch.contacts[0]?.contactId ?? '';
      const workflowId = await contactIdOf(world, contactId);
      const { accountId } = world;
      await inAccount(world.app, accountId, (trx) =>
        writeOutbox(trx, [{ accountId, to: { batchId: batch.batchId }, kind: 'start' }]),
      );
      return { contactId, handle: client.workflow.getHandle<typeof contact>(workflowId) };
    },
  };
}

async function startWorker(later: Later, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const worker = spawn(process.execPath, [workerScript], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  later(async () => {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  });
  let said = '';
  const listen = (chunk: unknown): void => void (said += String(chunk));
  worker.stdout.on('data', listen);
  worker.stderr.on('data', listen);
  await until(`a worker that is ready: ${said}`, async () => {
    if (worker.exitCode !== null) throw new Error(`the worker has ended: ${said}`);
    return said.split('\n').some(isReadyLine);
  });
  return worker;
}

/** Until its workflow has been started by a worker, and has ended. */
export async function resultOf(handle: WorkflowHandle<typeof contact>): Promise<unknown> {
  await until('the workflow', () =>
    handle.describe().then(
      () => true,
      () => false,
    ),
  );
  return handle.result();
}

const gateLock = 20_270_308;

export interface Gate {
  /** Until a transaction stands still between its row and its commit. */
  untilReached(): Promise<Standing>;
  open(): Promise<void>;
}
export interface Standing {
  /** How long ago the transaction began; undefined when the server has ended it. */
  ageMs(): Promise<number | undefined>;
}

/** Whoever writes a row of this kind waits for a lock that the test holds: a worker can be frozen there to the instruction. */
export async function closeGate(
  later: Later,
  { world }: LiveWorld,
  table: 'operation.call' | 'core.line_request' = 'operation.call',
): Promise<Gate> {
  const client = new pg.Client({ connectionString: world.url });
  await client.connect();
  later(() => client.end());
  await client.query(`
    create function operation.stand_still() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(${gateLock}); return new; end $$;
    create trigger stand_still before insert on ${table}
      for each row execute function operation.stand_still();
    select pg_advisory_lock(${gateLock})`);
  const activity =
    'select pid, extract(epoch from clock_timestamp() - xact_start) * 1000 as age from pg_stat_activity';
  return {
    async untilReached() {
      const { pid } = await until('a transaction in its gate', async () => {
        const waiting = `${activity} where wait_event = 'advisory' and datname = current_database()`;
        return (await client.query<{ pid: number }>(waiting)).rows[0];
      });
      return {
        async ageMs() {
          const { rows } = await client.query<{ age: string | null }>(`${activity} where pid = $1`, [pid]);
          const age = rows[0]?.age;
          return age === null || age === undefined ? undefined : Number(age);
        },
      };
    },
    async open() {
      await client.query(`select pg_advisory_unlock(${gateLock})`);
    },
  };
}
