import type { ColumnType, JSONColumnType } from 'kysely';

/** Column types: what is read, what may be inserted, what may be set. */
export type Instant = ColumnType<Date, Date | string, Date | string>;
export type DefaultInstant = ColumnType<Date, Date | string | undefined, Date | string>;
export type MaybeInstant = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
export type Json<T extends object> = JSONColumnType<T, string, string>;
export type DefaultJson<T extends object> = ColumnType<T, string | undefined, string>;
export type MaybeJson<T extends object> = ColumnType<T | null, string | null | undefined, string | null>;

export type Plan = 'unlimited' | 'minutes_based' | 'credit_based';
export type Unit = 'USD' | 'SEC';
/** `top_up` bought credit; `grant` minutes of a plan's period. See docs/decisions/0031 and 0061. */
export type LedgerKind =
  | 'top_up'
  | 'hold'
  | 'post'
  | 'void'
  | 'expire'
  | 'true_up'
  | 'grant'
  | 'expire_allotment'
  | 'refund'
  | 'dispute'
  | 'dispute_won'
  | 'adjust';
export type BatchState = 'running' | 'paused' | 'cancelled' | 'finished';
export type ContactState =
  'planned' | 'waiting' | 'suspended' | 'calling' | 'negotiating' | 'paused' | 'closed';
export type CallState = 'placing' | 'placed' | 'unknown' | 'rejected' | 'absent' | 'ended';
export type LineRequestState = 'waiting' | 'suspended' | 'granted' | 'withdrawn' | 'missed';
export type HoldState = 'pending' | 'posted' | 'voided' | 'expired';
export type MessageState =
  'sending' | 'unknown' | 'accepted' | 'sent' | 'delivered' | 'read' | 'failed' | 'absent';

/** Whose an account is: a customer's, a rehearsal's (domain/rehearsal), or the local stack's demonstration. */
export type AccountKind = 'customer' | 'rehearsal' | 'demo';
export type TableFileKind = 'payments' | 'removals';
export type TableFileState = 'waiting' | 'reading' | 'done' | 'failed';
export type ImportState = 'waiting' | 'reading' | 'stored' | 'failed' | 'cancelled';
