import { databaseNow, type Trx } from '../../db/client.ts';
import { readAccountRow } from '../billing/queries-accounts.ts';
import { expireAllotment, lockBalance } from '../billing/queries-bookings.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { wakeDispatchers } from '../shared/queries-notify.ts';
import type { Caller } from '../shared/caller.ts';
import { OperationRefused, refuse } from '../shared/refused.ts';
import type { OnlineProvider } from './charging-port.ts';
import { tellOwners } from './mails.ts';
import { createOrder } from './orders.ts';
import {
  findOrder,
  lockCharging,
  lockOrder,
  nextPeriods,
  type OrderRow,
  updateOrder,
  wasDeclined,
} from './queries-orders.ts';
import { changeTariff, planAt, planVersion, suspendAccount } from './queries-plans.ts';
import * as db from './queries-subscriptions.ts';
import { dayOfMonth, graceMs, nextStep, periodEnd, type SubscriptionStep } from './rules/clock.ts';
import { bringToWord, saidOf } from './settle-order.ts';

/** Of one account in one round; a clock that was stopped for months takes a step for each. */
const mostSteps = 50;
/** Lines are granted at the tariff that a round has read: a new one is in force when every such round is over. */
const tariffAheadMs = 60_000;
const actor = 'subscriptions';

export interface ClockDeps {
  /** Where orders can be paid: for those of the next period. */
  readonly online: ReadonlySet<OnlineProvider>;
}

/**
 * Takes every step that is due of an account's subscription at an instant: begins, renews, orders, suspends and ends it. Whoever
 * calls has the account's lock (`lockCharging`). Repeating it changes nothing. Returns the steps.
 */
export async function advanceSubscription(
  trx: Trx,
  deps: ClockDeps,
  accountId: string,
  now: Date,
): Promise<readonly string[]> {
  const steps: string[] = [];
  for (let step = 0; step < mostSteps; step += 1) {
    const taken = await takeStep(trx, deps, accountId, now);
    if (taken === undefined) break;
    steps.push(taken);
  }
  if (steps.length > 0) await wakeDispatchers(trx);
  return steps;
}

async function takeStep(
  trx: Trx,
  deps: ClockDeps,
  accountId: string,
  now: Date,
): Promise<string | undefined> {
  const { open, paid } = await nextPeriods(trx, accountId);
  const current = await db.currentSubscription(trx, accountId);
  const [next] = paid;
  if (current === undefined) {
    if (next === undefined) return undefined;
    await begin(trx, next, now);
    return 'begun';
  }
  const ofPeriod = await findOrder(trx, current.order_id);
  const step = nextStep(
    {
      state: current.state,
      periodEndMs: current.period_end.getTime(),
      endsWithPeriod: current.ends_with_period,
      isPaid: ofPeriod?.state === 'paid',
      nextIsPaid: next !== undefined,
      // Whoever cancelled the one that we made does not want another one a minute later.
      nextIsOpen:
        open.length > 0 ||
        (await wasDeclined(trx, accountId, { since: current.period_start, orderedBy: actor })),
    },
    now.getTime(),
  );
  if (step === undefined) return undefined;
  if (step.kind === 'order' && !(await orderNext(trx, deps, current, now))) return undefined;
  if (step.kind !== 'order') await takeKnownStep(trx, current, step, next, now);
  return step.kind;
}

