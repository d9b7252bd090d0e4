import { Worker } from 'node:worker_threads';
import type { ForecastTerms } from '../../domain/forecast/plan.ts';
import { watchProcessorTime } from '../../domain/shared/threads.ts';

export type ForecastEnd =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly failure: ForecastFailure };

export type ForecastFailure = 'too_slow' | 'too_large' | 'broken';

export interface RunOptions {
  /** Of the processor. */
  readonly withinMs?: number;
  readonly heapMb?: number;
}

const withinMs = 30_000;
/** By the clock, for a thread that gets nothing of the processor. */
const unansweredMs = 60_000;
/** A hundred thousand people take some 300 MB. */
const heapMb = 768;

/** Lives a forecast in a thread of its own, behind those that serve others, for half a minute of the processor at most. Never throws. */
export function runForecast(terms: ForecastTerms, options: RunOptions = {}): Promise<ForecastEnd> {
  const thread = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: terms,
    name: 'forecast',
    resourceLimits: { maxOldGenerationSizeMb: options.heapMb ?? heapMb },
  });
  return new Promise((resolve) => {
    const end = (ended: ForecastEnd): void => {
      unwatch();
      resolve(ended);
      void thread.terminate();
    };
    const failed = (failure: ForecastFailure): void => end({ kind: 'failed', failure });
    const unwatch = watchProcessorTime(thread, unansweredMs, (usedMs) => {
      if (usedMs > (options.withinMs ?? withinMs)) failed('too_slow');
    });
    thread.on('message', (result: unknown) => end({ kind: 'done', result }));
    thread.on('error', (error) => failed(isOutOfMemory(error) ? 'too_large' : 'broken'));
    thread.on('exit', () => failed('broken'));
  });
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
