import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import type { dialer } from '../../workflows/dialer/workflow.ts';
import { dialerWorkflowId } from '../../workflows/shared/ids.ts';
import { TASK_QUEUE } from '../../workflows/shared/task-queues.ts';
import { WORKERS, type WorkerName } from './faults.ts';
import { NAMESPACE, type Place } from './place.ts';

/** Under an id of its own: the dialer's own id lets nobody in twice, which is not what keeps lines from being given twice. */
export async function startSecondDispatcher(place: Place): Promise<void> {
  await asClient(place, async (client, poolId) => {
    await client.workflow.start<typeof dialer>('dialer', {
      workflowId: `chaos-dialer/${crypto.randomUUID()}`,
      taskQueue: TASK_QUEUE,
      args: [{ poolId }],
    });
  });
}

/** Which worker gives the lines out now: its death is the one that lines could stand idle for. Throws when none does. */
export async function workerThatDispatches(place: Place): Promise<WorkerName> {
  return asClient(place, async (client, poolId) => {
    const { raw } = await client.workflow.getHandle(dialerWorkflowId(poolId)).describe();
    const [activity] = raw.pendingActivities ?? [];
    // The SDK's own identity: pid@host.
    const pid = Number(activity?.lastWorkerIdentity?.split('@')[0]);
    const worker = WORKERS.find((one) => place.pidOf(one) === pid);
    if (worker === undefined) throw new Error('no worker gives lines out');
    return worker;
  });
}

async function asClient<T>(
  { databaseUrl, temporalAddress }: Place,
  act: (client: Client, poolId: string) => Promise<T>,
): Promise<T> {
  const database = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  database.on('error', () => undefined);
  await database.connect();
  const connection = await Connection.connect({ address: temporalAddress, connectTimeout: '5 s' });
  try {
    const { rows } = await database.query<{ id: string }>(
      'select id from catalogue.pool where simulated and not rehearsal',
    );
    const [pool] = rows;
    if (pool === undefined) throw new Error('there is no line pool');
    return await act(new Client({ connection, namespace: NAMESPACE }), pool.id);
  } finally {
    await connection.close();
    await database.end().catch(() => undefined);
  }
}