async function takeKnownStep(
  trx: Trx,
  current: db.SubscriptionRow,
  step: Exclude<SubscriptionStep, { kind: 'order' }>,
  next: OrderRow | undefined,
  now: Date,
): Promise<void> {
  const { account_id: accountId, id } = current;
  switch (step.kind) {
    case 'roll': {
      if (next === undefined) throw new Error('a period that is not paid does not begin');
      await endAllotment(trx, current, now);
      return roll(trx, current, next, new Date(step.startMs), now);
    }
    case 'grace': {
      await db.updateSubscription(trx, id, { state: 'grace' });
      const until = new Date(current.period_end.getTime() + graceMs);
      return note(trx, current, 'subscription.in_grace', { until: until.toISOString() });
    }
    case 'suspend': {
      await db.updateSubscription(trx, id, { state: 'suspended' });
      // Taken back before its end, the money's own bookings have taken the minutes.
      if (step.reason === 'unpaid') await endAllotment(trx, current, now);
      await suspendAccount(trx, accountId, 'subscription');
      return note(trx, current, 'subscription.suspended', { reason: step.reason });
    }
    case 'restore': {
      await db.updateSubscription(trx, id, { state: 'active' });
      await suspendAccount(trx, accountId, null);
      return note(trx, current, 'subscription.restored', {});
    }
    case 'end': {
      await endAllotment(trx, current, now);
      await db.updateSubscription(trx, id, { state: 'ended', ended_at: now });
      await suspendAccount(trx, accountId, null);
      const plan = await planAt(trx, 'pay_as_you_go', now);
      if (plan === undefined) throw new Error('there is no plan to pay by the minute');
      await changeTariff(trx, accountId, plan, new Date(now.getTime() + tariffAheadMs));
      return note(trx, current, 'subscription.ended', {});
    }
    default: {
      const unreachable: never = step;
      return unreachable;
    }
  }
}

/** The first period of a plan: it begins when its order is paid. */
async function begin(trx: Trx, order: OrderRow, now: Date): Promise<void> {
  const accountId = order.account_id;
  const { zone } = await accountOf(trx, accountId);
  const plan = await planOf(trx, order);
  const anchor = dayOfMonth(now.getTime(), zone);
  const consumed = await grant(trx, order, now);
  const row = await db.insertSubscription(trx, {
    account_id: accountId,
    plan_key: plan.key,
    plan_version: plan.version,
    price_micros: order.price_micros,
    state: 'active',
    period_no: 1,
    period_start: now,
    period_end: new Date(periodEnd(now.getTime(), anchor, zone)),
    anchor_day: anchor,
    order_id: order.id,
    consumed_before_micros: consumed,
  });
  await suspendAccount(trx, accountId, null);
  await changeTariff(trx, accountId, plan, new Date(now.getTime() + tariffAheadMs));
  await note(trx, row, 'subscription.begun', {});
}

async function roll(
  trx: Trx,
  current: db.SubscriptionRow,
  order: OrderRow,
  start: Date,
  now: Date,
): Promise<void> {
  const accountId = order.account_id;
  const { zone } = await accountOf(trx, accountId);
  const plan = await planOf(trx, order);
  // After days without service the months begin on another day.
  const anchor = current.state === 'suspended' ? dayOfMonth(start.getTime(), zone) : current.anchor_day;
  const consumed = await grant(trx, order, now);
  const row = {
    ...current,
    plan_key: plan.key,
    plan_version: plan.version,
    price_micros: order.price_micros,
    state: 'active' as const,
    period_no: current.period_no + 1,
    period_start: start,
    period_end: new Date(periodEnd(start.getTime(), anchor, zone)),
    anchor_day: anchor,
    order_id: order.id,
    consumed_before_micros: consumed,
    expired_at: null,
  };
  const { id, account_id: _account, created_at: _made, ...change } = row;
  await db.updateSubscription(trx, id, change);
  await suspendAccount(trx, accountId, null);
  if (current.plan_key !== plan.key || current.plan_version !== plan.version) {
    await changeTariff(trx, accountId, plan, new Date(now.getTime() + tariffAheadMs));
  }
  await note(trx, row, 'subscription.renewed', {});
}

/** Credits the period that an order has paid, and says what calls had taken of the account's minutes before it. */
async function grant(trx: Trx, order: OrderRow, now: Date): Promise<bigint> {
  const { consumedMicros } = await lockBalance(trx, order.account_id, 'SEC');
  await updateOrder(trx, order.id, { credit_is_due: true });
  const due = await lockOrder(trx, order.id);
  if (due === undefined) throw new Error(`order ${order.id} is gone`);
  await bringToWord(trx, due, [saidOf(due)], { actor, now });
  return consumedMicros;
}

