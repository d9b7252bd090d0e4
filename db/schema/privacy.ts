import type { Generated } from 'kysely';
import type { DefaultInstant, Instant, MaybeInstant } from './columns.ts';

/** Rows of what people ask of their data. */

export type PrivacyKind = 'access' | 'rectification' | 'deletion' | 'opposition' | 'portability' | 'blocking';
export type PrivacyChannel = 'letter' | 'email' | 'phone' | 'whatsapp' | 'web' | 'in_person' | 'other';
export type PrivacyAnswer = 'granted' | 'refused';

export interface PrivacyRequestTable {
  id: Generated<string>;
  account_id: string;
  kind: PrivacyKind;
  channel: PrivacyChannel;
  own_id: string | null;
  national_id: string;
  person_id: string | null;
  details: string;
  received_at: Instant;
  due_at: Instant;
  extended_at: MaybeInstant;
  extension_reason: string | null;
  answered_at: MaybeInstant;
  answer: PrivacyAnswer | null;
  answer_text: string | null;
  overdue_told_at: MaybeInstant;
  created_by: string;
  created_at: DefaultInstant;
}

/** A person who was erased, or one of their numbers, as a hash under a key that the database does not hold. */
export interface ErasedKeyTable {
  account_id: string;
  hash: Buffer;
  key_id: string;
  created_at: DefaultInstant;
}

/** A link of the account's chain over its audit rows. */
export interface AuditSealTable {
  account_id: string;
  no: bigint;
  audit_id: bigint;
  at: Instant;
  digest: Buffer;
  hash: Buffer;
  sealed_at: DefaultInstant;
}
