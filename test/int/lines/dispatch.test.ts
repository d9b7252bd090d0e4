import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dispatchAndNotify } from '../../../domain/lines/dispatch.ts';
import { inAccount } from '../../../db/client.ts';
import {
  giveBack,
  openLeases,
  queue,
  roundAt,
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

describe('capacity', () => {
  it('two dispatchers and more at once never exceed it, and never grant one line twice', async () => {
    const world = await withPool(shared, { capacity: 3 });
    const { requestIds } = await queue(world, world.accountId, 12);
    const fences = new Set<bigint>();
    let grantsInAll = 0;
    while (grantsInAll < requestIds.length) {
      const rounds = await Promise.all(
        Array.from({ length: 6 }, () => dispatchAndNotify(world.system, world.poolId)),
      );
      grantsInAll += rounds.flatMap(({ granted }) => granted).length;
      const open = await openLeases(world);
      expect(open.length).toBeLessThanOrEqual(3);
      expect(new Set(open.map(({ line_no }) => line_no)).size).toBe(open.length);
      expect(open.every(({ line_no }) => line_no >= 1 && line_no <= 3)).toBe(true);
      for (const { id, fence } of open) {
        expect(fences.has(fence)).toBe(false);
        fences.add(fence);
        await giveBack(world, id);
      }
    }
    for (const requestId of requestIds) expect(await told(world, requestId, 'lineGranted')).toBe(1);
  });

  it('an account holds no more lines than its own cap, whatever is free', async () => {
    const world = await withPool(shared, { capacity: 10 });
    const capped = await newAccount(world.app, world.poolId, 10n * usd, 2);
    await queue(world, capped, 5);
    expect(await roundsUntilQuiet(world)).toHaveLength(2);
    const [first] = await openLeases(world);
    await giveBack(world, first?.id ?? '');
    expect(await roundsUntilQuiet(world)).toHaveLength(1);
    expect(await openLeases(world)).toHaveLength(2);
  });

  it('in no second are more lines granted than calls per second allow, and no second is wasted', async () => {
    const world = await withPool(shared, { capacity: 50, callsPerSecond: 2 });
    await queue(world, world.accountId, 20);
    const startMs = Date.now() + 10_000;
    const grants: number[] = [];
    for (let ms = 0; ms < 4_000; ms += 50) {
      const { granted } = await roundAt(world, new Date(startMs + ms));
      grants.push(...granted.map(() => ms));
    }
    const inSecondFrom = (ms: number): number => grants.filter((at) => at >= ms && at < ms + 1_000).length;
    expect(Math.max(...grants.map(inSecondFrom))).toBe(2);
    expect(grants).toHaveLength(8);
  });

  it('lines that are granted several at a time still keep to calls per second, in every second', async () => {
    const world = await withPool(shared, { capacity: 200, callsPerSecond: 90 });
    await queue(world, world.accountId, 150);
    const startMs = Date.now() + 10_000;
    const grants: number[] = [];
    const sizes = new Set<number>();
    for (let ms = 0; ms < 1_500; ms += 5) {
      const { granted } = await roundAt(world, new Date(startMs + ms));
      grants.push(...granted.map(() => ms));
      sizes.add(granted.length);
    }
    const inSecondFrom = (ms: number): number => grants.filter((at) => at >= ms && at < ms + 1_000).length;
    expect(Math.max(...grants.map(inSecondFrom))).toBeLessThanOrEqual(90);
    expect(Math.max(...sizes)).toBe(4);
    expect(grants.length).toBeGreaterThan(100);
  });
});

describe('turns', () => {
  it('go to the account with the least lines for its weight', async () => {
    const world = await withPool(shared, { capacity: 8 });
    const [light, heavy] = [
      await newAccount(world.app, world.poolId, 10n * usd),
      await newAccount(world.app, world.poolId, 10n * usd),
    ];
    await inAccount(world.app, heavy, (trx) =>
      trx.updateTable('catalogue.account').set({ weight: '3' }).where('id', '=', heavy).execute(),
    );
    // The light one asked first, and for more than there is.
    await queue(world, light, 10, { longAgoMs: 60_000 });
    await queue(world, heavy, 10);
    await roundsUntilQuiet(world);
    const open = await openLeases(world);
    expect(open.filter(({ account_id }) => account_id === light)).toHaveLength(2);
    expect(open.filter(({ account_id }) => account_id === heavy)).toHaveLength(6);
  });

  it('of one account: retries and reschedules before first calls, then whoever has waited longest', async () => {
    const world = await withPool(shared, { capacity: 4 });
    const first = await queue(world, world.accountId, 2, { longAgoMs: 90_000 });
    const retries = await queue(world, world.accountId, 2, { priority: 0 });
    const granted = await roundsUntilQuiet(world);
    expect(granted.map(({ requestId }) => requestId)).toEqual([...retries.requestIds, ...first.requestIds]);
  });

  it('a paused batch gets none; resumed, it gets them as lines come free, not all at once', async () => {
    const world = await withPool(shared, { capacity: 2 });
    const { batch, requestIds } = await queue(world, world.accountId, 5);
    const set = (state: 'paused' | 'running') =>
      world.owner.updateTable('core.batch').set({ state }).where('id', '=', batch.batchId).execute();
    await set('paused');
    expect(await roundsUntilQuiet(world)).toEqual([]);
    await set('running');
    const granted = [...(await roundsUntilQuiet(world))];
    expect(granted).toHaveLength(2);
    while (granted.length < requestIds.length) {
      const [open] = await openLeases(world);
      await giveBack(world, open?.id ?? '');
      const next = await roundsUntilQuiet(world);
      expect(next).toHaveLength(1);
      granted.push(...next);
    }
    expect(granted.map(({ requestId }) => requestId).toSorted()).toEqual(requestIds.toSorted());
  });
});

describe('a granted line', () => {
  it('that is not dialled within its time comes back with its hold', async () => {
    const world = await withPool(shared);
    const accountId = await newAccount(world.app, world.poolId, usd);
    const { requestIds } = await queue(world, accountId, 1);
    await roundsUntilQuiet(world);
    const [open] = await openLeases(world);
    expect(await roundAt(world, new Date(Date.now() + 29_000))).toMatchObject({ expired: 0 });
    expect(await roundAt(world, new Date(Date.now() + 31_000))).toMatchObject({ expired: 1, granted: [] });
    // Its contact may never take the grant: the turn has its reason all the same.
    const refusals = await world.owner
      .selectFrom('operation.refusal')
      .select(['request_id', 'reason'])
      .where('request_id', 'in', requestIds)
      .execute();
    expect(refusals).toEqual([{ request_id: requestIds[0], reason: 'line_lost' }]);
    expect(await openLeases(world)).toEqual([]);
    expect(await holdState(world, open?.hold_id)).toBe('voided');
  });

  it('that comes back is not granted again before it has come back, also in one round', async () => {
    const world = await withPool(shared, { capacity: 1 });
    await queue(world, world.accountId, 2);
    await roundsUntilQuiet(world);
    const [late] = await openLeases(world);
    await sql`update core.line_lease set expires_at = granted_at where id = ${late?.id ?? ''}`.execute(
      world.owner,
    );
    const round = await dispatchAndNotify(world.system, world.poolId);
    expect(round).toMatchObject({ expired: 1, granted: [{}] });
    const { rows } = await sql<{ gap: bigint }>`
      select (extract(epoch from next.granted_at - l.released_at) * 1000000)::bigint as gap
        from core.line_lease l, core.line_lease next
       where l.id = ${late?.id ?? ''} and next.id = ${round.granted[0]?.leaseId ?? ''}`.execute(world.owner);
    expect(rows[0]?.gap).toBeGreaterThanOrEqual(0n);
  });

  it('that has been dialled is never freed by time alone', async () => {
    const world = await withPool(shared);
    await queue(world, world.accountId, 1);
    await roundsUntilQuiet(world);
    const [open] = await openLeases(world);
    await world.owner
      .updateTable('core.line_lease')
      .set({ attempt_id: open?.id ?? '' })
      .where('id', '=', open?.id ?? '')
      .execute();
    const aYear = 365 * 86_400_000;
    expect(await roundAt(world, new Date(Date.now() + aYear))).toMatchObject({ expired: 0, held: 1 });
    expect(await openLeases(world)).toHaveLength(1);
    expect(await holdState(world, open?.hold_id)).toBe('pending');
  });
});

const holdState = async (world: World, holdId: string | undefined): Promise<string | undefined> =>
  (
    await world.owner
      .selectFrom('core.ledger_hold')
      .select('state')
      .where('id', '=', holdId ?? '')
      .executeTakeFirst()
  )?.state;
