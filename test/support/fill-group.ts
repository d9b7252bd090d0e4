import { asyncLocalStorage, Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { createBatchActivities } from '../../activities/batch/create-batch-activities.ts';
import type { FilledGroup } from '../../activities/batch/types.ts';
import type { World } from './world.ts';

/**
 * Runs the activity as a worker does that takes it over from one that died: with the heartbeat that it left. Answers the places
 * that its own heartbeats told, and what it has filled. `onStart` runs before the first contact is started.
 */
export async function fillGroup(
  world: World,
  batchId: string,
  { place, onStart }: { readonly place?: unknown; readonly onStart?: () => Promise<void> } = {},
): Promise<{ readonly places: readonly unknown[]; readonly filled: FilledGroup }> {
  const places: unknown[] = [];
  const { client } = world.temporal;
  const activities = createBatchActivities({ app: world.app, client: watched(client, onStart) });
  const context = Object.create(Context.prototype, {
    info: { value: { taskQueue: world.taskQueue, heartbeatDetails: place } },
    heartbeat: { value: (details: unknown) => void places.push(details) },
  });
  const filled = await asyncLocalStorage.run(context, () =>
    activities.fillGroup({ accountId: world.accountId, batchId }),
  );
  return { places: [...new Set(places)], filled };
}

/** The same client, which waits for somebody else before its first start. */
function watched(client: Client, onStart: (() => Promise<void>) | undefined): Client {
  let meanwhile = onStart;
  const workflow = new Proxy(client.workflow, {
    get(target, property) {
      if (property !== 'start') return Reflect.get(target, property);
      return async (...args: Parameters<typeof target.start>) => {
        const [first] = [meanwhile];
        meanwhile = undefined;
        await first?.();
        return target.start(...args);
      };
    },
  });
  return new Proxy(client, {
    get: (target, property) => (property === 'workflow' ? workflow : Reflect.get(target, property)),
  });
}
