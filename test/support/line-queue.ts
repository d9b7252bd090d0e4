import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { dispatchAndNotify } from '../../domain/lines/dispatch.ts';
import { inAccount } from '../../db/client.ts';
import { type Dispatched, dispatchRound } from '../../domain/lines/queries-dispatch.ts';
import { insertRequest, releaseLease } from '../../domain/lines/queries-lines.ts';
import { ensurePool, type PoolSettings } from '../../domain/lines/queries-pools.ts';
import { topUpAccount } from '../../domain/billing/top-up.ts';
import { worstCaseSeconds } from '../../domain/lines/worst-case.ts';
import { createBatch, type MadeBatch, type World } from './world.ts';

/** Queue and dispatcher without workflows: what the database does, step by step. */

/** The world with a pool of the test's own. */
export async function withPool(shared: World, settings: Partial<PoolSettings> = {}): Promise<World> {
  const poolId = await ensurePool(shared.owner, {
    key: randomUUID(),
    simulated: true,
    fromNumber: '+566001234567',
    agentId: 'agent_test',
    capacity: 10,
    callsPerSecond: 1_000,
    ...settings,
  });
  return { ...shared, poolId };
}

/** 60 s at most, so 0.04 USD a call; or 600 s, 0.40 USD. */
export type Length = 'demo' | 'collection-waves';
export const costOf: Readonly<Record<Length, bigint>> = { demo: 40_000n, 'collection-waves': 400_000n };

export interface Queue {
  readonly batch: MadeBatch;
  readonly requestIds: readonly string[];
}

/** People of a new batch who wait for a line. */
export async function queue(
  world: World,
  accountId: string,
  count: number,
  options: { readonly priority?: 0 | 1; readonly policy?: Length; readonly longAgoMs?: number } = {},
): Promise<Queue> {
  const { priority = 1, policy = 'demo', longAgoMs = 1_000 } = options;
  const people = Array.from({ length: count }, () => ({}));
  const batch = await createBatch(world, { accountId, mode: 'live', policy, pack: 'demo', people });
  const eligibleAtMs = Date.now() - longAgoMs;
  const requestIds = batch.contacts.map(({ contactId }) => `${contactId}:1:1`);
  await inAccount(world.app, accountId, async (trx) => {
    for (const [index, { contactId }] of batch.contacts.entries()) {
      await insertRequest(trx, {
        id: requestIds[index] ?? '',
        accountId,
        poolId: world.poolId,
        batchId: batch.batchId,
        contactId,
        waveKey: 'ola-1',
        priority,
        eligibleAtMs: eligibleAtMs + index,
        deadlineAtMs: Date.now() + 3_600_000,
      });
    }
  });
  return { batch, requestIds };
}

/** A round at an instant of the test's choice. */
export async function roundAt(world: World, at: Date): Promise<Dispatched> {
  return world.system.transaction().execute((trx) =>
    dispatchRound(trx, {
      poolId: world.poolId,
      at,
      grantMs: 30_000,
      onlyRequestId: null,
      worstCaseSeconds: (policy) => worstCaseSeconds(trx, policy),
    }),
  );
}

/** Rounds on the database's clock, until one grants nothing for want of lines, credit or requests. */
export async function roundsUntilQuiet(world: World): Promise<readonly Dispatched['granted'][number][]> {
  const granted: Dispatched['granted'][number][] = [];
  for (;;) {
    const round = await dispatchAndNotify(world.system, world.poolId);
    granted.push(...round.granted);
    if (round.granted.length === 0 && round.nextGrantAt === null) return granted;
  }
}

export const openLeases = (world: World) =>
  world.owner
    .selectFrom('core.line_lease')
    .select(['id', 'line_no', 'account_id', 'fence', 'hold_id'])
    .where('pool_id', '=', world.poolId)
    .where('released_at', 'is', null)
    .execute();

export const giveBack = (world: World, leaseId: string): Promise<boolean> =>
  world.system.transaction().execute((trx) => releaseLease(trx, leaseId, 'test'));

export async function told(world: World, requestId: string, signal: string): Promise<number> {
  const rows = await world.owner
    .selectFrom('operation.outbox')
    .select('id')
    .where(sql`payload ->> 'requestId'`, '=', requestId)
    .where('signal', '=', signal)
    .execute();
  return rows.length;
}

export const credit = (world: World, accountId: string, amountMicros: bigint): Promise<unknown> =>
  inAccount(world.app, accountId, (trx) =>
    topUpAccount(trx, { accountId, unit: 'USD', amountMicros, reference: randomUUID(), actor: 'test' }),
  );
