import type { Generated } from 'kysely';
import type { DefaultInstant, Instant, MaybeInstant, MaybeJson } from './columns.ts';

export interface RehearsalTable {
  id: string;
  account_id: string;
  import_id: string;
  /** Null: it has expired, and nothing else of it is left. */
  rehearsal_account_id: string | null;
  batch_id: string;
  seed: string;
  policy: string;
  pack: string;
  negotiation: string | null;
  starts_at: Instant;
  contacts: number;
  state: Generated<'running' | 'finished' | 'failed'>;
  failure: Generated<string | null>;
  report: MaybeJson<Record<string, unknown>>;
  created_at: DefaultInstant;
  finished_at: MaybeInstant;
}
