import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { type TestTemporal, workflowBundle } from '../../../test/support/temporal.ts';

/** A worker for floors that ask nothing of the outside. */
export async function withBareWorker<T>(
  temporal: Pick<TestTemporal, 'nativeConnection' | 'namespace'>,
  workflowsPath: string,
  work: (taskQueue: string) => Promise<T>,
): Promise<T> {
  const taskQueue = `bare-${randomUUID()}`;
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace,
    taskQueue,
    workflowBundle: await workflowBundle(workflowsPath),
    activities: { nothing: async () => Promise.resolve() },
  });
  return worker.runUntil(() => work(taskQueue));
}
