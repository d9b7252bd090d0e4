import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowHandle } from '@temporalio/client';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { isReadyLine } from '../../../dev/stack/app-services.ts';
import { ensureNamespace } from '../../../dev/stack/temporal-server.ts';
import { demoPolicy, type Policy } from '../../../domain/policy/rules/policy.ts';
import type { contact } from '../../../workflows/contact/workflow.ts';
import { registerSearchAttributes } from '../../../domain/temporal/search-attributes.ts';
import { writeOutbox } from '../../../domain/shared/queries-outbox.ts';
import { inAccount } from '../../../db/client.ts';
import { contactIdOf } from '../../support/world.ts';
import { attemptsOf, breaches, refusalsOf } from '../../support/live-truth.ts';
import {
  createLiveBatch,
  createLiveWorld,
  liveKey,
  type LiveWorld,
  phoneEnding,
  storePolicy,
  until,
} from '../../support/live-world.ts';

const workerScript = fileURLToPath(new URL('../../../worker.ts', import.meta.url));

/** Two waves, the second one after everything that a worker's death can take: 25 s until Temporal gives its dial up. */
const twoWaves: Policy = {
  ...demoPolicy,
  key: 'two-waves',
  schedule: { mode: 'interval', firstAfterMs: 0, everyMs: 40_000, windowMs: 39_000 },
  maxAttempts: 2,
};

/** A world of its own whose workers are real processes of worker.ts with the product's own spans. */
interface Place {
  readonly live: LiveWorld;
  readonly startWorker: () => Promise<ChildProcess>;
  /** A contact in a batch of its own, for whichever worker comes. */
  readonly call: (phone: string) => Promise<Waiting>;
}

interface Waiting {
  readonly contactId: string;
  readonly handle: WorkflowHandle<typeof contact>;
}

/** Ends the test's own parts after it, the last one first. */
type Later = (end: () => Promise<void>) => void;

