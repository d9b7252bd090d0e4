import type { z } from '@hono/zod-openapi';
import type { OrderRow } from '../../domain/charging/queries-orders.ts';
import type { PlanRow } from '../../domain/charging/queries-plans.ts';
import type { SubscriptionRow } from '../../domain/charging/queries-subscriptions.ts';
import { subscriptionInWords } from '../../domain/charging/rules/in-words.ts';
import type { ProblemCode } from '../../domain/charging/rules/settle.ts';
import { phraseRefusal, type RefusalCode } from '../../domain/shared/rules/refusals.ts';
import { formatMicros, presentMoney } from '../money.ts';
import type { orderSchema, planSchema, subscriptionSchema } from './schemas.ts';

export function presentOrder(row: OrderRow): z.infer<typeof orderSchema> {
  const charge = (micros: bigint) => presentMoney(micros, row.charge_currency);
  const { credited_micros: credited, refunded_credit_micros: back, disputed_credit_micros: taken } = row;
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    provider: row.provider,
    title: row.title,
    item: row.item_key,
    price: presentMoney(row.price_micros, row.price_currency),
    net: charge(row.charge_net_micros),
    tax: charge(row.charge_tax_micros),
    total: charge(row.charge_micros),
    rate: row.quote_rate_micros === null ? null : formatMicros(row.quote_rate_micros),
    credit: presentMoney(row.credit_micros, row.credit_unit),
    payable_until: row.payable_until.toISOString(),
    // A page that cannot be paid any more is shown to nobody.
    pay_url: row.state === 'open' ? row.pay_url : null,
    refused: row.refused,
    paid: charge(row.paid_micros),
    refunded: charge(row.refunded_micros),
    disputed: charge(row.disputed_micros),
    lost: charge(row.lost_micros),
    booked: presentMoney(credited - back - taken, row.credit_unit),
    problem: row.problem === null ? null : problemInWords(row.problem),
    created_by: row.created_by,
    created_at: row.created_at.toISOString(),
    paid_at: row.paid_at?.toISOString() ?? null,
  };
}

const problems: Readonly<Record<string, RefusalCode>> = {
  other_currency: 'order_other_currency',
  paid_less: 'order_paid_less',
  paid_more: 'order_paid_more',
  taken_more: 'order_taken_more',
  paid_less_than_before: 'order_paid_less_than_before',
} satisfies Record<ProblemCode, RefusalCode>;

function problemInWords(problem: string): { code: string; es: string; en: string } {
  const code = problems[problem];
  return { code: problem, ...(code === undefined ? { es: problem, en: problem } : phraseRefusal(code)) };
}

export function presentPlan(plan: PlanRow): z.infer<typeof planSchema> {
  return {
    key: plan.key,
    version: plan.version,
    kind: plan.kind,
    title: plan.title,
    price: presentMoney(plan.price_micros, 'USD'),
    price_is_least: plan.price_is_least,
    allotment: presentMoney(plan.allotment_seconds * 1_000_000n, 'SEC'),
    per_minute: presentMoney(plan.rate_micros_per_minute, 'USD'),
    setup_fee: presentMoney(plan.setup_fee_micros, 'USD'),
  };
}

export function presentSubscription(row: SubscriptionRow): z.infer<typeof subscriptionSchema> {
  return {
    plan: row.plan_key,
    version: row.plan_version,
    price: presentMoney(row.price_micros, 'USD'),
    state: row.state,
    in_words: subscriptionInWords(row.state),
    period: row.period_no,
    period_start: row.period_start.toISOString(),
    period_end: row.period_end.toISOString(),
    ends_with_period: row.ends_with_period,
    order_id: row.order_id,
  };
}
