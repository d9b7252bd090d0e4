import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { type LedgerRow, listLedger } from '../../domain/billing/queries-statement.ts';
import { readStatement, type Statement } from '../../domain/billing/statement.ts';
import { statementWorkbook } from '../../domain/billing/statement-files.ts';
import { statementPdf } from '../../domain/billing/statement-pdf.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { presentMoney } from '../money.ts';
import { byId, pageOf } from '../page.ts';
import { typeOf } from '../results/formats.ts';
import { OpenFiles } from '../results/open-files.ts';
import { createRouter } from '../router.ts';
import { idSchema, instantSchema, json, moneySchema, pageQuery, problems } from '../schemas.ts';

const tags = ['money'];
const kinds = [
  'top_up',
  'hold',
  'post',
  'void',
  'expire',
  'true_up',
  'grant',
  'expire_allotment',
  'refund',
  'dispute',
  'dispute_won',
  'adjust',
] as const;
const movementKinds = [
  'top_up',
  'true_up',
  'grant',
  'expire_allotment',
  'refund',
  'dispute',
  'dispute_won',
  'adjust',
] as const;
const formats = ['json', 'xlsx', 'pdf'] as const;
const types = {
  json: 'application/json',
  xlsx: typeOf.xlsx,
  pdf: 'application/pdf',
} as const;

const movementSchema = z
  .object({
    id: z.string().openapi({ description: 'Its place: a higher one happened later.' }),
    at: instantSchema,
    kind: z.enum(kinds).openapi({
      description:
        '`top_up` a credit; `hold` set aside for a call or message; `post` charged of it; `void` and `expire` given back; `true_up` a later correction; `grant` minutes of a plan’s period, `expire_allotment` what nobody used of them; `refund` and `dispute` money taken back, `dispute_won` ours again; `adjust` by hand.',
    }),
    reference: z.string(),
    available: moneySchema.openapi({ description: 'What it did to the free balance.' }),
    held: moneySchema,
    consumed: moneySchema,
  })
  .openapi('LedgerMovement');

const statementSchema = z
  .object({
    month: z.string(),
    from: instantSchema,
    until: instantSchema,
    as_of: instantSchema,
    final: z.boolean().openapi({ description: 'Nothing is added to it any more.' }),
    account: z.object({ name: z.string(), slug: z.string(), zone: z.string() }),
    totals: z.array(
      z.object({
        opening: moneySchema,
        topped_up: moneySchema,
        granted: moneySchema.openapi({ description: 'Minutes that periods of a plan came with.' }),
        expired: moneySchema.openapi({ description: 'Of them, what nobody used in their period.' }),
        taken_back: moneySchema.openapi({ description: 'Refunded or disputed, without what was won.' }),
        adjusted: moneySchema.openapi({ description: 'By hand; below 0: taken.' }),
        charged: moneySchema,
        corrected: moneySchema.openapi({
          description: 'By later figures of a provider; positive: charged on top.',
        }),
        closing: moneySchema,
        held: moneySchema.openapi({ description: 'Of the closing balance, set aside.' }),
      }),
    ),
    charges: z
      .array(
        z.object({
          day: z.iso.date(),
          batch_id: idSchema.nullable(),
          batch: z.string().nullable(),
          use_case: z.string().nullable(),
          calls: z.int(),
          messages: z.int(),
          charged: moneySchema,
        }),
      )
      .openapi({ description: 'By the day on which they were booked, by the clock of the account.' }),
    movements: z.array(
      z.object({
        at: instantSchema,
        kind: z.enum(movementKinds),
        reference: z.string(),
        amount: moneySchema.openapi({
          description:
            'Of a correction (`true_up`) what was charged on top; else what the balance got, below 0 lost.',
        }),
        order: z.object({ id: idSchema, title: z.string(), total: moneySchema }).nullable(),
      }),
    ),
    movements_cut: z.boolean().openapi({ description: 'There are more; the sums have all of them.' }),
  })
  .openapi('Statement');

const ledger = createRoute({
  method: 'get',
  path: '/api/v1/ledger',
  tags,
  summary: 'What has moved on the balance of the account, the newest first',
  ...access('statements:read'),
  request: {
    query: pageQuery.omit({ cursor: true }).extend({
      cursor: z
        .string()
        .regex(/^[0-9]{1,18}$/)
        .optional(),
      kind: z.enum(kinds).optional(),
    }),
  },
  responses: {
    200: json(
      z
        .object({ movements: z.array(movementSchema), next_cursor: z.string().nullable() })
        .openapi('LedgerPage'),
      'One page.',
    ),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.forbidden,
  },
});

