import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';

/** What one execution has cost, by Temporal's own record. */
export interface ExecutionCost {
  readonly events: number;
  /** Writes of the workflow's state, as the server counts them. */
  readonly transitions: number;
  /** Billable actions by Temporal Cloud's published rules (facts: docs/scaling.md), counted from the history. */
  readonly actions: number;
}

const { EventType } = proto.temporal.api.enums.v1;

/** Each of these is one action; completions, cancelled timers and fired ones are free. */
const billed: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
  EventType.EVENT_TYPE_TIMER_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
  EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
]);

export async function costOf(handle: WorkflowHandle): Promise<ExecutionCost> {
  const [{ raw }, { events = [] }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
  let actions = 0;
  // All local activities of one workflow task are one action: their markers follow its completion.
  let isTaskBilled = false;
  for (const event of events ?? []) {
    const type = event.eventType ?? 0;
    if (billed.has(type)) actions += 1;
    if (type === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED) isTaskBilled = false;
    if (type !== EventType.EVENT_TYPE_MARKER_RECORDED || isTaskBilled) continue;
    isTaskBilled = true;
    actions += 1;
  }
  const transitions = Number(raw.workflowExecutionInfo?.stateTransitionCount ?? 0);
  return { events: events?.length ?? 0, transitions, actions };
}
