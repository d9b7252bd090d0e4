import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { Client } from '@temporalio/client';
import { FIRST_STOP, MAX_SKIPS } from '../../domain/rehearsal/time-skipping.ts';

export { injectTimeSkipping, type SkippingOptions } from '../../domain/rehearsal/time-skipping.ts';

type SkippingConfig = proto.temporal.api.common.v1.ITimeSkippingConfig;

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
): Promise<proto.temporal.api.common.v1.ITimeSkippingInfo> {
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

const { FastForwardPollingResult } = proto.temporal.api.enums.v1;
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
