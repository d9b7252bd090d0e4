import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hold, postHold } from '../../../domain/billing/queries-ledger.ts';
import { insertMember } from '../../../domain/accounts/queries-members.ts';
import { cancelOrder } from '../../../domain/charging/orders.ts';
import { lockCharging } from '../../../domain/charging/queries-orders.ts';
import { advanceSubscription, setEnding } from '../../../domain/charging/subscriptions.ts';
import { auditOf } from '../../support/audit-of.ts';
import { type ChargingWorld, createChargingWorld } from '../../support/charging.ts';

const dayMs = 86_400_000;
const minute = 60_000_000n;
let world: ChargingWorld;
let accountId: string;
beforeAll(async () => {
  world = await createChargingWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  accountId = await world.account('credit_based');
  await world.inside(accountId, (trx) =>
    insertMember(trx, {
      accountId,
      userId: randomUUID(),
      name: 'Ana',
      email: 'ana@ejemplo.cl',
      role: 'owner',
    }),
  );
});

const one = async <T>(query: ReturnType<typeof sql<T>>): Promise<T> => {
  const { rows } = await query.execute(world.api.world.owner);
  const [row] = rows;
  if (row === undefined) throw new Error('there is no row');
  return row;
};
interface Subscription {
  readonly id: string;
  readonly state: string;
  readonly plan_key: string;
  readonly period_no: number;
  readonly period_start: Date;
  readonly period_end: Date;
}
const subscription = () =>
  one(
    sql<Subscription>`select * from core.subscription where account_id = ${accountId} order by created_at desc limit 1`,
  );
const minutes = async (): Promise<bigint> => {
  const { available } = await one(sql<{ available: bigint }>`
    select coalesce(sum(available_micros), 0)::bigint as available from core.ledger_account
     where account_id = ${accountId} and unit = 'SEC'`);
  return available / minute;
};
const account = () =>
  one(sql<{ suspended_for: string | null; plan: string }>`
    select suspended_for, plan from catalogue.account where id = ${accountId}`);
const kinds = async (): Promise<readonly string[]> => {
  const { rows } = await sql<{ kind: string; minutes: string }>`
    select kind, (available_micros / 60000000)::text as minutes from core.ledger_transaction
     where account_id = ${accountId} and kind not in ('hold', 'post') order by id`.execute(
    world.api.world.owner,
  );
  return rows.map((row) => `${row.kind} ${row.minutes}`);
};
const mails = async (): Promise<readonly string[]> => {
  const { rows } = await sql<{ subject: string }>`
    select subject from operation.mail where account_id = ${accountId} order by created_at, dedupe_key`.execute(
    world.api.world.owner,
  );
  return rows.map(({ subject }) => subject);
};
/** The clock of the subscription at an instant. */
const turn = (at: Date) =>
  world.inside(accountId, async (trx) => {
    await lockCharging(trx, accountId);
    return advanceSubscription(trx, { online: new Set(['stripe', 'mercadopago']) }, accountId, at);
  });
const pay = async (plan: 'starter' | 'professional' = 'starter') => {
  const order = await world.order(accountId, { kind: 'period', plan }, 'stripe');
  const charge = await world.fake.stripe.pay(order.provider_ref ?? '');
  await world.settle();
  return { order, charge };
};
/** A call of so many minutes, from hold to charge; with `half`, only held. */
const call = async (long: bigint, half = false): Promise<string> => {
  // As a message's: a hold names a request or a message that is there.
  const id = randomUUID();
  await sql`alter table core.ledger_hold drop constraint if exists ledger_hold_message_id_fkey`.execute(
    world.api.world.owner,
  );
  const holdId = await world.inside(accountId, (trx) =>
    hold(trx, {
      accountId,
      requestId: id,
      isMessage: true,
      plan: 'minutes_based',
      unit: 'SEC',
      rateMicrosPerMinute: 0n,
      amountMicros: long * minute,
    }),
  );
  if (holdId === undefined) throw new Error('nothing was held');
  if (!half) await world.inside(accountId, (trx) => postHold(trx, holdId, long * minute));
  return holdId;
};

