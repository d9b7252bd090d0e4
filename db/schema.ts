import type { ColumnType, Generated, JSONColumnType } from 'kysely';

/** Row types of every table, as the migrations make them. Money and int8 are bigint, local days 'YYYY-MM-DD'. */
export interface Schema {
  'catalogue.account': AccountTable;
  'catalogue.api_key': ApiKeyTable;
  'catalogue.creditor': CreditorTable;
  'catalogue.use_case': UseCaseTable;
  'catalogue.policy_version': DefinitionTable;
  'catalogue.rule_pack_version': RulePackTable;
  'catalogue.account_rule_pack': AccountRulePackTable;
  'catalogue.tariff': TariffTable;
  'catalogue.pool': PoolTable;
  'catalogue.account_pool': AccountPoolTable;
  'core.person': PersonTable;
  'core.phone': PhoneTable;
  'core.import': ImportTable;
  'core.import_row': ImportRowTable;
  'core.batch': BatchTable;
  'core.contact': ContactTable;
  'core.debt': DebtTable;
  'core.person_day': PersonDayTable;
  'core.phone_day': PhoneDayTable;
  'core.person_state': PersonStateTable;
  'core.line_pool': LinePoolTable;
  'core.line_request': LineRequestTable;
  'core.line_lease': LineLeaseTable;
  'core.ledger_account': LedgerAccountTable;
  'core.ledger_transaction': LedgerTransactionTable;
  'core.ledger_entry': LedgerEntryTable;
  'core.ledger_hold': LedgerHoldTable;
  'operation.attempt': AttemptTable;
  'operation.attempt_event': AttemptEventTable;
  'operation.refusal': RefusalTable;
  'operation.call': CallTable;
  'operation.provider_event': ProviderEventTable;
  'operation.outbox': OutboxTable;
  'operation.audit': AuditTable;
  'operation.idempotency_key': IdempotencyKeyTable;
}

type Instant = ColumnType<Date, Date | string, Date | string>;
type DefaultInstant = ColumnType<Date, Date | string | undefined, Date | string>;
type MaybeInstant = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
type Json<T extends object> = JSONColumnType<T, string, string>;
type DefaultJson<T extends object> = ColumnType<T, string | undefined, string>;
type MaybeJson<T extends object> = ColumnType<T | null, string | null | undefined, string | null>;

export type Plan = 'unlimited' | 'minutes_based' | 'credit_based';
export type Unit = 'USD' | 'SEC';
export type BatchState = 'running' | 'paused' | 'cancelled' | 'finished';
export type ContactState = 'planned' | 'waiting' | 'suspended' | 'calling' | 'paused' | 'closed';
export type CallState = 'placing' | 'placed' | 'unknown' | 'rejected' | 'absent' | 'ended';
export type LineRequestState = 'waiting' | 'suspended' | 'granted' | 'withdrawn' | 'missed';
export type HoldState = 'pending' | 'posted' | 'voided' | 'expired';
export type LedgerKind = 'funding' | 'available' | 'held' | 'consumed';

