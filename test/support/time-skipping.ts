import { randomUUID } from 'node:crypto';
import type { Connection, WorkflowHandle } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { temporal } from '@temporalio/proto';
import type { Client } from '@temporalio/client';

type Service = Connection['workflowService'];
type SkippingConfig = temporal.api.common.v1.ITimeSkippingConfig;

/** The server stops skipping after so many skips: a workflow that loops for ever shows itself within seconds. */
const MAX_SKIPS = 1_000;

export interface SkippingOptions {
  readonly maxSkips?: number;
  /** Every started workflow stops skipping when it has lived so long; wait for that with `untilFirstStop`. */
  readonly stopAfterMs?: number;
}

const FIRST_STOP = 'first-stop';

/**
 * Makes every start of this connection's clients (start, execute, signalWithStart, executeUpdateWithStart) carry time
 * skipping. The SDK has no option for it yet, hence the wrap of the generated service.
 */
export function injectTimeSkipping(
  service: Service,
  { maxSkips = MAX_SKIPS, stopAfterMs }: SkippingOptions,
): void {
  const timeSkippingConfig: SkippingConfig = {
    enabled: true,
    maxSessionSkipCount: maxSkips,
    ...(stopAfterMs === undefined
      ? {}
      : { fastForwardConfig: { id: FIRST_STOP, duration: msToTs(stopAfterMs) } }),
  };
  const start = service.startWorkflowExecution.bind(service);
  const signalWithStart = service.signalWithStartWorkflowExecution.bind(service);
  const multiple = service.executeMultiOperation.bind(service);
  replace(service, 'startWorkflowExecution', (request: Parameters<typeof start>[0]) =>
    start({ ...request, timeSkippingConfig }),
  );
  replace(service, 'signalWithStartWorkflowExecution', (request: Parameters<typeof signalWithStart>[0]) =>
    signalWithStart({ ...request, timeSkippingConfig }),
  );
  replace(service, 'executeMultiOperation', (request: Parameters<typeof multiple>[0]) =>
    multiple({
      ...request,
      operations: (request.operations ?? []).map((operation) =>
        operation.startWorkflow === null || operation.startWorkflow === undefined
          ? operation
          : { ...operation, startWorkflow: { ...operation.startWorkflow, timeSkippingConfig } },
      ),
    }),
  );
}

function replace(service: Service, name: keyof Service, value: unknown): void {
  Object.defineProperty(service, name, { value });
}

type Handle = Pick<WorkflowHandle, 'workflowId'>;

/** Waits until a workflow started with `stopAfterMs` has reached that age and stands still. */
export async function untilFirstStop(client: Client, handle: Handle): Promise<void> {
  await untilReached(client, handle, FIRST_STOP);
}

/**
 * Lets a workflow live `durationMs` of virtual time from where it is, then stand still in real time. Send it nothing
 * meanwhile: a message that lands during a skip can jump the clock past a timer that is due (design.md §4).
 */
export async function fastForwardBy(client: Client, handle: Handle, durationMs: number): Promise<void> {
  const id = randomUUID();
  await setTimeSkipping(client, handle, {
    enabled: true,
    maxSessionSkipCount: MAX_SKIPS,
    fastForwardConfig: { id, duration: msToTs(durationMs) },
  });
  await untilReached(client, handle, id);
}

/** From here on skips to the end of the workflow, or to whatever it waits for. */
export async function skipFreely(client: Client, handle: Handle): Promise<void> {
  await setTimeSkipping(client, handle, { enabled: true, maxSessionSkipCount: MAX_SKIPS });
}

/** The clock of the workflow, and whether it still skips: a used-up budget turns skipping off without an event. */
export async function timeSkippingOf(
  client: Client,
  handle: Handle,
): Promise<temporal.api.common.v1.ITimeSkippingInfo> {
  const described = await client.workflowService.describeWorkflowExecution({
    namespace: client.options.namespace,
    execution: { workflowId: handle.workflowId },
  });
  const info = described.workflowExtendedInfo?.timeSkippingInfo;
  if (info === null || info === undefined) throw new Error(`${handle.workflowId} does not skip time`);
  return info;
}

async function setTimeSkipping(client: Client, handle: Handle, config: SkippingConfig): Promise<void> {
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: handle.workflowId },
    workflowExecutionOptions: { timeSkippingConfig: config },
    updateMask: { paths: ['time_skipping_config'] },
  });
}

const { FastForwardPollingResult } = temporal.api.enums.v1;
/** Each poll waits up to a minute at the server. */
const MAX_POLLS = 5;

async function untilReached(client: Client, handle: Handle, fastForwardId: string): Promise<void> {
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const answer = await client.workflowService.pollWorkflowExecutionTimeSkipping({
      namespace: client.options.namespace,
      workflowExecution: { workflowId: handle.workflowId },
      fastForwardId,
    });
    const result = answer.fastForwardPollingResult;
    if (result === FastForwardPollingResult.FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_COMPLETED) return;
    if (result !== FastForwardPollingResult.FAST_FORWARD_POLLING_RESULT_POLL_TIMEOUT) {
      throw new Error(
        `${handle.workflowId} cannot reach the instant: ${answer.failedReason || 'no reason given'}`,
      );
    }
  }
  throw new Error(`${handle.workflowId} did not reach the instant`);
}
