import { asyncLocalStorage, Context } from '@temporalio/activity';
import { createBatchActivities } from '../../activities/batch/create-batch-activities.ts';
import type { FilledGroup } from '../../activities/batch/types.ts';
import type { World } from './world.ts';

/**
 * Runs the activity as a worker does that takes it over from one that died: with the heartbeat that it left. Answers the places
 * that its own heartbeats told, and what it has filled.
 */
export async function fillGroup(
  world: World,
  batchId: string,
  place?: unknown,
): Promise<{ readonly places: readonly unknown[]; readonly filled: FilledGroup }> {
  const places: unknown[] = [];
  const { client } = world.temporal;
  const activities = createBatchActivities({ app: world.app, client });
  const context = Object.create(Context.prototype, {
    info: { value: { taskQueue: world.taskQueue, heartbeatDetails: place } },
    heartbeat: { value: (details: unknown) => void places.push(details) },
  });
  const filled = await asyncLocalStorage.run(context, () =>
    activities.fillGroup({ accountId: world.accountId, batchId }),
  );
  return { places: [...new Set(places)], filled };
}
