import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { databaseNow, inAccount } from '../../db/client.ts';
import { readAccount } from '../../domain/billing/top-up.ts';
import { createOrder, onlineOf } from '../../domain/charging/orders.ts';
import { listStrayEvents } from '../../domain/charging/queries-events.ts';
import type { OrderRow } from '../../domain/charging/queries-orders.ts';
import { insertRate } from '../../domain/charging/queries-plans.ts';
import { adjustBalance, recordTransfer } from '../../domain/charging/transfers.ts';
import { writeAudit } from '../../domain/shared/queries-audit.ts';
import { access } from '../access.ts';
import { accountSchema } from '../accounts/schemas.ts';
import { presentAccount } from '../accounts/present.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { keyed } from '../keyed.ts';
import { formatMicros, parseMicros } from '../money.ts';
import { pageOf } from '../page.ts';
import { idempotencyHeader, idParams, idSchema, json, pageQuery, problems } from '../schemas.ts';
import { presentOrder } from './present.ts';
import {
  adjustmentSchema,
  agreedOrderSchema,
  orderSchema,
  rateSchema,
  rateSetSchema,
  strayEventsSchema,
  transferSchema,
} from './schemas.ts';

const tags = ['money'];
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const refused = {
  ...problems.badRequest,
  ...problems.unauthorised,
  ...problems.forbidden,
  ...problems.notFound,
  ...problems.conflict,
  ...problems.unprocessable,
};

const agree = createRoute({
  method: 'post',
  path: '/api/v1/accounts/{id}/orders',
  tags,
  summary: 'Order a plan for an account at the price that was agreed (administrator)',
  ...access('balance:write'),
  request: { params: idParams, headers: idempotencyHeader, body: body(agreedOrderSchema) },
  responses: { 201: json(orderSchema, 'The order.'), ...refused, ...problems.unavailable },
});

const transfer = createRoute({
  method: 'post',
  path: '/api/v1/accounts/{id}/orders/{order_id}/transfers',
  tags,
  summary: 'Money of an order that came or went by bank transfer (administrator)',
  description:
    'What came must be what the order asks for. What went back is taken from the balance in proportion.',
  ...access('balance:write'),
  request: {
    params: idParams.extend({ order_id: idSchema }),
    headers: idempotencyHeader,
    body: body(transferSchema),
  },
  responses: { 201: json(orderSchema, 'The order as it stands now.'), ...refused },
});

const adjust = createRoute({
  method: 'post',
  path: '/api/v1/accounts/{id}/adjustments',
  tags,
  summary: 'Correct a balance, with a reason (administrator)',
  ...access('balance:write'),
  request: { params: idParams, headers: idempotencyHeader, body: body(adjustmentSchema) },
  responses: {
    200: json(accountSchema, 'The reference had been booked before: nothing moved.'),
    201: json(accountSchema, 'The account with its new balances.'),
    ...refused,
  },
});

const setRate = createRoute({
  method: 'put',
  path: '/api/v1/exchange-rates/{currency}',
  tags,
  summary: 'Set a rate of exchange (administrator)',
  description: 'Orders are quoted with the newest one, for two days after it was set.',
  ...access('balance:write'),
  request: {
    params: z.object({ currency: z.enum(['CLP']).openapi({ param: { name: 'currency', in: 'path' } }) }),
    body: body(rateSchema),
  },
  responses: { 200: json(rateSetSchema, 'It is in force.'), ...refused },
});

const stray = createRoute({
  method: 'get',
  path: '/api/v1/payment-events',
  tags,
  summary: 'Events of money that belongs to no order of ours (administrator)',
  ...access('balance:write'),
  request: {
    query: pageQuery.omit({ cursor: true }).extend({
      cursor: z
        .string()
        .regex(/^[0-9]{1,18}$/)
        .optional(),
    }),
  },
  responses: { 200: json(strayEventsSchema, 'One page, the newest first.'), ...refused },
});

