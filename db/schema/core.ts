import type { Generated } from 'kysely';
import type {
  Instant,
  DefaultInstant,
  MaybeInstant,
  DefaultJson,
  Json,
  ImportState,
  TableFileKind,
  TableFileState,
  MaybeJson,
  LedgerKind,
  Plan,
  Unit,
  BatchState,
  ContactState,
  LineRequestState,
  HoldState,
} from './columns.ts';

/** Rows of the core: people, batches, contacts, lines and money. */

export type StopReason = 'legal' | 'insolvency' | 'dispute' | 'hardship' | 'removed' | 'deceased';
export interface PersonTable {
  id: Generated<string>;
  account_id: string;
  identity_key: string;
  national_id: string | null;
  name: string;
  country: string;
  region: string | null;
  zone: string | null;
  do_not_call_at: MaybeInstant;
  /** The person asked for their data to be blocked; null: nobody did, or it was lifted. */
  blocked_at: MaybeInstant;
  /** Nobody calls or writes while it is set. */
  stopped_at: MaybeInstant;
  stop_reason: Generated<StopReason | null>;
  /** They asked for their data to be deleted, and were: nothing says any more who it was. */
  erased_at: MaybeInstant;
  created_at: DefaultInstant;
}
export interface PhoneTable {
  id: Generated<string>;
  account_id: string;
  person_id: string;
  e164: string;
  position: number;
  invalid_at: MaybeInstant;
  created_at: DefaultInstant;
}
export interface PersonAddressTable {
  account_id: string;
  person_id: string;
  channel: 'email';
  value: string;
  verified_at: MaybeInstant;
  /** It bounced, or the person left it: nobody writes to it any more. */
  closed_at: MaybeInstant;
  created_at: DefaultInstant;
}
export interface ImportTable {
  id: Generated<string>;
  account_id: string;
  file_name: string;
  sha256: string;
  state: Generated<ImportState>;
  /** Asked for although the same bytes had been imported before. */
  again: Generated<boolean>;
  settings: DefaultJson<Record<string, string>>;
  actor: Generated<string>;
  bytes: Generated<bigint>;
  bytes_read: Generated<bigint>;
  /** Null until it is stored. */
  use_case: string | null;
  rows_read: Generated<number>;
  rows_good: Generated<number>;
  rows_refused: Generated<number>;
  rows_stored: Generated<number>;
  contacts: Generated<number>;
  problems: DefaultJson<unknown[]>;
  problems_omitted: Generated<number>;
  remarked_rows_omitted: Generated<number>;
  reading: MaybeJson<Record<string, unknown>>;
  failure: MaybeJson<Record<string, unknown>>;
  claimed_at: MaybeInstant;
  ended_at: MaybeInstant;
  /** W3C trace context of the upload; null where nobody traces. */
  traceparent: Generated<string | null>;
  created_at: DefaultInstant;
}
export interface TableFileTable {
  id: string;
  account_id: string;
  kind: TableFileKind;
  file_name: string;
  sha256: string;
  actor: string;
  state: Generated<TableFileState>;
  bytes: bigint;
  bytes_read: Generated<bigint>;
  rows_read: Generated<number>;
  /** Rows that changed something. */
  rows_done: Generated<number>;
  /** Rows that had been taken before. */
  rows_known: Generated<number>;
  rows_refused: Generated<number>;
  problems: DefaultJson<unknown[]>;
  failure: MaybeJson<Record<string, unknown>>;
  claimed_at: MaybeInstant;
  created_at: DefaultInstant;
  ended_at: MaybeInstant;
}
/** A row of a file that something was said about. */
export interface ImportRemarkedRowTable {
  id: Generated<string>;
  account_id: string;
  import_id: string;
  ordinal: number;
  severity: 'refused' | 'notice';
  sheet: string;
  sheet_row: number;
  cells: DefaultJson<unknown[]>;
  cells_omitted: Generated<number>;
  problems: Json<unknown[]>;
}
export interface ImportRowTable {
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
  email: Generated<string | null>;
  /** Of the people of the file, by their first rows, from 1. */
  person: number;
}
export interface BatchTable {
  id: Generated<string>;
  account_id: string;
  /** Unique in the account, made once: part of workflow ids. */
  slug: string;
  name: string;
  use_case: string;
  policy_key: string;
  policy_version: number;
  pack_key: string;
  pack_version: number;
  pool_id: string;
  import_id: string | null;
  /** Null: the use case negotiates nothing. */
  negotiation_id: Generated<string | null>;
  state: Generated<BatchState>;
  group_size: number;
  zone: string;
  traceparent: Generated<string | null>;
  created_at: DefaultInstant;
  finished_at: MaybeInstant;
}
/** An import whose people a batch takes, and how far it is. */
export interface BatchImportTable {
  import_id: string;
  account_id: string;
  batch_id: string;
  people_total: number;
  /** In the order of the file; those that were in the batch before as well. */
  people_taken: Generated<number>;
  /** Were in the batch before: nothing of them is changed. */
  people_known: Generated<number>;
  /** Their debts are paid by our record: no contact was made of them. */
  people_settled: Generated<number>;
  /** Were erased since the file was read. */
  people_erased: Generated<number>;
  /** What the operator said of such people. */
  settled: Generated<'leave_out' | 'call' | null>;
  actor: string;
  created_at: DefaultInstant;
  ended_at: MaybeInstant;
}
export interface ContactTable {
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
export interface DebtTable {
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
export interface LinePoolTable {
  pool_id: string;
  capacity: number;
  calls_per_second: string;
  next_grant_at: DefaultInstant;
  fence: Generated<bigint>;
}
export interface LineRequestTable {
  id: string;
  account_id: string;
  pool_id: string;
  batch_id: string;
  contact_id: string;
  wave_key: string;
  priority: 0 | 1;
  eligible_at: Instant;
  deadline_at: Instant;
  state: Generated<LineRequestState>;
  /** Of one that is suspended: what does not cover a call. Null: its balance, from before this was kept. */
  suspended_for: Generated<'credit' | 'budget' | null>;
  created_at: DefaultInstant;
  /** Where in its history the workflow asked; null: it was asked by something else, or before this was kept. */
  temporal_run_id: string | null;
  history_length: number | null;
}
export interface LineLeaseTable {
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
/** The four amounts of a balance, or what a transaction moves in or out of them: they sum to zero, by a check. */
interface LedgerAmounts {
  funding_micros: Generated<bigint>;
  available_micros: Generated<bigint>;
  held_micros: Generated<bigint>;
  consumed_micros: Generated<bigint>;
}
export interface LedgerAccountTable extends LedgerAmounts {
  account_id: string;
  unit: Unit;
}
export interface LedgerTransactionTable extends LedgerAmounts {
  id: Generated<bigint>;
  account_id: string;
  unit: Unit;
  kind: LedgerKind;
  reference: string;
  created_at: DefaultInstant;
}
export interface BatchBudgetTable {
  batch_id: string;
  account_id: string;
  unit: Unit;
  /** Null: lifted. */
  limit_micros: bigint | null;
  held_micros: bigint;
  spent_micros: bigint;
  set_at: DefaultInstant;
}
export interface LedgerHoldTable {
  id: Generated<string>;
  account_id: string;
  /** The line request that it is for, or else the message. */
  request_id: string | null;
  message_id: string | null;
  unit: Unit;
  rate_micros_per_minute: bigint;
  plan: Plan;
  amount_micros: bigint;
  posted_micros: bigint | null;
  state: Generated<HoldState>;
  created_at: DefaultInstant;
  resolved_at: MaybeInstant;
}
