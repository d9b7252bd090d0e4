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
} from '../../test/support/live-world.ts';
import type { MadeBatch } from '../../test/support/world.ts';
import { contactWorkflowId } from '../../workflows/shared/ids.ts';

/** The entry of the benchmarks' bundle. */
export const workflowsPath = fileURLToPath(new URL('../minimal/workflows.ts', import.meta.url));

/** One wave that is open for longer than any run: nobody misses it on a slow machine. */
export const oneLongWave = {
  ...shortWaves,
  key: 'one-long-wave',
  schedule: { mode: 'interval', firstAfterMs: 0, everyMs: 3_600_000, windowMs: 3_500_000 },
  maxAttempts: 1,
} as const;

export interface AttemptWorldOptions {
  readonly capacity: number;
  /** Of a call, before the scale of the fake's clock. */
  readonly talkMs: { readonly min: number; readonly max: number };
}

/** Product and provider in one process, with calls of a given length and the product's own spans. */
export async function createAttemptWorld({ capacity, talkMs }: AttemptWorldOptions): Promise<LiveWorld> {
  const live = await createLiveWorld({
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
  await storePolicy(live.world, oneLongWave);
  return live;
}

/** People who answer at the first call. */
export async function batchOf({ world }: LiveWorld, count: number): Promise<MadeBatch> {
  const people = Array.from({ length: count }, () => ({ phones: [phoneEnding('00')] }));
  return createLiveBatch(world, world.accountId, people, oneLongWave);
}

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
