import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import {
  allocationsOf,
  listPayments,
  type PaymentListRow,
  readPayment,
} from '../../domain/payments/queries-read.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { presentMoney } from '../money.ts';
import { byId, pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import {
  idParams,
  idSchema,
  instantSchema,
  json,
  moneySchema,
  nextCursorSchema,
  pageQuery,
  problems,
  textSchema,
} from '../schemas.ts';

const tags = ['payments'];

export const paymentSchema = z
  .object({
    id: idSchema,
    person_id: idSchema,
    external_id: z.string(),
    source: z.enum(['api', 'webhook', 'file', 'mercadopago', 'agreement', 'rehearsal']),
    kind: z.enum(['payment', 'reversal', 'write_off']),
    reverses_id: idSchema.nullable().openapi({ description: 'What it takes (a part of) back.' }),
    restores_id: idSchema
      .nullable()
      .openapi({ description: 'What it books again, after it was taken back.' }),
    agreement_id: idSchema.nullable(),
    amount: moneySchema,
    unallocated: moneySchema.openapi({ description: 'More than the person owed.' }),
    paid_at: instantSchema,
    reference: z.string().nullable(),
    created_at: instantSchema,
  })
  .openapi('Payment');

const paymentWithDebtsSchema = paymentSchema
  .extend({
    allocations: z
      .array(
        z.object({
          debt_id: idSchema,
          creditor: z.string(),
          reference: z.string().nullable(),
          amount: moneySchema,
        }),
      )
      .openapi({ description: 'The debts that it went to; of a reversal the amounts are negative.' }),
  })
  .openapi('PaymentWithDebts');

const list = createRoute({
  method: 'get',
  path: '/api/v1/payments',
  tags,
  summary: 'Payments, what was taken back of them and what was forgiven, the newest first',
  ...access('payments:read'),
  request: {
    query: pageQuery.extend({
      person_id: idSchema.optional(),
      external_id: textSchema(200)
        .optional()
        .openapi({ description: 'The number that it was reported with.' }),
    }),
  },
  responses: {
    200: json(
      z.object({ payments: z.array(paymentSchema), next_cursor: nextCursorSchema }).openapi('PaymentPage'),
      'One page.',
    ),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/payments/{id}',
  tags,
  summary: 'A payment with the debts that it went to',
  ...access('payments:read'),
  request: { params: idParams },
  responses: {
    200: json(paymentWithDebtsSchema, 'The payment.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

export function paymentReadRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const { cursor, limit, person_id: personId, external_id: externalId } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      pageOf(limit, (most) => listPayments(trx, { personId, externalId, after: cursor, limit: most }), byId),
    );
    return c.json({ payments: shown.map(presentPayment), next_cursor }, 200);
  });
  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const payment = await inAccount(deps.app, c.get('caller').accountId, async (trx) => {
      const row = await readPayment(trx, id);
      if (row === undefined) throw refuse('payment_not_found');
      const allocations = await allocationsOf(trx, id);
      return {
        ...presentPayment(row),
        allocations: allocations.map(({ amount_micros: micros, currency, ...rest }) => ({
          ...rest,
          amount: presentMoney(micros, currency),
        })),
      };
    });
    return c.json(payment, 200);
  });
  return router;
}

export function presentPayment(row: PaymentListRow): z.infer<typeof paymentSchema> {
  const {
    amount_micros: amount,
    unallocated_micros: unallocated,
    currency,
    paid_at,
    created_at,
    ...rest
  } = row;
  return {
    ...rest,
    amount: presentMoney(amount, currency),
    unallocated: presentMoney(unallocated, currency),
    paid_at: paid_at.toISOString(),
    created_at: created_at.toISOString(),
  };
}
