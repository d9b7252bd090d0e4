import { type Client, WorkflowIdReusePolicy } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { BatchState } from '../../db/schema/schema.ts';
import { type BatchAddress, batchWorkflowId } from '../temporal/rules/ids.ts';
import { accountAttribute, batchAttribute, useCaseAttribute } from '../temporal/rules/search-attributes.ts';
import { useCaseByKey } from '../usecases/registry.ts';

export interface BatchRun extends BatchAddress {
  readonly accountId: string;
  readonly batchId: string;
  readonly useCase: string;
  readonly state: BatchState;
}

/** What a batch's workflow is started with: of a finished batch that a retry has opened again, a new run. */
export function batchStart(taskQueue: string, batch: BatchRun) {
  const { accountId, batchId, useCase } = batch;
  return {
    workflowId: batchWorkflowId(batch),
    taskQueue,
    args: [{ accountId, batchId }],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    staticSummary: `Lote · ${useCaseByKey(useCase)?.title.es ?? useCase}`,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: accountAttribute, value: accountId },
      { key: batchAttribute, value: batchId },
      { key: useCaseAttribute, value: useCase },
    ]),
  };
}

/** Starts the workflow of a batch that has none. Harmless when it runs. */
export async function startBatch(
  { client, taskQueue }: { readonly client: Client; readonly taskQueue: string },
  batch: BatchRun,
): Promise<void> {
  await client.workflow.start('batch', {
    ...batchStart(taskQueue, batch),
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}
