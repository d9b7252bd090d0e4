import type { Generated, GeneratedAlways } from 'kysely';
import type { DefaultInstant, Instant, Json, MaybeInstant, Plan, Unit } from './columns.ts';

/** What an account buys of us. */
export type OrderKind = 'top_up' | 'package' | 'period' | 'setup_fee';
export type OrderProvider = 'mercadopago' | 'stripe' | 'transfer';
export type OrderState = 'open' | 'paid' | 'returned' | 'expired' | 'cancelled';
export type SubscriptionState = 'active' | 'grace' | 'suspended' | 'ended';

export interface PlanVersionTable {
  key: string;
  version: number;
  kind: Plan;
  title: string;
  price_micros: bigint;
  price_is_least: Generated<boolean>;
  currency: Generated<'USD'>;
  allotment_seconds: Generated<bigint>;
  rate_micros_per_minute: Generated<bigint>;
  setup_fee_micros: Generated<bigint>;
  effective_from: Instant;
}

export interface CreditPackageTable {
  key: string;
  version: number;
  title: string;
  credit_micros: bigint;
  credit_unit: Unit;
  price_micros: bigint;
  currency: Generated<'USD'>;
  effective_from: Instant;
}

export interface ExchangeRateTable {
  id: GeneratedAlways<bigint>;
  currency: string;
  per_usd_micros: bigint;
  source: string;
  set_by: string;
  set_at: DefaultInstant;
}

export interface TaxRateTable {
  country: string;
  title: string;
  parts_per_million: number;
  effective_from: Instant;
}

export interface PaymentOrderTable {
  id: Generated<string>;
  account_id: string;
  kind: OrderKind;
  provider: OrderProvider;
  item_key: string | null;
  item_version: number | null;
  title: string;
  price_micros: bigint;
  price_currency: 'USD';
  credit_micros: bigint;
  credit_unit: Unit;
  charge_net_micros: bigint;
  charge_tax_micros: bigint;
  charge_micros: bigint;
  charge_currency: string;
  tax_parts_per_million: number;
  quote_rate_micros: bigint | null;
  payable_until: Instant;
  state: Generated<OrderState>;
  provider_ref: string | null;
  pay_url: string | null;
  refused: string | null;
  paid_micros: Generated<bigint>;
  refunded_micros: Generated<bigint>;
  disputed_micros: Generated<bigint>;
  lost_micros: Generated<bigint>;
  bookings: Generated<number>;
  credited_micros: Generated<bigint>;
  refunded_credit_micros: Generated<bigint>;
  disputed_credit_micros: Generated<bigint>;
  expired_micros: Generated<bigint>;
  credit_is_due: boolean;
  problem: string | null;
  problem_detail: string | null;
  problem_at: MaybeInstant;
  asks: Generated<bigint>;
  ask_at: MaybeInstant;
  asked_at: MaybeInstant;
  paid_at: MaybeInstant;
  created_by: string;
  created_at: DefaultInstant;
}

export interface SubscriptionTable {
  id: Generated<string>;
  account_id: string;
  plan_key: string;
  plan_version: number;
  price_micros: bigint;
  state: SubscriptionState;
  period_no: number;
  period_start: Instant;
  period_end: Instant;
  anchor_day: number;
  order_id: string;
  consumed_before_micros: bigint;
  expired_at: MaybeInstant;
  ends_with_period: Generated<boolean>;
  created_at: DefaultInstant;
  ended_at: MaybeInstant;
}

export interface PaymentEventTable {
  id: GeneratedAlways<bigint>;
  provider: 'mercadopago' | 'stripe';
  dedupe_key: string;
  event: string;
  subject: string;
  body: Json<Record<string, unknown>>;
  received_at: DefaultInstant;
  tries: Generated<number>;
  due_at: DefaultInstant;
  handled_at: MaybeInstant;
  result: string | null;
  order_id: string | null;
}