const statement = createRoute({
  method: 'get',
  path: '/api/v1/statements/{month}',
  tags,
  summary: 'The statement of a month: balances, charges by day and batch, credits and corrections',
  description:
    'A month is the account’s own (`zone`). A correction of an earlier call stands in the month in which it was booked. It is no tax document.',
  ...access('statements:read'),
  request: {
    params: z.object({
      month: z
        .string()
        .regex(/^20[0-9]{2}-(0[1-9]|1[0-2])$/)
        .openapi({ param: { name: 'month', in: 'path' }, example: '2026-11' }),
    }),
    query: z.object({ format: z.enum(formats).default('json') }),
  },
  responses: {
    200: {
      description: 'The statement.',
      content: {
        [types.json]: { schema: statementSchema },
        [types.xlsx]: { schema: z.string() },
        [types.pdf]: { schema: z.string() },
      },
    },
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.forbidden,
    ...problems.unprocessable,
    ...problems.tooMany,
  },
});

/** Files of statements that an account reads at once. */
const mostFiles = 2;

/** The account's money: what moved, and its statement of a month. */
export function statementRoutes({ app }: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const files = new OpenFiles(mostFiles);
  router.openapi(ledger, async (c) => {
    const { cursor, limit, kind } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(app, c.get('caller').accountId, (trx) =>
      pageOf(limit, (most) => listLedger(trx, { kind, after: cursor, limit: most }), byId),
    );
    return c.json({ movements: shown.map(presentMovement), next_cursor }, 200);
  });
  router.openapi(statement, async (c) => {
    const { month } = c.req.valid('param');
    const { format } = c.req.valid('query');
    const { accountId } = c.get('caller');
    const read = () => inAccount(app, accountId, (trx) => readStatement(trx, accountId, month));
    if (format === 'json') return c.json(presentStatement(await read()), 200);
    const body = await files.body(accountId, async () => {
      const found = await read();
      return format === 'xlsx' ? statementWorkbook(found) : inOnePart(await statementPdf(found));
    });
    return c.body(body, 200, {
      'content-type': types[format],
      'content-disposition': `attachment; filename="estado-de-cuenta-${month}.${format}"`,
    });
  });
  return router;
}

async function* inOnePart(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

function presentMovement(row: LedgerRow): z.infer<typeof movementSchema> {
  const { id, unit, kind, reference, created_at } = row;
  return {
    id,
    at: created_at.toISOString(),
    kind,
    reference,
    available: presentMoney(row.available_micros, unit),
    held: presentMoney(row.held_micros, unit),
    consumed: presentMoney(row.consumed_micros, unit),
  };
}

function presentStatement(found: Statement): z.infer<typeof statementSchema> {
  const { month, from, until, asOf, isFinal, account, totals, charges, movements, movementsCut } = found;
  return {
    month,
    from: from.toISOString(),
    until: until.toISOString(),
    as_of: asOf.toISOString(),
    final: isFinal,
    account,
    totals: totals.map((row) => ({
      opening: presentMoney(row.opening_micros, row.unit),
      topped_up: presentMoney(row.topped_up_micros, row.unit),
      granted: presentMoney(row.granted_micros, row.unit),
      expired: presentMoney(row.expired_micros, row.unit),
      taken_back: presentMoney(row.taken_back_micros, row.unit),
      adjusted: presentMoney(row.adjusted_micros, row.unit),
      charged: presentMoney(row.charged_micros, row.unit),
      corrected: presentMoney(row.corrected_micros, row.unit),
      closing: presentMoney(row.closing_micros, row.unit),
      held: presentMoney(row.held_micros, row.unit),
    })),
    charges: charges.map(({ charged_micros, unit, ...row }) => ({
      ...row,
      charged: presentMoney(charged_micros, unit),
    })),
    movements: movements.map(({ at, kind, reference, amount_micros, unit, ...of }) => ({
      at: at.toISOString(),
      kind,
      reference,
      amount: presentMoney(amount_micros, unit),
      order: presentOrderOf(of),
    })),
    movements_cut: movementsCut,
  };
}

function presentOrderOf(
  of: Pick<
    Statement['movements'][number],
    'order_id' | 'order_title' | 'order_total_micros' | 'order_currency'
  >,
) {
  const { order_id: id, order_title: title, order_total_micros: micros, order_currency: currency } = of;
  if (id === null || title === null || micros === null || currency === null) return null;
  return { id, title, total: presentMoney(micros, currency) };
}
