import type { Generated } from 'kysely';
import type { DefaultInstant, DefaultJson, Instant, Json, MaybeInstant } from './columns.ts';

/** Rows of the negotiation: stages and offers, agreements, payments, tasks for people, what calls asked for. */

export interface NegotiationTable {
  id: Generated<string>;
  /** Null: ships with the product. */
  account_id: string | null;
  key: string;
  version: number;
  definition: Json<Record<string, unknown>>;
  created_at: DefaultInstant;
}
export type AgreementKind = 'promise' | 'plan';
export type AgreementState = 'open' | 'kept' | 'partly_paid' | 'broken' | 'replaced' | 'withdrawn';
export interface AgreementTable {
  id: Generated<string>;
  account_id: string;
  batch_id: string;
  contact_id: string;
  person_id: string;
  attempt_id: string | null;
  kind: AgreementKind;
  state: Generated<AgreementState>;
  total_micros: bigint;
  discount_micros: Generated<bigint>;
  currency: string;
  source: 'call' | 'analysis' | 'operator';
  made_at: Instant;
  resolved_at: MaybeInstant;
}
export interface AgreementInstalmentTable {
  account_id: string;
  agreement_id: string;
  number: number;
  due_date: string;
  amount_micros: bigint;
  check_at: Instant;
}
export type PaymentSource = 'api' | 'webhook' | 'file' | 'mercadopago' | 'agreement' | 'rehearsal';
export interface PaymentTable {
  id: Generated<string>;
  account_id: string;
  person_id: string;
  external_id: string;
  source: PaymentSource;
  kind: 'payment' | 'reversal' | 'write_off';
  reverses_id: string | null;
  restores_id: string | null;
  agreement_id: string | null;
  amount_micros: bigint;
  currency: string;
  unallocated_micros: Generated<bigint>;
  paid_at: Instant;
  reference: string | null;
  created_at: DefaultInstant;
}
export interface PaymentAllocationTable {
  id: Generated<bigint>;
  account_id: string;
  payment_id: string;
  debt_id: string;
  amount_micros: bigint;
}
/** A view: the newest row of each real debt, and what is still owed of it. */
export interface CurrentDebtView {
  id: string;
  account_id: string;
  person_id: string;
  contact_id: string;
  creditor_id: string;
  currency: string;
  reference: string | null;
  due_date: string | null;
  amount_micros: bigint;
  balance_micros: bigint;
}
export interface DoNotContactTable {
  account_id: string;
  /** A person's identity key, or 'tel:' and a number. */
  key: string;
  reason: string;
  source: 'call' | 'file' | 'api' | 'message' | 'operator';
  created_at: DefaultInstant;
  lifted_at: MaybeInstant;
}
export type TaskKind =
  | 'verify_payment'
  | 'dispute'
  | 'hardship'
  | 'legal'
  | 'broken_promise'
  | 'person_asked'
  | 'payment_reversed'
  | 'privacy_request';
export type TaskResolution = 'paid' | 'resume' | 'close';
export interface TaskTable {
  id: Generated<string>;
  account_id: string;
  person_id: string;
  contact_id: string;
  attempt_id: string | null;
  kind: TaskKind;
  state: Generated<'open' | 'resolved'>;
  resolution: TaskResolution | null;
  note: string | null;
  context: DefaultJson<Record<string, unknown>>;
  dedupe_key: string;
  opened_at: Instant;
  resolved_at: MaybeInstant;
  resolved_by: string | null;
}
export interface FunctionCallTable {
  id: Generated<bigint>;
  account_id: string;
  attempt_id: string;
  provider_call_id: string;
  name: string;
  args_hash: string;
  args: Json<Record<string, unknown>>;
  answer: Json<Record<string, unknown>>;
  refused: string | null;
  at: DefaultInstant;
}
export interface RescheduleRequestTable {
  id: Generated<bigint>;
  account_id: string;
  contact_id: string;
  attempt_id: string | null;
  source: 'call' | 'result' | 'api' | 'webhook' | 'signal';
  /** Only a person's own wish waives what the law lets it waive. */
  requested_by: Generated<'person' | 'operator'>;
  wish: Json<Record<string, unknown>>;
  result: 'agreed' | 'refused';
  rule: string | null;
  slot_key: string | null;
  agreed_at: MaybeInstant;
  suggestion_before: MaybeInstant;
  suggestion_after: MaybeInstant;
  at: Instant;
}
