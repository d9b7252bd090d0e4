import type { Generated } from 'kysely';
import type { AccountKind, DefaultInstant, MaybeInstant, Json, Plan, Unit } from './columns.ts';

/** Rows of the catalogue: who the customers are, and the rules, prices and pools that they are worked with. */

export interface AccountTable {
  id: Generated<string>;
  slug: string;
  name: string;
  country: string;
  zone: string;
  debt_currency: string;
  plan: Plan;
  /** A rehearsal's account counts in no list, metric or report. */
  kind: Generated<AccountKind>;
  max_lines: number | null;
  weight: Generated<string>;
  /** Agents of the provider that its negotiations may name, besides those of its pools. */
  agent_ids: Generated<string[]>;
  /** Nothing new is held for its calls and messages, and why. Null: it works. */
  suspended_for: Generated<'subscription' | null>;
  suspended_at: MaybeInstant;
  created_at: DefaultInstant;
}
export interface ApiKeyTable {
  id: Generated<string>;
  account_id: string;
  key_hash: string;
  label: string;
  role: 'account' | 'administrator';
  /** Names of permissions. Null: all that its role holds. */
  scopes: string[] | null;
  /** CIDR. Null: from anywhere. */
  networks: string[] | null;
  prefix: Generated<string>;
  created_at: DefaultInstant;
  expires_at: MaybeInstant;
  last_used_at: MaybeInstant;
  revoked_at: MaybeInstant;
}
export interface CreditorTable {
  id: Generated<string>;
  account_id: string;
  name: string;
  created_at: DefaultInstant;
}
export interface UseCaseTable {
  key: string;
  definition: Json<Record<string, unknown>>;
  updated_at: DefaultInstant;
}
export interface DefinitionTable {
  key: string;
  version: number;
  definition: Json<Record<string, unknown>>;
  created_at: DefaultInstant;
}
export interface RulePackTable extends DefinitionTable {
  source: string;
  confidence: 'high' | 'medium' | 'low' | 'none';
}
export interface AccountRulePackTable {
  account_id: string;
  pack_key: string;
  signed_off_by: string | null;
  signed_off_at: MaybeInstant;
  created_at: DefaultInstant;
}
export interface TariffTable {
  id: Generated<string>;
  account_id: string;
  plan: Plan;
  rate_micros_per_minute: bigint;
  unit: Unit;
  effective_from: DefaultInstant;
}
export interface PoolTable {
  id: Generated<string>;
  key: string;
  provider: 'retell';
  simulated: boolean;
  rehearsal: Generated<boolean>;
  from_number: string;
  agent_id: string;
  created_at: DefaultInstant;
}
export interface AccountPoolTable {
  account_id: string;
  pool_id: string;
}
