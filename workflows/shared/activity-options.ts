import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/**
 * Activity options by kind of effect. No options at call sites: whoever adds an activity chooses its kind here and
 * thereby what a failure means.
 */

/** One transaction of our own, safe to repeat: runs inside the workflow task, costs one event. */
export const idempotentWrite: LocalActivityOptions = {
  // A lock that is held longer than this is a fault: try again on another connection.
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '30 s' },
};

/**
 * A dial. Tried once: a second try could ring a second time. The time-out is longer than everything the activity
 * may do (gate, absolute deadline of the POST, writing the answer down), so that only a dead worker reaches it.
 */
export const irreversible: ActivityOptions = {
  startToCloseTimeout: '25 s',
  retry: { maximumAttempts: 1 },
};

/** Pages through rows with a heartbeat per page; a dead worker is noticed by the silence. */
export const paging: ActivityOptions = {
  startToCloseTimeout: '1 h',
  heartbeatTimeout: '15 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '30 s' },
};

/** Reads a file in a thread of its own, with a heartbeat; a dead worker is noticed by the silence. */
export const reading: ActivityOptions = {
  startToCloseTimeout: '30 m',
  heartbeatTimeout: '15 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '30 s', maximumAttempts: 10 },
};