describe('a subscription', () => {
  it('begins when its first order is paid, with its minutes and its tariff', async () => {
    await pay();
    const { period_start: start, period_end: end, ...row } = await subscription();
    expect(row).toMatchObject({ state: 'active', plan_key: 'starter', period_no: 1 });
    const zone = 'America/Santiago';
    expect(end).toEqual(DateTime.fromJSDate(start, { zone }).plus({ months: 1 }).toJSDate());
    expect(await minutes()).toBe(1_000n);
    expect(await account()).toEqual({ suspended_for: null, plan: 'minutes_based' });
    const { unit } = await one(sql<{ unit: string }>`
      select unit from catalogue.tariff where account_id = ${accountId} order by effective_from desc limit 1`);
    expect(unit).toBe('SEC');
    expect(await mails()).toEqual([expect.stringContaining('su plan comenzó')]);
  });

  it('orders its next period five days before its end, once, and begins it at the end: what was not used expires', async () => {
    await pay();
    // Its end is near: a page of Stripe's is for a day.
    await sql`update core.subscription set period_end = date_trunc('milliseconds', now()) + interval '4 days 23 hours 59 minutes'
               where account_id = ${accountId}`.execute(world.api.world.owner);
    const { period_end: end } = await subscription();
    await call(300n);
    await world.order(accountId, { kind: 'package', key: 'minutes-500' }, 'stripe').then(async (order) => {
      await world.fake.stripe.pay(order.provider_ref ?? '');
      await world.settle();
    });
    const held = await call(100n, true);
    expect(await turn(new Date(end.getTime() - 5 * dayMs - 1))).toEqual([]);
    expect(await turn(new Date())).toEqual(['order']);
    expect(await turn(new Date(end.getTime() - 4 * dayMs))).toEqual([]);
    const { id, provider_ref: ref } = await one(sql<{ id: string; provider_ref: string | null }>`
      select id, provider_ref from core.payment_order
       where account_id = ${accountId} and kind = 'period' and state = 'open'`);
    expect(ref).toBeNull();
    // The sweep has its page made, and finds that it was paid.
    await world.settle({ all: true });
    const { provider_ref: page } = await one(sql<{ provider_ref: string }>`
      select provider_ref from core.payment_order where id = ${id}`);
    await world.fake.stripe.pay(page);
    await world.settle();
    expect(await minutes()).toBe(1_000n - 300n + 500n - 100n);
    expect(await turn(new Date(end.getTime() - 1))).toEqual([]);
    expect(await turn(end)).toEqual(['roll']);
    expect(await turn(end)).toEqual([]);
    // 700 were not used and 1,100 are free: what was bought stays, and what is held.
    expect(await kinds()).toEqual(['grant 1000', 'top_up 500', 'expire_allotment -700', 'grant 1000']);
    expect(await minutes()).toBe(500n - 100n + 1_000n);
    await world.inside(accountId, (trx) => postHold(trx, held, 40n * minute));
    expect(await minutes()).toBe(1_460n);
    expect(await subscription()).toMatchObject({ period_no: 2, state: 'active', period_start: end });
    // What the first period took is none of the second's.
    await call(200n);
    await sql`update core.payment_order set state = 'cancelled' where account_id = ${accountId} and state = 'open'`.execute(
      world.api.world.owner,
    );
    const { period_end: secondEnd } = await subscription();
    await turn(new Date(secondEnd.getTime() + 5 * dayMs));
    expect((await kinds()).at(-1)).toBe('expire_allotment -760');
    expect((await mails()).slice(0, 3)).toEqual([
      expect.stringContaining('su plan comenzó'),
      expect.stringContaining('su próximo período'),
      expect.stringContaining('su plan se renovó'),
    ]);
  });

  it('unpaid, goes on for five days and is suspended then; paid, it goes on from that day', async () => {
    await pay();
    const { period_end: end } = await subscription();
    await turn(new Date(end.getTime() - 5 * dayMs));
    expect(await turn(end)).toEqual(['grace']);
    expect(await minutes()).toBe(1_000n);
    await call(10n);
    expect(await turn(new Date(end.getTime() + 5 * dayMs - 1))).toEqual([]);
    expect(await turn(new Date(end.getTime() + 5 * dayMs))).toEqual(['suspend']);
    expect(await account()).toMatchObject({ suspended_for: 'subscription' });
    expect(await minutes()).toBe(0n);
    // Not even what takes nothing.
    await expect(call(0n)).rejects.toThrow('nothing was held');
    await sql`update core.payment_order set state = 'expired' where account_id = ${accountId} and state = 'open'`.execute(
      world.api.world.owner,
    );
    await pay('professional');
    expect(await account()).toMatchObject({ suspended_for: null });
    expect(await subscription()).toMatchObject({ state: 'active', plan_key: 'professional', period_no: 2 });
    expect(await minutes()).toBe(5_000n);
    expect(await kinds()).toEqual(['grant 1000', 'expire_allotment -990', 'grant 5000']);
  });

  it('whose money is taken back is suspended, and goes on when it is won; minutes that expired are not taken twice', async () => {
    const { charge } = await pay();
    await call(200n);
    const dispute = await world.fake.stripe.dispute(charge, 5_950);
    await world.settle();
    expect(await account()).toMatchObject({ suspended_for: 'subscription' });
    expect(await minutes()).toBe(-200n);
    await world.fake.stripe.closeDispute(charge, dispute, 'won');
    await world.settle();
    expect(await account()).toMatchObject({ suspended_for: null });
    expect(await minutes()).toBe(800n);
    const { period_end: end } = await subscription();
    await turn(end);
    await turn(new Date(end.getTime() + 6 * dayMs));
    expect(await minutes()).toBe(0n);
    // Given back whole after its end: the 200 that calls took are owed, the 800 are gone already.
    await world.fake.stripe.refund(charge, 5_950);
    await world.settle();
    expect(await minutes()).toBe(-200n);
  });

  it('that was cancelled ends with its period: calls are paid by the minute from then on', async () => {
    await pay();
    const { period_end: end } = await subscription();
    await world.inside(accountId, (trx) => setEnding(trx, { accountId, actor: 'test' }, true));
    expect(await turn(new Date(end.getTime() - dayMs))).toEqual([]);
    expect(await turn(end)).toEqual(['end']);
    expect(await subscription()).toMatchObject({ state: 'ended' });
    expect(await account()).toEqual({ suspended_for: null, plan: 'credit_based' });
    expect(await minutes()).toBe(0n);
    await pay();
    expect(await subscription()).toMatchObject({ state: 'active', period_no: 1 });
  });

  it('whose next order was cancelled is not ordered again until somebody does', async () => {
    await pay();
    const { period_end: end } = await subscription();
    const soon = new Date(end.getTime() - dayMs);
    expect(await turn(soon)).toEqual(['order']);
    const { id } = await one(sql<{ id: string }>`
      select id from core.payment_order where account_id = ${accountId} and state = 'open'`);
    await world.inside(accountId, (trx) => cancelOrder(trx, { accountId, actor: 'test' }, id));
    expect(await turn(soon)).toEqual([]);
    await pay('professional');
    expect(await turn(end)).toEqual(['roll']);
    expect(await subscription()).toMatchObject({ plan_key: 'professional', period_no: 2 });
  });

  it('has one order of its next period at a time', async () => {
    await pay();
    await world.order(accountId, { kind: 'period', plan: 'professional' }, 'stripe');
    await expect(world.order(accountId, { kind: 'period', plan: 'starter' }, 'stripe')).rejects.toMatchObject(
      {
        code: 'period_order_open',
      },
    );
  });

  it('leaves books that the audit has nothing against', async () => {
    expect(
      (await auditOf(world.api.world.url)).filter((line) => !/hold_|charge_|message/.test(line)),
    ).toEqual([]);
  });
});
