import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { receivePayment, receiveReversal } from '../../domain/integrations/inbound.ts';
import type { RecordedPayment } from '../../domain/payments/payments.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { keyed } from '../keyed.ts';
import { formatMicros, parseMicros } from '../money.ts';
import { problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import { idempotencyHeader, idSchema, json, problems } from '../schemas.ts';
import { addTableFiles } from './table-files.ts';
import { paymentFields, reversalFields } from '../webhooks/inbound-schemas.ts';

const tags = ['payments'];

const recordedSchema = z
  .object({
    payment_id: idSchema,
    duplicate: z.boolean().openapi({ description: 'It had been recorded before: nothing changed.' }),
    unallocated: z.string().openapi({ description: 'More than the person owed.' }),
    balance: z.string().openapi({ description: 'What the person owes after it, in its currency.' }),
    settled: z.boolean().openapi({ description: 'The person owes nothing any more.' }),
  })
  .openapi('RecordedPayment');

const answers = {
  201: json(recordedSchema, 'Recorded, or recorded before.'),
  ...problems.badRequest,
  ...problems.unauthorised,
  ...problems.notFound,
  ...problems.conflict,
  ...problems.unprocessable,
} as const;

const create = createRoute({
  method: 'post',
  path: '/api/v1/payments',
  tags,
  summary: 'A payment: spread over the person’s debts, the named or the oldest first',
  description:
    'By `national_id`, or by the `reference` of a debt. The same `external_id` is the same payment.',
  ...access('payments:write'),
  request: {
    headers: idempotencyHeader,
    body: {
      required: true,
      content: { 'application/json': { schema: z.object(paymentFields).strict().openapi('NewPayment') } },
    },
  },
  responses: answers,
});

const reverse = createRoute({
  method: 'post',
  path: '/api/v1/payments/reversals',
  tags,
  summary: 'Take a payment, or a part of it, back: its debts are owed again',
  description:
    'Without `amount`, all that stands of it. A part has a `reversal_id` of its own: the same one is the same reversal. ' +
    'A discount that is not earned without this money goes too, and no other.',
  ...access('payments:write'),
  request: {
    headers: idempotencyHeader,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object(reversalFields).strict().openapi('NewReversal'),
        },
      },
    },
  },
  responses: answers,
});

export function paymentRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  addOne(router, deps);
  addTableFiles(router, deps);
  return router;
}

function addOne(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  router.openapi(create, async (c) => {
    const { accountId } = c.get('caller');
    const content = c.req.valid('json');
    const { method, path } = c.req;
    const key = c.req.valid('header')['idempotency-key'];
    const answer = await keyed(deps, { accountId, key, method, path, content }, async (trx) => {
      const recorded = await receivePayment(trx, accountId, 'api', {
        externalId: content.external_id,
        nationalId: content.national_id ?? null,
        reference: content.reference ?? null,
        amountMicros: microsOf(content.amount),
        currency: content.currency ?? null,
        paidAt: content.paid_at === undefined ? null : new Date(content.paid_at),
      });
      return { status: 201, body: presentRecorded(recorded) };
    });
    return c.json(recordedSchema.parse(answer.body), 201);
  });
  router.openapi(reverse, async (c) => {
    const { accountId } = c.get('caller');
    const content = c.req.valid('json');
    const { method, path } = c.req;
    const key = c.req.valid('header')['idempotency-key'];
    const answer = await keyed(deps, { accountId, key, method, path, content }, async (trx) => {
      const recorded = await receiveReversal(trx, accountId, 'api', {
        externalId: content.external_id,
        reversalId: content.reversal_id ?? null,
        amountMicros: content.amount === undefined ? null : microsOf(content.amount),
      });
      return { status: 201, body: presentRecorded(recorded) };
    });
    return c.json(recordedSchema.parse(answer.body), 201);
  });
}

function presentRecorded(recorded: RecordedPayment): z.infer<typeof recordedSchema> {
  const { paymentId, duplicate, unallocatedMicros, balanceMicros, settled } = recorded;
  return {
    payment_id: paymentId ?? '',
    duplicate,
    unallocated: formatMicros(unallocatedMicros),
    balance: formatMicros(balanceMicros),
    settled,
  };
}

function microsOf(amount: string): bigint {
  const micros = parseMicros(amount);
  if (micros !== undefined) return micros;
  throw problem('amount_invalid', {}, { field: 'amount' });
}
