import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { dispatchUntil } from '../../../domain/lines/dispatch.ts';
import type { Dispatched } from '../../../domain/lines/queries-dispatch.ts';
import { queue, roundAt, withPool } from '../../support/line-queue.ts';
import { createWorld, type World } from '../../support/world.ts';

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

it('free lines wait for the instant at which the next request is due, and not for the tick', async () => {
  const world = await withPool(shared);
  const lateMs = 400;
  const { batch } = await queue(world, world.accountId, 1, { longAgoMs: -600_000 });
  const { rows } = await sql<{ at: Date }>`
    update core.line_request set eligible_at = date_trunc('milliseconds', now()) + interval '600 seconds'
     where batch_id = ${batch.batchId} returning eligible_at as at`.execute(world.owner);
  const dueMs = rows[0]?.at.getTime() ?? 0;
  const early = await roundAt(world, new Date(dueMs - lateMs));
  expect(early).toMatchObject({ granted: [], nextDueAt: new Date(dueMs) });
  const due = await roundAt(world, new Date(dueMs));
  expect(due.granted).toHaveLength(1);
  expect((await roundAt(world, new Date(dueMs))).nextDueAt).toBeNull();
});

it('a dispatcher sleeps until then', async () => {
  const world = await withPool(shared);
  await queue(world, world.accountId, 1, { longAgoMs: -700 });
  const rounds: Dispatched[] = [];
  const pausesMs: number[] = [];
  await dispatchUntil({
    system: world.system,
    poolId: world.poolId,
    waitForNews: async (_, timeoutMs) => void pausesMs.push(timeoutMs),
    isOver: () => pausesMs.length > 0,
    onRound: (round) => void rounds.push(round),
    onFailure: (error) => {
      throw error;
    },
  });
  const [first] = rounds;
  // On a machine that took longer than that, the person is due, and has the line.
  const leftMs = (first?.nextDueAt?.getTime() ?? NaN) - (first?.at.getTime() ?? NaN);
  if (first?.granted.length === 0) expect(pausesMs).toEqual([Math.max(50, leftMs)]);
  else expect(first?.granted).toHaveLength(1);
});

it('nobody waits for a request of a batch that does not run, or for one when no line is free', async () => {
  const world = await withPool(shared, { capacity: 1 });
  const { batch } = await queue(world, world.accountId, 1, { longAgoMs: -600_000 });
  const now = new Date();
  const stateOf = (state: 'paused' | 'running') =>
    world.owner.updateTable('core.batch').set({ state }).where('id', '=', batch.batchId).execute();
  await stateOf('paused');
  expect((await roundAt(world, now)).nextDueAt).toBeNull();
  await stateOf('running');
  expect((await roundAt(world, now)).nextDueAt).toBeInstanceOf(Date);
  await queue(world, world.accountId, 1);
  expect((await roundAt(world, new Date())).granted).toHaveLength(1);
  expect((await roundAt(world, new Date())).nextDueAt).toBeNull();
});
