import { Worker } from 'node:worker_threads';
import type { Template } from './arguments.ts';
import { refuse } from '../shared/refused.ts';
import { watchProcessorTime } from '../shared/threads.ts';

/** Processor time, from the thread's start to its answer. An honest schema of a hundred fields takes a tenth of it. */
const longestMs = 2_000;
/** By the clock, while others have the processor. */
const unansweredMs = 15_000;
/** Of one process: a schema may take what others leave of a core until its time is over. */
const mostThreads = 2;

const thread = new URL('./schema-thread.ts', import.meta.url);
const accountsAtIt = new Set<string>();
const waiting: (() => void)[] = [];
let threads = 0;

/**
 * Whether arguments fit a tool's schema; undefined when they do, else what is wrong in the validator's words. The schema and its
 * patterns are somebody else's: they run in a thread of their own that is ended when its time is over, with little memory and none
 * of our settings. One schema of an account at a time. Throws `OperationRefused`.
 */
export async function misfitOf(
  accountId: string,
  schema: Readonly<Record<string, unknown>>,
  args: Readonly<Record<string, Template>>,
): Promise<string | undefined> {
  if (accountsAtIt.has(accountId)) throw refuse('schema_under_way');
  accountsAtIt.add(accountId);
  try {
    await turn();
    try {
      return await runThread({ schema, args });
    } finally {
      threads -= 1;
      waiting.shift()?.();
    }
  } finally {
    accountsAtIt.delete(accountId);
  }
}

async function turn(): Promise<void> {
  while (threads >= mostThreads) await new Promise<void>((resolve) => waiting.push(resolve));
  threads += 1;
}

async function runThread(workerData: object): Promise<string | undefined> {
  const worker = new Worker(thread, {
    workerData,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
  });
  let unwatch: (() => void) | undefined;
  try {
    return await new Promise((resolve, reject) => {
      unwatch = watchProcessorTime(worker, unansweredMs, (usedMs) => {
        if (usedMs > longestMs)
          reject(refuse('schema_too_slow', { seconds: longestMs / 1000 }, { field: 'tool' }));
      });
      const fail = (detail: string): void =>
        reject(refuse('schema_unchecked', { detail: detail.slice(0, 200) }, { field: 'tool' }));
      worker.on('message', (misfit: unknown) => resolve(typeof misfit === 'string' ? misfit : undefined));
      // It has used up its memory, or ended without a word.
      worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
      worker.on('exit', () => fail('no answer'));
    });
  } finally {
    unwatch?.();
    await worker.terminate();
  }
}
