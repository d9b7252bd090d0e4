import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dispatchRound } from '../../../domain/lines/queries-dispatch.ts';
import { worstCaseSeconds } from '../../../domain/lines/worst-case.ts';
import {
  costOf,
  credit,
  giveBack,
  openLeases,
  queue,
  roundsUntilQuiet,
  told,
  withPool,
} from '../../support/line-queue.ts';
import { createWorld, newAccount, usd, type World } from '../../support/world.ts';

let shared: World;
beforeAll(async () => {
  shared = await createWorld();
});
afterAll(() => shared.close());

describe('credit', () => {
  it('suspends who cannot be paid for; the next round after a top-up resumes them', async () => {
    const world = await withPool(shared);
    const accountId = await newAccount(world.app, world.poolId, costOf.demo - 1n);
    const { requestIds } = await queue(world, accountId, 2);
    expect(await roundsUntilQuiet(world)).toEqual([]);
    expect(await roundsUntilQuiet(world)).toEqual([]);
    for (const requestId of requestIds) expect(await told(world, requestId, 'lineSuspended')).toBe(1);
    await credit(world, accountId, 2n * costOf.demo);
    expect((await roundsUntilQuiet(world)).map(({ requestId }) => requestId)).toEqual(requestIds);
  });

  it('a top-up that commits while a round is suspending is not lost', async () => {
    const world = await withPool(shared);
    const accountId = await newAccount(world.app, world.poolId, 0n);
    await queue(world, accountId, 1);
    await world.system.transaction().execute(async (trx) => {
      const round = await dispatchRound(trx, {
        poolId: world.poolId,
        at: null,
        grantMs: 30_000,
        onlyRequestId: null,
        worstCaseSeconds: (policy) => worstCaseSeconds(trx, policy),
      });
      expect(round.suspended).toHaveLength(1);
      await credit(world, accountId, usd);
    });
    expect(await roundsUntilQuiet(world)).toHaveLength(1);
  });

  it('that covers one of many: each is told once that it waits for credit, however often one is paid', async () => {
    const world = await withPool(shared);
    const accountId = await newAccount(world.app, world.poolId, costOf.demo);
    const { requestIds } = await queue(world, accountId, 8);
    let granted = (await roundsUntilQuiet(world)).length;
    while (granted < requestIds.length) {
      expect(await openLeases(world)).toHaveLength(1);
      const [open] = await openLeases(world);
      await giveBack(world, open?.id ?? '');
      granted += (await roundsUntilQuiet(world)).length;
    }
    for (const requestId of requestIds) {
      expect(await told(world, requestId, 'lineSuspended')).toBeLessThanOrEqual(1);
      expect(await told(world, requestId, 'lineGranted')).toBe(1);
    }
  });

  it('that does not cover a long call is still used for a short one of the same account', async () => {
    const world = await withPool(shared);
    const accountId = await newAccount(world.app, world.poolId, 3n * costOf.demo);
    expect(3n * costOf.demo).toBeLessThan(costOf['collection-waves']);
    const long = await queue(world, accountId, 2, { policy: 'collection-waves', longAgoMs: 60_000 });
    const short = await queue(world, accountId, 2);
    const granted = await roundsUntilQuiet(world);
    expect(granted.map(({ requestId }) => requestId)).toEqual(short.requestIds);
    await roundsUntilQuiet(world);
    for (const requestId of long.requestIds) expect(await told(world, requestId, 'lineSuspended')).toBe(1);
  });

  it('that an account lacks keeps no other account waiting', async () => {
    const world = await withPool(shared);
    const poor = await newAccount(world.app, world.poolId, 0n);
    await queue(world, poor, 3, { longAgoMs: 60_000, priority: 0 });
    await queue(world, world.accountId, 3);
    const granted = await roundsUntilQuiet(world);
    expect(granted.map(({ accountId }) => accountId)).toEqual(Array(3).fill(world.accountId));
  });
});
