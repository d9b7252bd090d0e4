import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { sql } from 'kysely';
import { callTiming } from '../../../domain/lines/rules/timing.ts';
import {
  createLiveBatch,
  createLiveWorld,
  type LiveWorld,
  phoneEnding,
  shortWaves,
  storePolicy,
  until,
} from '../../../test/support/live-world.ts';
import type { Policy } from '../../../domain/policy/rules/policy.ts';
import type { MadeBatch } from '../../../test/support/world.ts';
import { listRuns } from '../../../domain/contacts/queries-runs.ts';
import { contactWorkflowId } from '../../../domain/temporal/rules/ids.ts';

/** The entry of the benchmarks' bundle. */
export const workflowsPath = fileURLToPath(new URL('../minimal/workflows.ts', import.meta.url));

/** One wave that is open for longer than any run: nobody misses it on a slow machine. */
const oneLongWave: Policy = {
  ...shortWaves,
  key: 'one-long-wave',
  schedule: { mode: 'interval', firstAfterMs: 0, everyMs: 3_600_000, windowMs: 3_500_000 },
  maxAttempts: 1,
};

export interface AttemptWorldOptions {
  readonly capacity: number;
  /** Of a call, before the scale of the fake's clock. */
  readonly talkMs: { readonly min: number; readonly max: number };
}

/** Product and provider in one process, with calls of a given length and the product's own spans. */
export async function createAttemptWorld({ capacity, talkMs }: AttemptWorldOptions): Promise<LiveWorld> {
  return createLiveWorld({
    capacity,
    workflowsPath,
    timing: callTiming,
    fake: {
      timeScale: 1,
      ringMs: { min: 0, max: 0 },
      talkMs,
      analysisMs: { min: 0, max: 0 },
      concurrencyLimit: capacity + 20,
    },
  });
}

/** People who answer at the first call, in a wave that opens so long after now. */
export async function batchOf({ world }: LiveWorld, count: number, opensInMs = 0): Promise<MadeBatch> {
  const people = Array.from({ length: count }, () => ({ phones: [phoneEnding('00')] }));
  const key = `${oneLongWave.key}-${opensInMs}-${crypto.randomUUID().slice(0, 8)}`;
  const schedule = {
    mode: 'interval',
    firstAfterMs: opensInMs,
    everyMs: 3_600_000,
    windowMs: 3_500_000,
  } as const;
  const policy = { ...oneLongWave, key, schedule };
  await storePolicy(world, policy);
  return createLiveBatch(world, world.accountId, people, policy);
}

/** Contacts that have asked for their line and sleep. */
export async function untilAllWait({ world }: LiveWorld, { batchId, contacts }: MadeBatch): Promise<void> {
  await until(
    'every contact has asked for its line',
    async () => {
      const { count } = await world.owner
        .selectFrom('core.line_request')
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .where('batch_id', '=', batchId)
        .executeTakeFirstOrThrow();
      return Number(count) >= contacts.length;
    },
    longestWaitMs,
  );
}

const longestWaitMs = 1_800_000;

/** Starts the workflow of every contact, a few at a time as the batch does. */
export async function startAll(
  { world }: LiveWorld,
  workflow: 'contact' | 'minimalContact',
  { batchId, mode, contacts }: MadeBatch,
  lanes = 20,
): Promise<readonly WorkflowHandle[]> {
  const { accountId, taskQueue, temporal } = world;
  const runs = await world.owner.transaction().execute((trx) => listRuns(trx, batchId));
  const ids = new Map(runs.map((run) => [run.contactId, contactWorkflowId(run)]));
  const waiting = [...contacts];
  const handles: WorkflowHandle[] = [];
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { contactId } = next;
        const handle = await temporal.client.workflow.start(workflow, {
          workflowId: ids.get(contactId) ?? '',
          taskQueue,
          args: [{ accountId, batchId, contactId, run: 1, mode }],
        });
        handles.push(handle);
      }
    }),
  );
  return handles;
}

/** Requests behind the others of a batch, as contacts leave them when they go to sleep: rows, without a workflow. */
export async function fillQueue(
  { world }: LiveWorld,
  batchId: string,
  { count, eligibleAt }: { readonly count: number; readonly eligibleAt: Date },
): Promise<void> {
  await world.owner.transaction().execute(async (trx) => {
    const { accountId, poolId } = world;
    const ids = sql`select gen_random_uuid() as id, n from generate_series(1, ${count}::int) as n`;
    await sql`create temp table filling on commit drop as ${ids}`.execute(trx);
    await sql`insert into core.person (id, account_id, identity_key, name, country, zone)
              select id, ${accountId}, id::text, 'Persona Inventada', 'CL', 'America/Santiago' from filling`.execute(
      trx,
    );
    await sql`insert into core.contact (id, account_id, batch_id, person_id, ordinal, state, opened_at)
              select id, ${accountId}, ${batchId}, id, 1000000 + n, 'waiting', now() from filling`.execute(
      trx,
    );
    await sql`insert into core.line_request (id, account_id, pool_id, batch_id, contact_id, wave_key,
                                             priority, eligible_at, deadline_at)
              select id || ':1:1', ${accountId}, ${poolId}, ${batchId}, id, 'fill', 1,
                     ${eligibleAt}, ${eligibleAt}::timestamptz + interval '2 hours' from filling`.execute(
      trx,
    );
  });
  await sql`vacuum analyze core.line_request, core.contact, core.person`.execute(world.owner);
}

/** A batch worked from the first start to the last end. */
export async function attemptsPerSecond(
  live: LiveWorld,
  workflow: 'contact' | 'minimalContact',
  count: number,
): Promise<number> {
  const batch = await batchOf(live, count);
  const startedMs = performance.now();
  const handles = await startAll(live, workflow, batch);
  await Promise.all(handles.map((handle) => handle.result()));
  return count / ((performance.now() - startedMs) / 1_000);
}

/** By the server's own count. */
export async function transitionsOf(handles: readonly WorkflowHandle[]): Promise<number> {
  let sum = 0;
  const waiting = [...handles];
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { raw } = await next.describe();
        sum += Number(raw.workflowExecutionInfo?.stateTransitionCount ?? 0);
      }
    }),
  );
  return sum;
}
