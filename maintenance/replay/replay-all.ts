import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { type Difference, type History, readDifference } from './difference.ts';
import type { Recorded } from './sources.ts';

export interface Replayed {
  readonly replayed: number;
  readonly differs: readonly Difference[];
}

/**
 * Replays histories against a bundle, several at once. A history that differs is an answer, not an exception; anything
 * else that goes wrong is one.
 */
export async function replayAll(
  histories: AsyncIterable<Recorded>,
  workflowBundle: WorkflowBundleOption,
  lanes: number,
): Promise<Replayed> {
  const source = histories[Symbol.asyncIterator]();
  /** Until each has its result: a difference is named by its place in the history. */
  const open = new Map<string, History>();
  // One reader at a time: a generator that is asked twice at once answers in order, but a page would be fetched twice.
  let last: Promise<unknown> = Promise.resolve();
  const next = (): Promise<IteratorResult<Recorded>> => {
    const mine = last.then(async () => {
      const step = await source.next();
      if (step.done !== true) open.set(step.value.workflowId, step.value.history);
      return step;
    });
    last = mine.catch(() => undefined);
    return mine;
  };
  const share = (): AsyncIterable<Recorded> => ({ [Symbol.asyncIterator]: () => ({ next }) });
  const results = await Promise.all(
    Array.from({ length: lanes }, () => replayShare(share(), workflowBundle, open)),
  );
  return {
    replayed: results.reduce((sum, { replayed }) => sum + replayed, 0),
    differs: results.flatMap(({ differs }) => differs),
  };
}

async function replayShare(
  histories: AsyncIterable<Recorded>,
  workflowBundle: WorkflowBundleOption,
  open: Map<string, History>,
): Promise<Replayed> {
  const differs: Difference[] = [];
  let replayed = 0;
  for await (const { workflowId, runId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    replayed += 1;
    if (error !== undefined) differs.push(readDifference(workflowId, runId, error, open.get(workflowId)));
    open.delete(workflowId);
  }
  return { replayed, differs };
}
