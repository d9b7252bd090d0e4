import type { Generated } from 'kysely';
import type { DefaultInstant, Instant, Json, MaybeInstant, MaybeJson } from './columns.ts';

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

/** A batch by its decisions alone, as it was asked for by HTTP. */
export interface ForecastTable {
  id: Generated<string>;
  account_id: string;
  terms: Json<Record<string, unknown>>;
  state: Generated<'running' | 'done' | 'failed'>;
  result: MaybeJson<Record<string, unknown>>;
  failure: string | null;
  created_by: string;
  created_at: DefaultInstant;
  ended_at: MaybeInstant;
}