async function createPlace(later: Later): Promise<Place> {
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
    startWorker: () =>
      startWorker(later, {
        PATH: process.env['PATH'],
        TZ: 'UTC',
        DATABASE_URL: world.url,
        TEMPORAL_ADDRESS: address,
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
async function resultOf(handle: WorkflowHandle<typeof contact>): Promise<unknown> {
  await until('the workflow', () =>
    handle.describe().then(
      () => true,
      () => false,
    ),
  );
  return handle.result();
}

const gateLock = 20_270_308;

interface Gate {
  /** Until a dial's transaction stands still between its attempt row and its commit. */
  untilReached(): Promise<Standing>;
  open(): Promise<void>;
}
interface Standing {
  /** How long ago the transaction began; undefined when the server has ended it. */
  ageMs(): Promise<number | undefined>;
}

/** Whoever records a call waits for a lock that the test holds: a worker can be frozen there to the instruction. */
async function closeGate(later: Later, { world }: LiveWorld): Promise<Gate> {
  const client = new pg.Client({ connectionString: world.url });
  await client.connect();
  later(() => client.end());
  await client.query(`
    create function operation.stand_still() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(${gateLock}); return new; end $$;
    create trigger stand_still before insert on operation.call
      for each row execute function operation.stand_still();
    select pg_advisory_lock(${gateLock})`);
  const activity =
    'select pid, extract(epoch from clock_timestamp() - xact_start) * 1000 as age from pg_stat_activity';
  return {
    async untilReached() {
      const { pid } = await until('a dial in its gate', async () => {
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

describe.concurrent('a worker', () => {
  it('killed between POST and answer: both calls are found by their metadata, neither is dialled again', async ({
    onTestFinished,
  }) => {
    const { live, startWorker, call } = await createPlace(onTestFinished);
    const [rings, stillToRing] = [phoneEnding('00'), phoneEnding('00')];
    // The one rings already when the worker dies; the other is placed after its death. No webhook tells of either.
    live.fake.addFault({ kind: 'timeout_after_placed', toNumber: rings });
    live.fake.addFault({ kind: 'slow', ms: 5_000, toNumber: stillToRing });
    live.fake.addFault({ kind: 'lose_webhook', times: 'always' });
    const called = [await call(rings), await call(stillToRing)];
    const worker = await startWorker();
    await live.fake.waitUntil(
      (fake) => fake.posts().length === 2 && fake.posts().some(({ placed }) => placed),
    );
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    expect(live.fake.posts().filter(({ answer }) => answer === 201)).toEqual([]);
    await startWorker();
    for (const { contactId, handle } of called) {
      expect(await resultOf(handle)).toMatchObject({ outcome: 'promise', attempts: 1 });
      const [attempt, ...more] = await attemptsOf(live, contactId);
      expect(attempt).toMatchObject({ state: 'ended', wave: 'ola-1', hold: 'posted' });
      expect(attempt?.events).toContain('found');
      expect(attempt?.events).not.toContain('placed');
      expect(more).toEqual([]);
    }
    expect(live.fake.posts().map(({ placed }) => placed)).toEqual([true, true]);
    expect(await breaches(live)).toEqual([]);
  });

  it('frozen in its gate and woken after the dial window records the attempt, and does not dial', async ({
    onTestFinished,
  }) => {
    const { live, startWorker, call } = await createPlace(onTestFinished);
    const { world, fake } = live;
    const gate = await closeGate(onTestFinished, live);
    const { contactId, handle } = await call(phoneEnding('00'));
    const worker = await startWorker();
    const standing = await gate.untilReached();
    worker.kill('SIGSTOP');
    await gate.open();
    await until('the end of the dial window', async () => ((await standing.ageMs()) ?? 0) > 10_500);
    worker.kill('SIGCONT');
    // The attempt is on record: only now could the POST leave, and the contact waits for the proof that it did not.
    await until('the attempt', async () => (await attemptsOf(live, contactId)).length === 1);
    await until('the look-up', async () => /Busca en el proveedor/.test((await viewOf(handle)).waitingFor));
    expect(fake.posts()).toEqual([]);
    await world.owner.updateTable('operation.attempt').set({ absent_after_at: new Date() }).execute();
    // The next wave's call is the only one that is ever sent.
    expect(await resultOf(handle)).toMatchObject({ outcome: 'promise', attempts: 2 });
    expect(fake.posts()).toMatchObject([{ placed: true }]);
    const [first, second] = await attemptsOf(live, contactId);
    expect(first).toMatchObject({ wave: 'ola-1', state: 'absent', hold: 'expired' });
    expect(second).toMatchObject({ wave: 'ola-2', state: 'ended' });
    expect(fake.posts()[0]?.attemptId).toBe(second?.id);
    await until('the last settlement', async () => (await breaches(live)).length === 0);
  });

  it('frozen for longer than the server keeps its transaction does not dial, and lives on', async ({
    onTestFinished,
  }) => {
    const { live, startWorker, call } = await createPlace(onTestFinished);
    const gate = await closeGate(onTestFinished, live);
    const { contactId, handle } = await call(phoneEnding('00'));
    const frozen = await startWorker();
    const standing = await gate.untilReached();
    frozen.kill('SIGSTOP');
    await gate.open();
    await startWorker();
    await until('the end of its transaction', async () => (await standing.ageMs()) === undefined);
    // Another worker takes the contact over: the turn is a refusal, the line is back, the next wave calls.
    expect(await resultOf(handle)).toMatchObject({ outcome: 'promise', attempts: 1 });
    const attempts = await attemptsOf(live, contactId);
    // A later wave; which one depends on how soon the server noticed that the worker was gone.
    expect(attempts).toMatchObject([{ wave: expect.stringMatching(/^ola-[2-9]$/), state: 'ended' }]);
    expect(await refusalsOf(live, contactId)).toContain('worker_died');
    frozen.kill('SIGCONT');
    // A person who is called by the woken worker as well would be heard of here.
    const next = await call(phoneEnding('00'));
    expect(await resultOf(next.handle)).toMatchObject({ outcome: 'promise', attempts: 1 });
    expect(live.fake.posts()).toHaveLength(2);
    expect(frozen.exitCode).toBeNull();
    await until('the last settlement', async () => (await breaches(live)).length === 0);
  });
});

async function viewOf(handle: WorkflowHandle<typeof contact>): Promise<{ readonly waitingFor: string }> {
  return handle.query<{ readonly waitingFor: string }>('view');
}
