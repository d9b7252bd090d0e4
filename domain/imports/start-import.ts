import { type Client, WorkflowIdReusePolicy } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { importWorkflowId } from '../temporal/rules/ids.ts';
import { accountAttribute } from '../temporal/rules/search-attributes.ts';

export interface ImportStart {
  readonly accountId: string;
  readonly accountSlug: string;
  readonly importId: string;
}

/** Starts the workflow of an import that is under way. Harmless when it runs. */
export async function startImport(
  { client, taskQueue }: { readonly client: Client; readonly taskQueue: string },
  { accountId, accountSlug, importId }: ImportStart,
): Promise<void> {
  await client.workflow.start('import', {
    workflowId: importWorkflowId({ accountSlug, importId }),
    taskQueue,
    args: [{ accountId, importId }],
    // Its row is what is over, not a run of it: after a restore it begins anew.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: 'Carga de un archivo',
    typedSearchAttributes: new TypedSearchAttributes([{ key: accountAttribute, value: accountId }]),
  });
}