/** What whoever runs the installation does with orders and balances. */
export function addAdministration(
  router: OpenAPIHono<ApiEnv>,
  deps: ApiDeps,
  withPage: (accountId: string, orderId: string) => Promise<OrderRow>,
): void {
  const online = onlineOf(deps.charging?.providers ?? {});
  router.openapi(agree, async (c) => {
    const { id: accountId } = c.req.valid('param');
    const { price, provider, kind, plan } = c.req.valid('json');
    const { method, path } = c.req;
    const key = c.req.valid('header')['idempotency-key'];
    const agreedPriceMicros = microsOf(price);
    const content = { kind, plan, price, provider: provider ?? null };
    const caller = { accountId, actor: c.get('caller').actor };
    await inAccount(deps.app, accountId, (trx) => readAccount(trx, accountId));
    const answer = await keyed(deps, { accountId, key, method, path, content }, async (trx) => {
      const now = await databaseNow(trx);
      const what = { kind, plan, agreedPriceMicros };
      const order = await createOrder(trx, caller, { what, provider }, { online, now });
      return { status: 201, body: { id: order.id } };
    });
    const { id } = z.object({ id: z.string() }).parse(answer.body);
    return c.json(presentOrder(await withPage(accountId, id)), 201);
  });
  router.openapi(transfer, async (c) => {
    const { id: accountId, order_id: orderId } = c.req.valid('param');
    const { amount, ...said } = c.req.valid('json');
    const { method, path } = c.req;
    const key = c.req.valid('header')['idempotency-key'];
    const caller = { accountId, actor: c.get('caller').actor };
    await inAccount(deps.app, accountId, (trx) => readAccount(trx, accountId));
    const answer = await keyed(
      deps,
      { accountId, key, method, path, content: { amount, ...said } },
      async (trx) => {
        const moved = { orderId, amountMicros: microsOf(amount), ...said };
        const order = await recordTransfer(trx, caller, { online }, moved);
        return { status: 201, body: presentOrder(order) };
      },
    );
    return c.json(orderSchema.parse(answer.body), 201);
  });
  router.openapi(adjust, async (c) => {
    const { id: accountId } = c.req.valid('param');
    const { amount, direction, ...said } = c.req.valid('json');
    const { method, path } = c.req;
    const key = c.req.valid('header')['idempotency-key'];
    const caller = { accountId, actor: c.get('caller').actor };
    const micros = microsOf(amount);
    await inAccount(deps.app, accountId, (trx) => readAccount(trx, accountId));
    const content = { amount, direction, ...said };
    const answer = await keyed(deps, { accountId, key, method, path, content }, async (trx) => {
      const amountMicros = direction === 'in' ? micros : -micros;
      const { isNew } = await adjustBalance(trx, caller, { amountMicros, ...said });
      return { status: isNew ? 201 : 200, body: presentAccount(await readAccount(trx, accountId)) };
    });
    return c.json(accountSchema.parse(answer.body), answer.status === 201 ? 201 : 200);
  });
  router.openapi(setRate, async (c) => {
    const { currency } = c.req.valid('param');
    const { per_usd: perUsd, source } = c.req.valid('json');
    const { accountId, actor } = c.get('caller');
    const perUsdMicros = microsOf(perUsd);
    await inAccount(deps.app, accountId, async (trx) => {
      await insertRate(trx, { currency, perUsdMicros, source, setBy: actor });
      await writeAudit(trx, {
        accountId,
        actor,
        action: 'exchange_rate.set',
        subject: currency,
        detail: { perUsdMicros: perUsdMicros.toString(), source },
      });
    });
    return c.json({ currency, per_usd: formatMicros(perUsdMicros), source }, 200);
  });
  router.openapi(stray, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const { shown, next_cursor } = await pageOf(
      limit,
      (most) => listStrayEvents(deps.app, { after: cursor, limit: most }),
      ({ id }) => id.toString(),
    );
    const events = shown.map((one) => ({
      ...one,
      id: one.id.toString(),
      received_at: one.received_at.toISOString(),
    }));
    return c.json({ events, next_cursor }, 200);
  });
}

function microsOf(amount: string): bigint {
  const micros = parseMicros(amount);
  if (micros === undefined) throw new Error('the schema let an amount through that is none');
  return micros;
}
