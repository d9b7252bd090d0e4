import { type Database, databaseNow, inAccount, type Trx } from '../../db/client.ts';
import type { OrderProvider } from '../../db/schema/charging.ts';
import type { Unit } from '../../db/schema/schema.ts';
import { readAccountRow } from '../billing/queries-accounts.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { refuse } from '../shared/refused.ts';
import type { ChargingProviders, OnlineProvider } from './charging-port.ts';
import * as db from './queries-orders.ts';
import { newestRate, packageAt, planAt, taxAt } from './queries-plans.ts';
import { coinMicros, quoteOf } from './rules/quote.ts';

/** What is ordered. An agreed price: of a plan that names only the least, by whoever runs the installation. */
export type Wanted =
  | { readonly kind: 'top_up'; readonly amountMicros: bigint }
  | { readonly kind: 'package'; readonly key: string }
  | {
      readonly kind: 'period' | 'setup_fee';
      readonly plan: string;
      readonly agreedPriceMicros?: bigint | undefined;
    };

export interface NewOrderRequest {
  readonly what: Wanted;
  /** Undefined: what is usual in the account's country. */
  readonly provider: OrderProvider | undefined;
  /** Default: as long as the provider's quote holds. */
  readonly payableUntil?: Date;
}

export interface OrderDeps {
  /** Which providers are set up. */
  readonly online: ReadonlySet<OnlineProvider>;
  readonly now: Date;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A rate of exchange is good for an order for so long after it was set. */
const rateGoodMs = 48 * hourMs;
const leastTopUpMicros = 1_000_000n;
const mostTopUpMicros = 100_000_000_000n;
const mostOpen = 20;
/** A page that could not be made at once is made by the sweep, while the payer waits for it. */
const firstAskMs = 5_000;
/** How long an order can be paid. Pesos are quoted for half an hour; Stripe keeps a page for a day. */
const payableMs: Readonly<Record<OrderProvider, number>> = {
  mercadopago: 30 * minuteMs,
  stripe: 23 * hourMs,
  transfer: 5 * 24 * hourMs,
};

export const onlineOf = (providers: ChargingProviders): ReadonlySet<OnlineProvider> =>
  new Set((['mercadopago', 'stripe'] as const).filter((key) => providers[key] !== undefined));

/**
 * Writes an order, in the caller's transaction: what is bought, its price with tax, and what the payer will be asked for at
 * which rate. Nothing is asked of a provider. Throws `OperationRefused`.
 */
export async function createOrder(
  trx: Trx,
  caller: Caller,
  request: NewOrderRequest,
  { online, now }: OrderDeps,
): Promise<db.OrderRow> {
  const { accountId, actor } = caller;
  await db.lockCharging(trx, accountId);
  const account = await readAccountRow(trx, accountId);
  if (account === undefined) throw refuse('account_not_found');
  if (account.kind === 'rehearsal') throw refuse('rehearsal_buys_nothing');
  if ((await db.countOpen(trx, accountId)) >= mostOpen)
    throw refuse('too_many_open_orders', { most: mostOpen });
  const own: Unit = account.plan === 'minutes_based' ? 'SEC' : 'USD';
  const item = await itemOf(trx, request.what, { accountId, plan: account.plan, own, now });
  const provider = providerOf(request.provider, account.country, online);
  const tax = await taxAt(trx, account.country, now);
  const rate = await rateOf(trx, provider, account.country, now);
  const quote = quoteOf({
    priceMicros: item.priceMicros,
    taxPartsPerMillion: tax?.parts_per_million ?? 0,
    rate,
  });
  const until = payableUntil(provider, request.payableUntil, now);
  const order = await db.insertOrder(trx, {
    account_id: accountId,
    kind: request.what.kind,
    provider,
    item_key: item.key,
    item_version: item.version,
    title: item.title,
    price_micros: item.priceMicros,
    credit_micros: item.creditMicros,
    credit_unit: item.creditUnit,
    charge_net_micros: quote.netMicros,
    charge_tax_micros: quote.taxMicros,
    charge_micros: quote.totalMicros,
    charge_currency: quote.currency,
    tax_parts_per_million: tax?.parts_per_million ?? 0,
    quote_rate_micros: quote.rateMicros,
    payable_until: until,
    credit_is_due: request.what.kind !== 'period',
    // Of a transfer nobody is asked: it is only over at its end.
    ask_at:
      provider === 'transfer' ? new Date(until.getTime() + 2 * hourMs) : new Date(now.getTime() + firstAskMs),
    created_by: actor,
  });
  await writeAudit(trx, {
    accountId,
    actor,
    action: 'order.created',
    subject: order.id,
    detail: {
      kind: order.kind,
      item: order.item_key,
      provider,
      priceMicros: order.price_micros.toString(),
      chargeMicros: order.charge_micros.toString(),
      currency: order.charge_currency,
    },
  });
  return order;
}

function payableUntil(provider: OrderProvider, wanted: Date | undefined, now: Date): Date {
  const usual = new Date(now.getTime() + payableMs[provider]);
  // Stripe keeps no page for longer.
  return wanted === undefined || provider === 'stripe' ? usual : wanted;
}

interface Item {
  readonly key: string | null;
  readonly version: number | null;
  readonly title: string;
  readonly priceMicros: bigint;
  readonly creditMicros: bigint;
  readonly creditUnit: Unit;
}

interface Buyer {
  readonly accountId: string;
  readonly plan: string;
  readonly own: Unit;
  readonly now: Date;
}

async function itemOf(trx: Trx, what: Wanted, buyer: Buyer): Promise<Item> {
  const { accountId, own, plan: ownPlan, now } = buyer;
  switch (what.kind) {
    case 'top_up': {
      const { amountMicros } = what;
      if (ownPlan !== 'credit_based')
        throw refuse('top_up_needs_package', { plan: ownPlan }, { field: 'kind' });
      if (amountMicros < leastTopUpMicros || amountMicros > mostTopUpMicros) {
        throw refuse('top_up_amount', { least: '1', most: '100000' }, { field: 'amount' });
      }
      if (amountMicros % coinMicros('USD') !== 0n) throw refuse('top_up_cents', {}, { field: 'amount' });
      return {
        key: null,
        version: null,
        title: 'Saldo',
        priceMicros: amountMicros,
        creditMicros: amountMicros,
        creditUnit: 'USD',
      };
    }
    case 'package': {
      const found = await packageAt(trx, what.key, now);
      if (found === undefined) throw refuse('package_not_found', { key: what.key }, { field: 'package' });
      if (found.credit_unit !== own) {
        throw refuse(
          'unit_of_other_plan',
          { plan: ownPlan, own, unit: found.credit_unit },
          { field: 'package' },
        );
      }
      return {
        key: found.key,
        version: found.version,
        title: found.title,
        priceMicros: found.price_micros,
        creditMicros: found.credit_micros,
        creditUnit: found.credit_unit,
      };
    }
    case 'period':
    case 'setup_fee':
      return planItem(trx, what, accountId, now);
    default: {
      const unreachable: never = what;
      return unreachable;
    }
  }
}

async function planItem(
  trx: Trx,
  what: Extract<Wanted, { readonly plan: string }>,
  accountId: string,
  now: Date,
): Promise<Item> {
  const { kind, agreedPriceMicros } = what;
  const plan = await planAt(trx, what.plan, now);
  if (plan === undefined) throw refuse('plan_not_found', { key: what.plan }, { field: 'plan' });
  const least = kind === 'period' ? plan.price_micros : plan.setup_fee_micros;
  if (least === 0n && agreedPriceMicros === undefined) {
    throw refuse('plan_without_price', { key: plan.key }, { field: 'plan' });
  }
  const isLeast = plan.price_is_least || kind === 'setup_fee';
  if (agreedPriceMicros !== undefined && !isLeast) throw refuse('price_is_fixed', {}, { field: 'price' });
  if (kind === 'period' && plan.price_is_least && agreedPriceMicros === undefined) {
    throw refuse('price_to_be_agreed', { key: plan.key }, { field: 'plan' });
  }
  const priceMicros = agreedPriceMicros ?? least;
  if (priceMicros < least) throw refuse('price_below_least', {}, { field: 'price' });
  if (priceMicros % coinMicros('USD') !== 0n) throw refuse('top_up_cents', {}, { field: 'price' });
  if (kind === 'period') await requireNoNextPeriod(trx, accountId);
  return {
    key: plan.key,
    version: plan.version,
    title: kind === 'period' ? plan.title : `Puesta en marcha: ${plan.title}`,
    priceMicros,
    creditMicros: kind === 'period' ? plan.allotment_seconds * 1_000_000n : 0n,
    creditUnit: plan.kind === 'minutes_based' && kind === 'period' ? 'SEC' : 'USD',
  };
}

/** Two that wait to be paid would be paid by two people of one company. */
async function requireNoNextPeriod(trx: Trx, accountId: string): Promise<void> {
  const { open, paid } = await db.nextPeriods(trx, accountId);
  const [waiting] = open;
  if (waiting !== undefined) {
    throw refuse('period_order_open', { order: waiting.id }, { extra: { order_id: waiting.id } });
  }
  const [next] = paid;
  if (next !== undefined) throw refuse('next_period_paid', {}, { extra: { order_id: next.id } });
}

function providerOf(
  wanted: OrderProvider | undefined,
  country: string,
  online: ReadonlySet<OnlineProvider>,
): OrderProvider {
  const usual =
    country === 'CL' && online.has('mercadopago')
      ? 'mercadopago'
      : online.has('stripe')
        ? 'stripe'
        : 'transfer';
  const provider = wanted ?? usual;
  if (provider !== 'transfer' && !online.has(provider)) {
    throw refuse('provider_not_set_up', { provider }, { field: 'provider' });
  }
  if (provider === 'mercadopago' && country !== 'CL') {
    throw refuse('provider_not_for_country', { provider, country }, { field: 'provider' });
  }
  return provider;
}

/** Pesos for who pays in Chile; undefined: US dollars. A rate that is not there, or is old, is never guessed. */
async function rateOf(trx: Trx, provider: OrderProvider, country: string, now: Date) {
  if (country !== 'CL' || provider === 'stripe') return undefined;
  const rate = await newestRate(trx, 'CLP');
  if (rate === undefined || now.getTime() - rate.set_at.getTime() > rateGoodMs) {
    throw refuse('no_exchange_rate', { currency: 'CLP' });
  }
  return { currency: 'CLP', perUsdMicros: rate.per_usd_micros };
}

/**
 * Has the provider make the page on which an order is paid. The same order twice is the same page, so that an answer that was
 * lost is asked for again. Never throws for what the provider says.
 */
export async function openCheckout(
  app: Database,
  providers: ChargingProviders,
  { accountId, orderId }: { readonly accountId: string; readonly orderId: string },
  signal: AbortSignal,
): Promise<db.OrderRow | undefined> {
  const { order, now } = await inAccount(app, accountId, async (trx) => ({
    order: await db.findOrder(trx, orderId),
    now: await databaseNow(trx),
  }));
  if (order === undefined || !lacksPage(order, now) || order.provider === 'transfer') return order;
  const answer = await providers[order.provider]?.createCheckout(
    {
      orderId: order.id,
      accountId,
      title: order.title,
      amountMicros: order.charge_micros,
      currency: order.charge_currency,
      madeAtMs: order.created_at.getTime(),
      payableUntilMs: order.payable_until.getTime(),
    },
    signal,
  );
  if (answer === undefined || answer.kind === 'unknown') return order;
  return inAccount(app, accountId, async (trx) => {
    await db.updateOrder(
      trx,
      orderId,
      answer.kind === 'made'
        ? { provider_ref: answer.providerRef, pay_url: answer.url }
        : { refused: answer.detail.slice(0, 500) },
    );
    return db.findOrder(trx, orderId);
  });
}

/** It can be paid, and its provider has not said where. */
export function lacksPage(order: db.OrderRow, now: Date): boolean {
  const { state, pay_url: url, refused, payable_until: until } = order;
  return state === 'open' && url === null && refused === null && now < until;
}

/** An order that nobody wants to pay any more. Money that comes all the same is booked. */
export async function cancelOrder(trx: Trx, caller: Caller, id: string): Promise<db.OrderRow> {
  await db.lockCharging(trx, caller.accountId);
  const order = await db.lockOrder(trx, id);
  if (order === undefined) throw refuse('order_not_found');
  if (order.state === 'cancelled') return order;
  if (order.state !== 'open') throw refuse('order_not_open', { state: order.state });
  await db.updateOrder(trx, id, { state: 'cancelled' });
  await writeAudit(trx, { ...caller, action: 'order.cancelled', subject: id, detail: {} });
  return { ...order, state: 'cancelled' };
}
