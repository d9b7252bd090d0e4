import { z } from '@hono/zod-openapi';
import {
  form,
  idSchema,
  instantSchema,
  maybe,
  moneySchema,
  nextCursorSchema,
  textSchema,
} from '../schemas.ts';
import { amountPattern } from '../webhooks/inbound-schemas.ts';

const keyForm = form(/^[a-z0-9][a-z0-9_-]{0,59}$/, 'name');
const amountForm = form(amountPattern, 'amount');
const providers = ['mercadopago', 'stripe', 'transfer'] as const;

const wordsSchema = z.object({ code: z.string(), es: z.string(), en: z.string() });

export const orderSchema = z
  .object({
    id: idSchema,
    kind: z.enum(['top_up', 'package', 'period', 'setup_fee']),
    state: z.enum(['open', 'paid', 'returned', 'expired', 'cancelled']).openapi({
      description: '`open` waits to be paid; `returned` was paid, and nothing of it is left.',
    }),
    provider: z.enum(providers),
    title: z.string(),
    item: z.string().nullable().openapi({ description: 'The plan or package.' }),
    price: moneySchema.openapi({ description: 'Before tax.' }),
    net: moneySchema.openapi({ description: 'Before tax, in the currency that it is paid in.' }),
    tax: moneySchema,
    total: moneySchema.openapi({ description: 'What the payer is asked for.' }),
    rate: z
      .string()
      .nullable()
      .openapi({ description: 'Of that currency for one USD; null: it is paid in USD.' }),
    credit: moneySchema.openapi({ description: 'What the account gets for it.' }),
    payable_until: instantSchema,
    pay_url: z.string().nullable().openapi({
      description:
        'Where it is paid. Null for a transfer, and while the provider has not made the page: ask again.',
    }),
    refused: z.string().nullable().openapi({ description: 'Why the provider makes no page for it.' }),
    paid: moneySchema.openapi({ description: 'The provider’s last word, as the three below.' }),
    refunded: moneySchema,
    disputed: moneySchema,
    lost: moneySchema,
    booked: moneySchema.openapi({ description: 'What of its credit the balance has.' }),
    problem: wordsSchema.nullable().openapi({
      description:
        'What the provider says and does not fit. It is not booked; whoever runs the installation sees it.',
    }),
    created_by: z.string(),
    created_at: instantSchema,
    paid_at: instantSchema.nullable(),
  })
  .openapi('Order');

export const orderPageSchema = z
  .object({ orders: z.array(orderSchema), next_cursor: nextCursorSchema })
  .openapi('OrderPage');

const provider = maybe(z.enum(providers)).openapi({
  description: 'Default: the usual one of the account’s country.',
});

export const newOrderSchema = z
  .discriminatedUnion('kind', [
    z
      .object({ kind: z.literal('top_up'), amount: amountForm.openapi({ example: '50.00' }), provider })
      .strict(),
    z
      .object({ kind: z.literal('package'), package: keyForm.openapi({ example: 'minutes-500' }), provider })
      .strict(),
    z.object({ kind: z.literal('period'), plan: keyForm.openapi({ example: 'starter' }), provider }).strict(),
    z.object({ kind: z.literal('setup_fee'), plan: keyForm, provider }).strict(),
  ])
  .openapi('NewOrder');

export const agreedOrderSchema = z
  .object({
    kind: z.enum(['period', 'setup_fee']),
    plan: keyForm.openapi({ example: 'enterprise' }),
    price: amountForm.openapi({ example: '750.00', description: 'As agreed, in USD, before tax.' }),
    provider,
  })
  .strict()
  .openapi('AgreedOrder');

export const transferSchema = z
  .object({
    direction: z
      .enum(['in', 'out'])
      .openapi({ description: '`in`: it came to our bank; `out`: we gave it back.' }),
    amount: amountForm,
    currency: form(/^[A-Z]{3}$/, 'currency'),
    reference: textSchema(200).openapi({ example: 'transferencia 4711' }),
    reason: textSchema(500),
  })
  .strict()
  .openapi('Transfer');

export const adjustmentSchema = z
  .object({
    direction: z.enum(['in', 'out']),
    amount: amountForm,
    unit: z.enum(['USD', 'SEC']),
    reference: textSchema(200).openapi({ description: 'The same one again is the same adjustment.' }),
    reason: textSchema(500),
  })
  .strict()
  .openapi('Adjustment');

export const planSchema = z
  .object({
    key: z.string(),
    version: z.int(),
    kind: z.enum(['unlimited', 'minutes_based', 'credit_based']),
    title: z.string(),
    price: moneySchema.openapi({ description: 'Of a month, before tax.' }),
    price_is_least: z.boolean().openapi({ description: 'What it costs is agreed with us.' }),
    allotment: moneySchema.openapi({ description: 'Minutes of a month, in seconds.' }),
    per_minute: moneySchema,
    setup_fee: moneySchema,
  })
  .openapi('Plan');

export const plansSchema = z
  .object({
    plans: z.array(planSchema),
    packages: z.array(
      z.object({ key: z.string(), title: z.string(), price: moneySchema, credit: moneySchema }),
    ),
    tax: z.object({ title: z.string(), percent: z.string() }).nullable(),
    rate: z
      .object({ currency: z.string(), per_usd: z.string(), source: z.string(), set_at: instantSchema })
      .nullable()
      .openapi({
        description: 'The newest rate of exchange of the account’s country; orders are quoted with it.',
      }),
    providers: z.array(z.enum(providers)),
  })
  .openapi('Plans');

export const subscriptionSchema = z
  .object({
    plan: z.string(),
    version: z.int(),
    price: moneySchema,
    state: z.enum(['active', 'grace', 'suspended', 'ended']).openapi({
      description: '`grace`: the period is over and the next is not paid; service goes on for five days.',
    }),
    in_words: z.object({ es: z.string(), en: z.string() }),
    period: z.int(),
    period_start: instantSchema,
    period_end: instantSchema,
    ends_with_period: z.boolean(),
    order_id: idSchema,
  })
  .openapi('Subscription');

export const rateSchema = z
  .object({ per_usd: amountForm.openapi({ example: '953.47' }), source: textSchema(200) })
  .strict()
  .openapi('NewExchangeRate');

export const rateSetSchema = z
  .object({ currency: z.string(), per_usd: z.string(), source: z.string() })
  .openapi('ExchangeRate');

export const strayEventsSchema = z
  .object({
    events: z.array(
      z.object({
        id: z.string(),
        provider: z.string(),
        event: z.string(),
        subject: z.string(),
        received_at: instantSchema,
        result: z.string(),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .openapi('StrayPaymentEvents');
