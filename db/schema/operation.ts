import type { Generated, GeneratedAlways } from 'kysely';
import type {
  Instant,
  DefaultInstant,
  MaybeInstant,
  Json,
  DefaultJson,
  MaybeJson,
  Unit,
  CallState,
} from './columns.ts';

/** Rows of the operation: what happened. */

export interface AttemptTable {
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
  /** Rules that the person's own wish for this call waived, as the gate names them. */
  waived: Generated<string[]>;
  /** It went to the first of the person's phones, as they stood then. */
  main_phone: Generated<boolean>;
  zone: string;
  local_day: string;
  attempted_at: Instant;
  dial_deadline_at: Instant;
  absent_after_at: Instant;
}
export interface AttemptEventTable {
  id: Generated<bigint>;
  account_id: string;
  attempt_id: string;
  kind: 'placed' | 'rejected' | 'unknown' | 'found' | 'absent' | 'ended' | 'analysed';
  detail: DefaultJson<Record<string, unknown>>;
  at: DefaultInstant;
}
export interface RefusalTable {
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
}
export interface CallTable {
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
  /** The outcome as it was reported to the contact: the signal's payload. Null: not yet. */
  reported: MaybeJson<Record<string, unknown>>;
  check_at: MaybeInstant;
  created_at: DefaultInstant;
}
export interface ProviderEventTable {
  id: Generated<bigint>;
  account_id: string;
  provider: string;
  dedupe_key: string;
  event: string;
  provider_call_id: string;
  body: Json<Record<string, unknown>>;
  received_at: DefaultInstant;
}
export interface OutboxTable {
  /** Also the request id by which the server knows a repeated signal: never used twice, also after a restore. */
  id: Generated<string>;
  /** Order of writing: rows of one receiver go out by it. */
  seq: GeneratedAlways<bigint>;
  account_id: string;
  kind: Generated<'signal' | 'signal_with_start' | 'start'>;
  /** The receiver: one of the three. */
  contact_id: string | null;
  batch_id: string | null;
  import_id: string | null;
  /** Null: a start. */
  signal: string | null;
  payload: Json<Record<string, unknown>>;
  created_at: DefaultInstant;
  delivered_at: MaybeInstant;
  /** Given up, with the reason in `last_error`. */
  dead_at: MaybeInstant;
  /** A relay has it until then. */
  leased_until: MaybeInstant;
  tries: Generated<number>;
  next_try_at: DefaultInstant;
  last_error: string | null;
}
export interface AuditTable {
  id: Generated<bigint>;
  account_id: string;
  at: DefaultInstant;
  actor: string;
  action: string;
  subject: string;
  detail: DefaultJson<Record<string, unknown>>;
  /** Hashed with the detail; null: the detail was erased with its person. */
  salt: Generated<Buffer | null>;
}
export interface IdempotencyKeyTable {
  account_id: string;
  key: string;
  request_hash: string;
  status: number | null;
  response: MaybeJson<Record<string, unknown>>;
  created_at: DefaultInstant;
}
