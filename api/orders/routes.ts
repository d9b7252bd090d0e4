import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseNow, inAccount } from '../../db/client.ts';
import { readAccountRow } from '../../domain/billing/queries-accounts.ts';
import {
  cancelOrder,
  createOrder,
  onlineOf,
  openCheckout,
  type Wanted,
} from '../../domain/charging/orders.ts';
import { findOrder, listOrders, type OrderRow } from '../../domain/charging/queries-orders.ts';
import { listPackages, listPlans, newestRate, taxAt } from '../../domain/charging/queries-plans.ts';
import { currentSubscription } from '../../domain/charging/queries-subscriptions.ts';
import { setEnding } from '../../domain/charging/subscriptions.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { keyed } from '../keyed.ts';
import { formatMicros, parseMicros, presentMoney } from '../money.ts';
import { byId, pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import { idempotencyHeader, idParams, json, pageQuery, problems } from '../schemas.ts';
import { addAdministration } from './administrator-routes.ts';
import { presentOrder, presentPlan, presentSubscription } from './present.ts';
import { newOrderSchema, orderPageSchema, orderSchema, plansSchema, subscriptionSchema } from './schemas.ts';

const tags = ['money'];
const own = { ...problems.badRequest, ...problems.unauthorised, ...problems.forbidden };

const plans = createRoute({
  method: 'get',
  path: '/api/v1/plans',
  tags,
  summary: 'What can be bought: plans, packages, tax and the rate of exchange',
  ...access('orders:read'),
  responses: { 200: json(plansSchema, 'As they are in force now.'), ...own },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/orders',
  tags,
  summary: 'Order a top-up, a package, a period of a plan or its set-up',
  description:
    'Answers where it is paid (`pay_url`). The balance has it when the provider says that it was paid, also if its event is lost. Pesos are quoted for half an hour.',
  ...access('orders:write'),
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: newOrderSchema } } },
  },
  responses: {
    201: json(orderSchema, 'The order.'),
    ...own,
    ...problems.conflict,
    ...problems.unprocessable,
    ...problems.unavailable,
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/orders',
  tags,
  summary: 'Orders, the newest first',
  ...access('orders:read'),
  request: {
    query: pageQuery.extend({
      problem: z
        .enum(['true'])
        .optional()
        .openapi({ description: 'Only those with something that does not fit.' }),
    }),
  },
  responses: { 200: json(orderPageSchema, 'One page.'), ...own },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/orders/{id}',
  tags,
  summary: 'One order, and what has become of it',
  ...access('orders:read'),
  request: { params: idParams },
  responses: { 200: json(orderSchema, 'The order.'), ...own, ...problems.notFound },
});

const cancel = createRoute({
  method: 'post',
  path: '/api/v1/orders/{id}/cancel',
  tags,
  summary: 'Say that an order will not be paid',
  description: 'Its page may still be there: money that comes all the same is booked.',
  ...access('orders:write'),
  request: { params: idParams },
  responses: {
    200: json(orderSchema, 'Cancelled, or so before.'),
    ...own,
    ...problems.notFound,
    ...problems.conflict,
  },
});

const subscription = createRoute({
  method: 'get',
  path: '/api/v1/subscription',
  tags,
  summary: 'The plan that the account pays by the month',
  ...access('orders:read'),
  responses: { 200: json(subscriptionSchema, 'The subscription.'), ...own, ...problems.notFound },
});

const ending = (verb: 'cancel' | 'keep') =>
  createRoute({
    method: 'post',
    path: `/api/v1/subscription/${verb}`,
    tags,
    summary:
      verb === 'cancel'
        ? 'End the subscription with its period: calls are paid by the minute from then on'
        : 'Take that back: the next period is ordered again',
    ...access('orders:write'),
    responses: { 200: json(subscriptionSchema, 'The subscription.'), ...own, ...problems.notFound },
  });

/** How long a request stays for the provider to make the page; made later, `GET` shows it. */
const pageMs = 8_000;

