import type { Generated } from 'kysely';
import type { DefaultInstant, MaybeInstant } from './columns.ts';

/** Rows of what was said: recordings in our store, turns, and calls that are to be removed at the provider. */

export type StoredObjectState = 'waiting' | 'kept' | 'lost' | 'removed';
export type TurnRole = 'agent' | 'person' | 'transfer';

export interface StoredObjectTable {
  id: Generated<string>;
  account_id: string;
  kind: 'recording';
  attempt_id: string;
  provider_call_id: string;
  key: string;
  state: Generated<StoredObjectState>;
  source_url: string | null;
  tries: Generated<number>;
  /** When something is to be done with it: fetched, or removed. Null: nothing. */
  next_try_at: MaybeInstant;
  last_fault: string | null;
  media_type: string | null;
  sha256: string | null;
  bytes: bigint | null;
  kept_at: MaybeInstant;
  delete_after: MaybeInstant;
  erased_at: MaybeInstant;
  removed_at: MaybeInstant;
  created_at: DefaultInstant;
}

export interface CallTurnTable {
  account_id: string;
  attempt_id: string;
  /** From 1, in the order of the call. */
  n: number;
  role: TurnRole;
  text: string;
  start_ms: number | null;
  end_ms: number | null;
}

export interface ProviderRemovalTable {
  id: Generated<string>;
  account_id: string;
  provider_call_id: string;
  requested_at: DefaultInstant;
  tries: Generated<number>;
  /** Null: it is gone there. */
  next_try_at: MaybeInstant;
  last_fault: string | null;
  gone_at: MaybeInstant;
}
