import type { Generated } from 'kysely';
import type { DefaultInstant, Instant, Json, MaybeInstant } from './columns.ts';

/** Who is a member of which account, who has been invited, and what is written to them. */
export type MemberRoleColumn = 'owner' | 'operator' | 'agent' | 'auditor' | 'viewer';

export interface MemberTable {
  id: Generated<string>;
  account_id: string;
  /** Of `identity."user"`. */
  user_id: string;
  name: string;
  email: string;
  role: MemberRoleColumn;
  created_at: DefaultInstant;
  removed_at: MaybeInstant;
}

export interface InvitationTable {
  id: Generated<string>;
  account_id: string;
  email: string;
  role: MemberRoleColumn;
  token_hash: string;
  invited_by: string;
  created_at: DefaultInstant;
  expires_at: Instant;
  accepted_at: MaybeInstant;
  revoked_at: MaybeInstant;
}

export interface AlertTable {
  id: Generated<string>;
  account_id: string;
  kind: string;
  /** Id of what it is about. */
  subject: string;
  detail: Json<Record<string, unknown>>;
  raised_at: DefaultInstant;
  ended_at: MaybeInstant;
}
export interface MailTable {
  id: Generated<string>;
  /** Null: of a person and no account. */
  account_id: string | null;
  dedupe_key: string;
  recipient: string;
  subject: string;
  /** Emptied when it has been sent, or never will be. */
  body: string;
  state: Generated<'waiting' | 'sent' | 'dead'>;
  tries: Generated<number>;
  due_at: DefaultInstant;
  error: string | null;
  created_at: DefaultInstant;
  ended_at: MaybeInstant;
}

/** A code of an authenticator that has been taken: it is good once. */
export interface UsedCodeTable {
  user_id: string;
  code_hash: string;
  used_at: DefaultInstant;
}

export interface SignInLinkTable {
  token_hash: string;
  user_id: string;
  expires_at: Instant;
  used_at: MaybeInstant;
}
