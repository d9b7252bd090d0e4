import type { DefaultInstant, Instant, Unit } from './columns.ts';

/** Sums for reports, by batch and hour of UTC; and which hours are to be counted again. */

export type SummedKind = 'call' | 'refusal' | 'message';

export interface ReportTouchTable {
  account_id: string;
  kind: SummedKind;
  batch_id: string;
  hour_at: Instant;
  touched_at: DefaultInstant;
}
export interface ReportHourTable {
  account_id: string;
  batch_id: string;
  hour_at: Instant;
  zone: string;
  local_day: string;
  hour: number;
  wave: string;
  main_phone: boolean;
  outcome: string | null;
  disconnection: string | null;
  unit: Unit | null;
  calls: number;
  rejected: number;
  ended: number;
  rang: number;
  answered: number;
  voicemail: number;
  identified: number;
  positive: number;
  neutral: number;
  negative: number;
  talk_ms: bigint;
  billable_seconds: bigint;
  charged_calls: number;
  charged_micros: bigint;
  provider_calls: number;
  provider_micros: bigint;
  first_calls: number;
  first_answers: number;
  first_identified: number;
}
export interface ReportNthTable {
  account_id: string;
  batch_id: string;
  hour_at: Instant;
  nth: number;
  calls: number;
}
export interface ReportRefusalTable {
  account_id: string;
  batch_id: string;
  hour_at: Instant;
  local_day: string;
  reason: string;
  rule: string;
  refusals: number;
}
export interface ReportMessageTable {
  account_id: string;
  batch_id: string;
  hour_at: Instant;
  zone: string;
  local_day: string;
  channel: string;
  state: string;
  unit: Unit | null;
  messages: number;
  charged_messages: number;
  charged_micros: bigint;
}
