import { type Database, inAccount } from '../../db/client.ts';
import { isId } from '../shared/rules/ids.ts';
import type { ChargingProviders, EventSubject, OrderPayment } from './charging-port.ts';
import { onlineOf, openCheckout } from './orders.ts';
import {
  type DueEvent,
  type EventResult,
  finishEvent,
  repeatEvent,
  takeDueEvents,
} from './queries-events.ts';
import { type DueOrder, type OrderRow, takeDueOrders, wakeOrder } from './queries-orders.ts';
import { accountsWithDueSubscription } from './queries-subscriptions.ts';
import { orderAheadMs } from './rules/clock.ts';
import { saidOf, settleAnswer } from './settle-order.ts';
import { advanceSubscription, lookAtSubscription } from './subscriptions.ts';

export interface AskDeps {
  readonly app: Database;
  readonly system: Database;
  readonly providers: ChargingProviders;
  /** What does not fit, or cannot be asked: for whoever runs the installation. */
  readonly warn: (facts: Readonly<Record<string, unknown>>, message: string) => void;
}

const atOnce = 8;
/** Longer than a provider may take: what a dead asker had taken is due again after it. */
const claimMs = 120_000;
const askMs = 15_000;
/** An event that no answer came about is only a wake-up: the sweep asks without it. */
const mostTries = 10;

/** Wakes the orders that events are about. Returns how many events were looked at. */
export async function handleEventsOnce(deps: AskDeps): Promise<number> {
  const due = await takeDueEvents(deps.system, { limit: atOnce, claimMs });
  await Promise.all(due.map((event) => handleEvent(deps, event)));
  return due.length;
}

async function handleEvent(deps: AskDeps, event: DueEvent): Promise<void> {
  const { system, warn } = deps;
  try {
    const { result, orderId } = await wake(deps, event);
    // Money that belongs to nothing of ours is shown, and never guessed to be somebody's.
    if (result !== 'woken' && result !== 'nothing_of_ours') {
      warn({ provider: event.provider, subject: event.subject, result }, 'a payment event woke no order');
    }
    await finishEvent(system, event.id, { result, orderId });
  } catch (error) {
    warn({ err: error, provider: event.provider, tries: event.tries }, 'an event could not be asked about');
    if (event.tries >= mostTries) await finishEvent(system, event.id, { result: 'gave_up', orderId: null });
    else await repeatEvent(system, event.id, 1_000 * 2 ** event.tries);
  }
}

async function wake(
  { system, providers }: AskDeps,
  { provider: key, subject: text }: DueEvent,
): Promise<{ readonly result: EventResult; readonly orderId: string | null }> {
  const provider = providers[key];
  if (provider === undefined) return { result: 'not_set_up', orderId: null };
  const subject = parseSubject(text);
  if (subject === undefined) return { result: 'nothing_of_ours', orderId: null };
  const id =
    subject.kind === 'order' ? subject.id : await provider.orderOf(subject.id, AbortSignal.timeout(askMs));
  if (id === undefined || !isId(id) || !(await wakeOrder(system, id, key))) {
    return { result: 'unknown_order', orderId: null };
  }
  return { result: 'woken', orderId: id };
}

/** 'order:…', 'payment:…'; '' where an event is about nothing of ours. */
export function writeSubject(subject: EventSubject | undefined): string {
  return subject === undefined ? '' : `${subject.kind}:${subject.id}`;
}

function parseSubject(text: string): EventSubject | undefined {
  const at = text.indexOf(':');
  const [kind, id] = [text.slice(0, at), text.slice(at + 1)];
  return (kind === 'order' || kind === 'payment') && id !== '' ? { kind, id } : undefined;
}

/** Asks the providers of orders that are due, and books what differs. Returns how many were due. */
export async function askOrdersOnce(deps: AskDeps): Promise<number> {
  const due = await takeDueOrders(deps.system, { limit: atOnce, claimMs });
  await Promise.all(
    due.map(async (order) => {
      try {
        await askOrder(deps, order);
      } catch (error) {
        // Due again when its claim is over.
        deps.warn({ err: error, orderId: order.id }, 'an order could not be settled');
      }
    }),
  );
  return due.length;
}

async function askOrder(deps: AskDeps, due: DueOrder): Promise<void> {
  const { app, providers, warn } = deps;
  const { id: orderId, account_id: accountId, asks, ask_at: claimedUntil } = due;
  const deadline = AbortSignal.timeout(askMs);
  const order = await openCheckout(app, providers, { accountId, orderId }, deadline);
  if (order === undefined) return;
  const payments = await paymentsOf(providers, order, deadline);
  const clock = { online: onlineOf(providers) };
  const settled = await settleAnswer(
    app,
    { accountId, orderId, asks, claimedUntil },
    payments,
    async (trx, of, now) => {
      if (of.kind === 'period') await advanceSubscription(trx, clock, accountId, now);
    },
  );
  const problem = settled?.problem ?? null;
  if (problem !== null && problem.code !== order.problem) {
    warn({ orderId, accountId, problem: problem.code, detail: problem.detail }, 'an order does not fit');
  }
}

async function paymentsOf(
  providers: ChargingProviders,
  order: OrderRow,
  signal: AbortSignal,
): Promise<readonly (OrderPayment | (ReturnType<typeof saidOf> & { readonly paidAtMs: undefined }))[]> {
  const { provider: key, id: orderId, provider_ref: providerRef } = order;
  // Nobody is asked of a transfer: it stands as it was recorded.
  if (key === 'transfer') return order.paid_micros > 0n ? [{ ...saidOf(order), paidAtMs: undefined }] : [];
  const provider = providers[key];
  if (provider === undefined) throw new Error(`${key} is not set up, and has orders`);
  return provider.paymentsOf({ orderId, providerRef }, signal);
}

const accountsAtOnce = 50;

/** Everything that is due of subscriptions: periods that begin, orders, grace and suspensions. */
export async function turnSubscriptionsOnce(deps: AskDeps, nowMs: number): Promise<number> {
  const clock = { online: onlineOf(deps.providers) };
  const before = new Date(nowMs + orderAheadMs);
  let after: string | undefined;
  let steps = 0;
  for (;;) {
    const accounts = await accountsWithDueSubscription(deps.system, { before, after, limit: accountsAtOnce });
    for (const accountId of accounts) {
      try {
        const taken = await inAccount(deps.app, accountId, (trx) =>
          lookAtSubscription(trx, clock, accountId),
        );
        steps += taken.length;
      } catch (error) {
        // One account's fault must not keep the months of all others from turning.
        deps.warn({ err: error, accountId }, 'a subscription could not be turned');
      }
    }
    after = accounts.at(-1);
    if (after === undefined || accounts.length < accountsAtOnce) return steps;
  }
}
