import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { dispatchUntil } from '../../activities/lines/create-line-activities.ts';
import { queue, withPool } from '../support/line-queue.ts';
import { createWorld, type World } from '../support/world.ts';

let shared: World;
beforeAll(async () => {
  shared = await createWorld({ rehearsal: false });
});
afterEach(() => vi.useRealTimers());
afterAll(() => shared.close());

it.each([-600_000, 600_000])(
  'a dispatcher whose clock is %i ms off waits for the next grant as long as calls per second say',
  async (offsetMs) => {
    const world = await withPool(shared, { callsPerSecond: 4 });
    await queue(world, world.accountId, 6);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offsetMs });
    const pausesMs: number[] = [];
    await dispatchUntil({
      system: world.system,
      poolId: world.poolId,
      waitForNews: async (_, timeoutMs) => void pausesMs.push(timeoutMs),
      isOver: () => pausesMs.length >= 3,
      onRound: () => undefined,
      onFailure: (error) => {
        throw error;
      },
    });
    expect(pausesMs[0]).toBe(250);
    for (const pauseMs of pausesMs) expect(pauseMs).toBeLessThanOrEqual(250);
  },
);