/** What an account buys of us. */
export function orderRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const providers = deps.charging?.providers ?? {};
  const online = onlineOf(providers);
  const withPage = async (accountId: string, orderId: string): Promise<OrderRow> => {
    const order = await openCheckout(
      deps.app,
      providers,
      { accountId, orderId },
      AbortSignal.timeout(pageMs),
    );
    if (order === undefined) throw refuse('order_not_found');
    return order;
  };
  router.openapi(plans, async (c) => {
    const { accountId } = c.get('caller');
    return c.json(
      await inAccount(deps.app, accountId, async (trx) => {
        const now = await databaseNow(trx);
        const account = await readAccountRow(trx, accountId);
        if (account === undefined) throw refuse('account_not_found');
        const tax = await taxAt(trx, account.country, now);
        const rate = account.country === 'CL' ? await newestRate(trx, 'CLP') : undefined;
        return {
          plans: (await listPlans(trx, now)).map(presentPlan),
          packages: (await listPackages(trx, now)).map((one) => ({
            key: one.key,
            title: one.title,
            price: presentMoney(one.price_micros, 'USD'),
            credit: presentMoney(one.credit_micros, one.credit_unit),
          })),
          tax:
            tax === undefined
              ? null
              : { title: tax.title, percent: formatMicros(BigInt(tax.parts_per_million) * 100n) },
          rate:
            rate === undefined
              ? null
              : {
                  currency: rate.currency,
                  per_usd: formatMicros(rate.per_usd_micros),
                  source: rate.source,
                  set_at: rate.set_at.toISOString(),
                },
          providers: [...online, 'transfer' as const],
        };
      }),
      200,
    );
  });
  router.openapi(create, async (c) => {
    const caller = callerOf(c);
    const { accountId } = caller;
    const { provider, ...said } = c.req.valid('json');
    const { method, path } = c.req;
    const key = c.req.valid('header')['idempotency-key'];
    const content = { ...said, provider: provider ?? null };
    const answer = await keyed(deps, { accountId, key, method, path, content }, async (trx) => {
      const now = await databaseNow(trx);
      const order = await createOrder(trx, caller, { what: wantedOf(said), provider }, { online, now });
      return { status: 201, body: { id: order.id } };
    });
    // Behind the transaction: a page is made of an order that is there, and a repeated request has the same page.
    const { id } = z.object({ id: z.string() }).parse(answer.body);
    return c.json(presentOrder(await withPage(accountId, id)), 201);
  });
  router.openapi(list, async (c) => {
    const { cursor, limit, problem } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      pageOf(
        limit,
        (most) => listOrders(trx, { hasProblem: problem !== undefined, after: cursor, limit: most }),
        byId,
      ),
    );
    return c.json({ orders: shown.map(presentOrder), next_cursor }, 200);
  });
  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const order = await inAccount(deps.app, c.get('caller').accountId, (trx) => findOrder(trx, id));
    if (order === undefined) throw refuse('order_not_found');
    return c.json(presentOrder(order), 200);
  });
  router.openapi(cancel, async (c) => {
    const caller = callerOf(c);
    const { id } = c.req.valid('param');
    const order = await inAccount(deps.app, caller.accountId, (trx) => cancelOrder(trx, caller, id));
    return c.json(presentOrder(order), 200);
  });
  router.openapi(subscription, async (c) => {
    const { accountId } = c.get('caller');
    const row = await inAccount(deps.app, accountId, (trx) => currentSubscription(trx, accountId));
    if (row === undefined) throw refuse('no_subscription');
    return c.json(presentSubscription(row), 200);
  });
  for (const verb of ['cancel', 'keep'] as const) {
    router.openapi(ending(verb), async (c) => {
      const caller = callerOf(c);
      const row = await inAccount(deps.app, caller.accountId, (trx) =>
        setEnding(trx, caller, verb === 'cancel'),
      );
      return c.json(presentSubscription(row), 200);
    });
  }
  addAdministration(router, deps, withPage);
  return router;
}

type Said =
  | { readonly kind: 'top_up'; readonly amount: string }
  | { readonly kind: 'package'; readonly package: string }
  | { readonly kind: 'period' | 'setup_fee'; readonly plan: string };

function wantedOf(said: Said): Wanted {
  switch (said.kind) {
    case 'top_up': {
      const amountMicros = parseMicros(said.amount);
      if (amountMicros === undefined) throw new Error('the schema let an amount through that is none');
      return { kind: 'top_up', amountMicros };
    }
    case 'package':
      return { kind: 'package', key: said.package };
    case 'period':
    case 'setup_fee':
      return { kind: said.kind, plan: said.plan };
    default: {
      const unreachable: never = said;
      return unreachable;
    }
  }
}
