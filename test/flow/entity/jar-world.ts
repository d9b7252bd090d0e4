import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { RefuseMessageInput } from '../../../activities/entity/types.ts';
import { replayExecution, type TestTemporal, workflowBundle } from '../../support/temporal.ts';
import type { Jar, jar, JarCommand, JarInput } from './toy.ts';

export const jarBundle = () => workflowBundle(fileURLToPath(new URL('./toy.ts', import.meta.url)));

/** A jar on the real server, with workers that can be stopped and started. Nothing is kept between two tasks. */
export class JarWorld {
  readonly #temporal: TestTemporal;
  readonly taskQueue = `jar-${randomUUID()}`;
  readonly refused: RefuseMessageInput[] = [];
  readonly sealed: string[] = [];
  /** Causes of the workflow tasks that failed, of the runs that `finished` has seen. */
  readonly failedTasks: string[] = [];
  #worker: Worker | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(temporal: TestTemporal) {
    this.#temporal = temporal;
  }

  async startWorker(): Promise<void> {
    this.#worker = await Worker.create({
      connection: this.#temporal.nativeConnection,
      namespace: this.#temporal.namespace,
      taskQueue: this.taskQueue,
      workflowBundle: await jarBundle(),
      // Each task replays the history from its beginning, as after the death of a worker.
      maxCachedWorkflows: 0,
      shutdownGraceTime: '1 s',
      activities: {
        act: (command: JarCommand) => this.#act(command),
        refuseMessage: async (input: RefuseMessageInput) => void this.refused.push(input),
      },
    });
    this.#running = this.#worker.run();
  }

  async stopWorker(): Promise<void> {
    this.#worker?.shutdown();
    await this.#running;
    this.#worker = undefined;
  }

  /** Coins whose name begins with 'bad' are counted badly: with an answer that cannot be read, or not at all. */
  async #act({ type, id }: JarCommand): Promise<unknown> {
    if (type === 'Seal') return void this.sealed.push(id);
    if (id.startsWith('bad-answer')) return { deliveries: [{ fact: { type: 'Coin', id: 12 } }] };
    if (id.startsWith('bad-failure')) throw ApplicationFailure.nonRetryable('no', 'GivenUp');
    return { deliveries: [{ fact: { type: 'CoinCounted', id } }] };
  }

  start(closesAtMs: number | null = null): Promise<WorkflowHandle<typeof jar>> {
    const input: JarInput = { accountId: 'account', closesAtMs };
    return this.#temporal.client.workflow.start<typeof jar>('jar', {
      workflowId: `jar-${randomUUID()}`,
      taskQueue: this.taskQueue,
      args: [input],
    });
  }

  /** Waits for the end, and replays every run of it. */
  async finished(handle: WorkflowHandle<typeof jar>): Promise<Jar> {
    const result = await handle.result();
    const { client } = this.#temporal;
    for await (const { runId } of client.workflow.list({ query: `WorkflowId = "${handle.workflowId}"` })) {
      const run = client.workflow.getHandle(handle.workflowId, runId);
      const { events } = await replayExecution(run, await jarBundle());
      for (const { workflowTaskFailedEventAttributes: failed } of events ?? [])
        if (failed !== null && failed !== undefined) this.failedTasks.push(String(failed.cause));
    }
    return result;
  }
}