/** Takes back what is left of the period's minutes, once. */
async function endAllotment(trx: Trx, current: db.SubscriptionRow, now: Date): Promise<void> {
  if (current.expired_at !== null) return;
  const order = await findOrder(trx, current.order_id);
  if (order === undefined) throw new Error(`order ${current.order_id} is gone`);
  // What of its credit was taken back with its money has gone already.
  const allotmentMicros = order.credited_micros - order.refunded_credit_micros - order.disputed_credit_micros;
  if (order.credit_unit === 'SEC' && allotmentMicros > 0n) {
    const expired = await expireAllotment(trx, {
      accountId: current.account_id,
      allotmentMicros,
      consumedBeforeMicros: current.consumed_before_micros,
      reference: `period:${current.id}:${current.period_no}`,
    });
    await updateOrder(trx, order.id, { expired_micros: expired });
  }
  await db.updateSubscription(trx, current.id, { expired_at: now });
}

/** False: it could not be made now, and is tried again in the next round. */
async function orderNext(
  trx: Trx,
  { online }: ClockDeps,
  current: db.SubscriptionRow,
  now: Date,
): Promise<boolean> {
  const before = await findOrder(trx, current.order_id);
  const plan = await planVersion(trx, current.plan_key, current.plan_version);
  const order = await orderOrNot(() =>
    createOrder(
      trx,
      { accountId: current.account_id, actor },
      {
        what: {
          kind: 'period',
          plan: current.plan_key,
          agreedPriceMicros: plan.price_is_least ? current.price_micros : undefined,
        },
        provider: before?.provider,
        payableUntil: new Date(current.period_end.getTime() + graceMs),
      },
      { online, now },
    ),
  );
  if (order === undefined) return false;
  await tellOwners(trx, current.account_id, {
    kind: 'period_ordered',
    order,
    dueAt: current.period_end,
    dedupeKey: `order:${order.id}`,
  });
  return true;
}

/** Refused, as without a rate of exchange: nothing was written, and it may be made in a later round. */
async function orderOrNot(make: () => Promise<OrderRow>): Promise<OrderRow | undefined> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof OperationRefused) return undefined;
    throw error;
  }
}

async function planOf(trx: Trx, order: OrderRow) {
  if (order.item_key === null || order.item_version === null) {
    throw new Error(`order ${order.id} of a period names no plan`);
  }
  return planVersion(trx, order.item_key, order.item_version);
}

async function accountOf(trx: Trx, accountId: string) {
  const account = await readAccountRow(trx, accountId);
  if (account === undefined) throw refuse('account_not_found');
  return account;
}

type Noted =
  | 'subscription.begun'
  | 'subscription.renewed'
  | 'subscription.in_grace'
  | 'subscription.suspended'
  | 'subscription.restored'
  | 'subscription.ended';

async function note(
  trx: Trx,
  row: db.SubscriptionRow,
  action: Noted,
  more: Readonly<Record<string, string>>,
): Promise<void> {
  await writeAudit(trx, {
    accountId: row.account_id,
    actor,
    action,
    subject: row.id,
    detail: { plan: row.plan_key, period: row.period_no, periodEnd: row.period_end.toISOString(), ...more },
  });
  await tellOwners(trx, row.account_id, {
    kind: action,
    subscription: row,
    dedupeKey: `${action}:${row.id}:${row.period_no}`,
  });
}

/** The account's subscription ends with its period, or does not. Throws `OperationRefused` when it has none. */
export async function setEnding(trx: Trx, caller: Caller, ends: boolean): Promise<db.SubscriptionRow> {
  await lockCharging(trx, caller.accountId);
  const current = await db.currentSubscription(trx, caller.accountId);
  if (current === undefined) throw refuse('no_subscription');
  if (current.ends_with_period === ends) return current;
  await db.updateSubscription(trx, current.id, { ends_with_period: ends });
  await writeAudit(trx, {
    ...caller,
    action: ends ? 'subscription.cancelled' : 'subscription.kept',
    subject: current.id,
    detail: { periodEnd: current.period_end.toISOString() },
  });
  return { ...current, ends_with_period: ends };
}

/** One look at an account's subscription, with everything that is due of it. */
export async function lookAtSubscription(
  trx: Trx,
  deps: ClockDeps,
  accountId: string,
): Promise<readonly string[]> {
  await lockCharging(trx, accountId);
  return advanceSubscription(trx, deps, accountId, await databaseNow(trx));
}
