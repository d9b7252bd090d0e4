import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { useCaseByKey } from '../usecases/registry.ts';
import type { ContactInput } from '../../workflows/contact/contract.ts';
import type { contact } from '../../workflows/contact/workflow.ts';
import { contactWorkflowId } from '../../workflows/shared/ids.ts';
import {
  accountAttribute,
  batchAttribute,
  stateAttribute,
  useCaseAttribute,
} from '../../workflows/shared/search-attributes.ts';

export interface StartContact extends ContactInput {
  readonly useCase: string;
  /** Place in the file: what an operator sees instead of a name. */
  readonly position: number;
  readonly taskQueue: string;
}

/**
 * Starts a contact's workflow. Harmless when it runs, or has ended, already: an id is reused only after a failed end,
 * or for a new run, which its database row has recorded before with a reason.
 */
export async function startContact(
  client: Client,
  { useCase, position, taskQueue, ...input }: StartContact,
): Promise<void> {
  try {
    await client.workflow.start<typeof contact>('contact', {
      workflowId: contactWorkflowId(input.accountId, input.batchId, input.contactId),
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowIdReusePolicy:
        input.run === 1
          ? WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
          : WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `Contacto ${position + 1} · ${useCaseByKey(useCase)?.title.es ?? useCase}`,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: accountAttribute, value: input.accountId },
        { key: batchAttribute, value: input.batchId },
        { key: useCaseAttribute, value: useCase },
        { key: stateAttribute, value: 'waiting' },
      ]),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
