import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { ContactState } from '../../db/schema/schema.ts';
import { contactWorkflowId } from '../temporal/rules/ids.ts';
import {
  accountAttribute,
  batchAttribute,
  stateAttribute,
  useCaseAttribute,
} from '../temporal/rules/search-attributes.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import type { ContactRun } from './queries-runs.ts';

export interface StartDeps {
  readonly client: Client;
  readonly taskQueue: string;
}

/**
 * What a contact's workflow is started with. The run is in its memo: by it a start knows whether the workflow that is there is
 * the run that the row means, or the one before it.
 */
export function contactStart(taskQueue: string, contact: ContactRun) {
  const { accountId, batchId, contactId, run, mode, useCase, number, state } = contact;
  const isPaused = state === ('paused' satisfies ContactState);
  return {
    workflowId: contactWorkflowId(contact),
    taskQueue,
    args: [{ accountId, batchId, contactId, run, mode, ...(isPaused ? { paused: true } : {}) }],
    memo: { run },
    staticSummary: `Contacto ${number} · ${useCaseByKey(useCase)?.title.es ?? useCase}`,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: accountAttribute, value: accountId },
      { key: batchAttribute, value: batchId },
      { key: useCaseAttribute, value: useCase },
      { key: stateAttribute, value: isPaused ? 'paused' : 'waiting' },
    ]),
  };
}

/**
 * What the server knows of the run that the row means. `absent`: it never was, and may be started; `ended`: it is over, which
 * of an open row is a loss; `earlier`: the run before it has not ended yet.
 */
export type RunState = 'running' | 'absent' | 'ended' | 'earlier';

export async function runState(client: Client, contact: ContactRun): Promise<RunState> {
  try {
    const { status, memo } = await client.workflow.getHandle(contactWorkflowId(contact)).describe();
    // A workflow without the memo is a test's, or a first run.
    const known = typeof memo?.['run'] === 'number' ? memo['run'] : 1;
    if (known >= contact.run) return status.name === 'RUNNING' ? 'running' : 'ended';
    return status.name === 'RUNNING' ? 'earlier' : 'absent';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'absent';
    throw error;
  }
}

/**
 * Starts the run that the row means, unless it is there. Anything else than `running` is the caller's to judge: see `RunState`.
 * Several at once start one.
 */
export async function startContact(
  { client, taskQueue }: StartDeps,
  contact: ContactRun,
): Promise<Exclude<RunState, 'absent'>> {
  const start = contactStart(taskQueue, contact);
  try {
    await client.workflow.start('contact', {
      ...start,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      // A later run follows one that has ended; the first follows none.
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    });
    return 'running';
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const state = await runState(client, contact);
  if (state !== 'absent') return state;
  try {
    await client.workflow.start('contact', {
      ...start,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    });
    return 'running';
  } catch (error) {
    // Somebody else's start came in between: the next look will say whose.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'earlier';
    throw error;
  }
}
