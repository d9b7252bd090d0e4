import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { callTiming } from '../../settlement/timing.ts';
import {
  createLiveBatch,
  createLiveWorld,
  type LiveWorld,
  phoneEnding,
  shortWaves,
  storePolicy,
  until,
} from '../../test/support/live-world.ts';
import type { Policy } from '../../rules/policy.ts';
import type { MadeBatch } from '../../test/support/world.ts';
import { contactWorkflowId } from '../../workflows/shared/ids.ts';

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
  { batchId, realm, contacts }: MadeBatch,
  lanes = 20,
): Promise<readonly WorkflowHandle[]> {
  const { accountId, taskQueue, temporal } = world;
  const waiting = [...contacts];
  const handles: WorkflowHandle[] = [];
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { contactId } = next;
        const handle = await temporal.client.workflow.start(workflow, {
          workflowId: contactWorkflowId(accountId, batchId, contactId),
          taskQueue,
          args: [{ accountId, batchId, contactId, run: 1, realm }],
        });
        handles.push(handle);
      }
    }),
  );
  return handles;
}