interface AccountTable {
  id: Generated<string>;
  slug: string;
  name: string;
  country: string;
  zone: string;
  debt_currency: string;
  plan: Plan;
  max_lines: number | null;
  weight: Generated<string>;
  created_at: DefaultInstant;
}
interface ApiKeyTable {
  id: Generated<string>;
  account_id: string;
  key_hash: string;
  label: string;
  role: 'account' | 'administrator';
  created_at: DefaultInstant;
  revoked_at: MaybeInstant;
}
interface CreditorTable {
  id: Generated<string>;
  account_id: string;
  name: string;
  created_at: DefaultInstant;
}
interface UseCaseTable {
  key: string;
  definition: Json<Record<string, unknown>>;
  updated_at: DefaultInstant;
}
interface DefinitionTable {
  key: string;
  version: number;
  definition: Json<Record<string, unknown>>;
  created_at: DefaultInstant;
}
interface RulePackTable extends DefinitionTable {
  source: string;
  confidence: 'high' | 'medium' | 'low' | 'none';
}
interface AccountRulePackTable {
  account_id: string;
  pack_key: string;
  signed_off_by: string | null;
  signed_off_at: MaybeInstant;
  created_at: DefaultInstant;
}
interface TariffTable {
  id: Generated<string>;
  account_id: string;
  plan: Plan;
  rate_micros_per_minute: bigint;
  unit: Unit;
  effective_from: DefaultInstant;
}
interface PoolTable {
  id: Generated<string>;
  key: string;
  provider: 'retell';
  simulated: boolean;
  rehearsal: Generated<boolean>;
  from_number: string;
  agent_id: string;
  created_at: DefaultInstant;
}
interface AccountPoolTable {
  account_id: string;
  pool_id: string;
}
interface PersonTable {
  id: Generated<string>;
  account_id: string;
  identity_key: string;
  national_id: string | null;
  name: string;
  country: string;
  region: string | null;
  zone: string | null;
  do_not_call_at: MaybeInstant;
  created_at: DefaultInstant;
}
interface PhoneTable {
  id: Generated<string>;
  account_id: string;
  person_id: string;
  e164: string;
  position: number;
  invalid_at: MaybeInstant;
  created_at: DefaultInstant;
}
interface ImportTable {
  id: Generated<string>;
  account_id: string;
  file_name: string;
  sha256: string;
  use_case: string;
  rows_read: number;
  rows_good: number;
  rows_refused: number;
  contacts: number;
  problems: DefaultJson<unknown[]>;
  created_at: DefaultInstant;
}
interface ImportRowTable {
  account_id: string;
  import_id: string;
  ordinal: number;
  sheet: string;
  sheet_row: number;
  identity_key: string;
  national_id: string | null;
  name: string;
  phones: string[];
  country: string;
  region: string | null;
  zone: string | null;
  creditor: string | null;
  amount_micros: bigint | null;
  currency: string | null;
  due_date: string | null;
  reference: string | null;
  variables: DefaultJson<Record<string, string>>;
}
interface BatchTable {
  id: Generated<string>;
  account_id: string;
  name: string;
  use_case: string;
  policy_key: string;
  policy_version: number;
  pack_key: string;
  pack_version: number;
  pool_id: string;
  import_id: string | null;
  state: Generated<BatchState>;
  realm: Generated<string>;
  group_size: number;
  zone: string;
  created_at: DefaultInstant;
  finished_at: MaybeInstant;
}
interface ContactTable {
  id: Generated<string>;
  account_id: string;
  batch_id: string;
  person_id: string;
  ordinal: number;
  state: Generated<ContactState>;
  outcome: string | null;
  waiting_for: Generated<string>;
  next_at: MaybeInstant;
  attempts: Generated<number>;
  run: Generated<number>;
  variables: DefaultJson<Record<string, string>>;
  opened_at: MaybeInstant;
  closed_at: MaybeInstant;
  created_at: DefaultInstant;
}
interface DebtTable {
  id: Generated<string>;
  account_id: string;
  person_id: string;
  contact_id: string;
  creditor_id: string;
  amount_micros: bigint;
  currency: string;
  due_date: string | null;
  reference: string | null;
  sheet_row: number | null;
  created_at: DefaultInstant;
}
interface PersonDayTable {
  account_id: string;
  person_id: string;
  realm: string;
  local_day: string;
  dials: Generated<number>;
}
interface PhoneDayTable {
  account_id: string;
  e164: string;
  realm: string;
  local_day: string;
  dials: Generated<number>;
}
interface PersonStateTable {
  account_id: string;
  person_id: string;
  realm: string;
  last_human_at: MaybeInstant;
}
interface LinePoolTable {
  pool_id: string;
  capacity: number;
  calls_per_second: string;
  next_grant_at: DefaultInstant;
  fence: Generated<bigint>;
}
interface LineRequestTable {
  id: string;
  account_id: string;
  pool_id: string;
  batch_id: string;
  contact_id: string;
  workflow_id: string;
  wave_key: string;
  priority: 0 | 1;
  eligible_at: Instant;
  deadline_at: Instant;
  state: Generated<LineRequestState>;
  created_at: DefaultInstant;
}
interface LineLeaseTable {
  id: Generated<string>;
  account_id: string;
  pool_id: string;
  line_no: number;
  fence: bigint;
  request_id: string;
  contact_id: string;
  hold_id: string;
  attempt_id: string | null;
  granted_at: DefaultInstant;
  expires_at: Instant;
  released_at: MaybeInstant;
  release_reason: string | null;
}
interface LedgerAccountTable {
  account_id: string;
  unit: Unit;
  kind: LedgerKind;
  balance_micros: Generated<bigint>;
}
interface LedgerTransactionTable {
  id: Generated<string>;
  account_id: string;
  kind: 'top_up' | 'hold' | 'post' | 'void' | 'expire' | 'true_up';
  reference: string;
  detail: DefaultJson<Record<string, unknown>>;
  created_at: DefaultInstant;
}
interface LedgerEntryTable {
  id: Generated<bigint>;
  account_id: string;
  transaction_id: string;
  unit: Unit;
  kind: LedgerKind;
  amount_micros: bigint;
}
interface LedgerHoldTable {
  id: Generated<string>;
  account_id: string;
  request_id: string;
  unit: Unit;
  rate_micros_per_minute: bigint;
  plan: Plan;
  amount_micros: bigint;
  posted_micros: bigint | null;
  state: Generated<HoldState>;
  created_at: DefaultInstant;
  resolved_at: MaybeInstant;
}
interface AttemptTable {
  id: string;
  account_id: string;
  batch_id: string;
  contact_id: string;
  person_id: string;
  phone_id: string;
  lease_id: string;
  request_id: string;
  wave_key: string;
  number: number;
  rescheduled: boolean;
  zone: string;
  local_day: string;
  attempted_at: Instant;
  dial_deadline_at: Instant;
  absent_after_at: Instant;
  realm: string;
}
interface AttemptEventTable {
  id: Generated<bigint>;
  account_id: string;
  attempt_id: string;
  kind: 'placed' | 'rejected' | 'unknown' | 'found' | 'absent' | 'ended' | 'analysed';
  detail: DefaultJson<Record<string, unknown>>;
  at: DefaultInstant;
}
interface RefusalTable {
  id: Generated<bigint>;
  account_id: string;
  batch_id: string;
  contact_id: string;
  request_id: string | null;
  wave_key: string;
  reason: string;
  rule: string;
  detail: DefaultJson<Record<string, unknown>>;
  at: Instant;
  realm: string;
}
interface CallTable {
  attempt_id: string;
  account_id: string;
  contact_id: string;
  pool_id: string;
  provider_call_id: string | null;
  state: CallState;
  outcome: string | null;
  disconnection_reason: string | null;
  rang: boolean | null;
  human: boolean | null;
  started_at: MaybeInstant;
  ended_at: MaybeInstant;
  duration_ms: number | null;
  summary: string | null;
  sentiment: string | null;
  successful: boolean | null;
  in_voicemail: boolean | null;
  captured: MaybeJson<Record<string, string>>;
  promise_date: string | null;
  promise_micros: bigint | null;
  billable_seconds: number | null;
  provider_cost_micros: bigint | null;
  provider_cost_products: MaybeJson<unknown[]>;
  charged_micros: bigint | null;
  charged_unit: Unit | null;
  recording_url: string | null;
  recording_multi_channel_url: string | null;
  public_log_url: string | null;
  transcript: string | null;
  analysed_at: MaybeInstant;
  signalled_at: MaybeInstant;
  check_at: MaybeInstant;
  created_at: DefaultInstant;
}
interface ProviderEventTable {
  id: Generated<bigint>;
  account_id: string;
  provider: string;
  dedupe_key: string;
  event: string;
  provider_call_id: string;
  body: Json<Record<string, unknown>>;
  received_at: DefaultInstant;
}
interface OutboxTable {
  id: Generated<string>;
  account_id: string;
  workflow_id: string;
  signal: string;
  payload: Json<Record<string, unknown>>;
  created_at: DefaultInstant;
  delivered_at: MaybeInstant;
  tries: Generated<number>;
  next_try_at: DefaultInstant;
  last_error: string | null;
}
interface AuditTable {
  id: Generated<bigint>;
  account_id: string;
  at: DefaultInstant;
  actor: string;
  action: string;
  subject: string;
  detail: DefaultJson<Record<string, unknown>>;
}
interface IdempotencyKeyTable {
  account_id: string;
  key: string;
  request_hash: string;
  status: number | null;
  response: MaybeJson<Record<string, unknown>>;
  created_at: DefaultInstant;
}
