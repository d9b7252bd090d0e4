import { type Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import type { Database } from '../../db/client.ts';
import type { dialer } from '../../workflows/dialer/workflow.ts';
import { dialerWorkflowId } from '../../workflows/shared/ids.ts';
import { TASK_QUEUE } from '../../workflows/shared/task-queues.ts';

/** Starts the dialer of every live line pool that has none. */
export async function ensureDialers(db: Database, client: Client): Promise<void> {
  const pools = await db
    .selectFrom('core.line_pool as l')
    .innerJoin('catalogue.pool as p', 'p.id', 'l.pool_id')
    .select('l.pool_id')
    .where('p.rehearsal', '=', false)
    .execute();
  for (const { pool_id: poolId } of pools) await ensureDialer(client, poolId);
}

export async function ensureDialer(client: Client, poolId: string): Promise<void> {
  await client.workflow.start<typeof dialer>('dialer', {
    workflowId: dialerWorkflowId(poolId),
    taskQueue: TASK_QUEUE,
    args: [{ poolId }],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    staticSummary: 'Reparte las líneas de un proveedor de voz',
  });
}
