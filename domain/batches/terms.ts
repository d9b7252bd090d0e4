import { chosenPack, countriesOfImport, newestPack, newestPolicy, poolsOfAccount } from './queries-terms.ts';
import type { SettledChoice } from '../imports/queries-settled.ts';
import { ownAccount } from '../shared/queries-account.ts';
import type { Trx } from '../../db/client.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import { parsePack, parsePolicy } from '../policy/rules/parse.ts';
import type { Policy } from '../policy/rules/policy.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import { chooseNegotiation, type ChosenNegotiation } from '../negotiation/negotiations.ts';
import { refuse } from '../shared/refused.ts';

export interface TermsRequest {
  readonly importId: string;
  /** Default: by the use case's schedule. */
  readonly policy: string | undefined;
  /** Never a default: which law applies is the account's own choice. */
  readonly pack: string;
  /** Default for collections: the standard one. Other use cases have none. */
  readonly negotiation?: string | undefined;
  /** Key of one of the account's line pools; may be left out when it has one. */
  readonly pool: string | undefined;
  /** People whose debts are, or may be, paid. Default: those of whom it is certain are left out, of the others the operator is asked. */
  readonly settled?: SettledChoice | null | undefined;
}

/** Under which rules, on which lines and in whose zone a batch is worked. */
export interface Terms {
  readonly policy: Policy;
  readonly pack: RulePack;
  readonly poolId: string;
  /** Undefined: the use case negotiates nothing. */
  readonly negotiation: ChosenNegotiation | undefined;
  readonly zone: string;
}

interface Pool {
  readonly id: string;
  readonly key: string;
  readonly simulated: boolean;
  readonly from_number: string;
}

/** Chooses and checks the terms of a batch. Throws `OperationRefused` naming the field that must change. */
export async function chooseTerms(trx: Trx, request: TermsRequest, useCaseKey: string): Promise<Terms> {
  const terms = await chooseRules(trx, request, useCaseKey);
  await requirePeopleOf(trx, request.importId, terms.pack);
  return terms;
}

/** The same before anybody's file is known. */
export async function chooseRules(
  trx: Trx,
  request: Omit<TermsRequest, 'importId'>,
  useCaseKey: string,
): Promise<Terms> {
  const pool = await choosePool(trx, request.pool);
  const policy = await choosePolicy(trx, request.policy, useCaseKey, pool);
  const pack = await choosePack(trx, request.pack, pool);
  const { zone } = await ownAccount(trx);
  const negotiation = await chooseNegotiation(trx, request.negotiation, useCaseKey);
  return { policy, pack, poolId: pool.id, negotiation, zone };
}

async function choosePool(trx: Trx, key: string | undefined): Promise<Pool> {
  const pools = await poolsOfAccount(trx);
  const names = pools.map((pool) => pool.key).join(', ');
  if (key !== undefined) {
    const named = pools.find((pool) => pool.key === key);
    if (named !== undefined) return named;
    throw refuse('pool_unknown', { key, names }, { field: 'pool' });
  }
  const [only, ...others] = pools;
  if (only !== undefined && others.length === 0) return only;
  throw refuse(only === undefined ? 'pool_missing' : 'pool_needed', { names }, { field: 'pool' });
}

async function choosePolicy(
  trx: Trx,
  named: string | undefined,
  useCaseKey: string,
  pool: Pool,
): Promise<Policy> {
  const mode = useCaseByKey(useCaseKey)?.scheduleMode;
  const key = named ?? (mode === 'ladder' ? 'ladder' : 'collection-waves');
  const newest = await newestPolicy(trx, key);
  if (newest === undefined) {
    throw refuse('policy_unknown', { key }, { field: 'policy' });
  }
  const policy = parsePolicy(newest.definition);
  // Waves a minute apart, day and night: on a real provider that is harassment.
  if (policy.schedule.mode === 'interval' && !pool.simulated) {
    throw refuse('policy_simulated_only', { key }, { field: 'policy' });
  }
  return policy;
}

async function choosePack(trx: Trx, key: string, pool: Pool): Promise<RulePack> {
  const chosen = await chosenPack(trx, key);
  const newest = await newestPack(trx, key);
  if (chosen === undefined || newest === undefined) {
    throw refuse('pack_not_chosen', { key }, { field: 'pack' });
  }
  const pack = parsePack(newest.definition);
  if (pack.needsSignOff && (chosen.signed_off_by === null || chosen.signed_off_at === null)) {
    throw refuse('pack_not_signed_off', { key }, { field: 'pack' });
  }
  if (pool.simulated) return pack;
  if (pack.simulatedOnly) {
    throw refuse('pack_simulated_only', { key }, { field: 'pack' });
  }
  // The gate would refuse every single dial of the batch.
  const prefixes = pack.callerIdPrefixes;
  if (prefixes.length > 0 && !prefixes.some((prefix) => pool.from_number.startsWith(prefix))) {
    throw refuse('caller_id', { pool: pool.key, prefixes: prefixes.join(', '), key }, { field: 'pack' });
  }
  return pack;
}

/**
 * One country's pack says nothing about another's people, and a person without any known zone has no legal hour. Throws
 * `OperationRefused`.
 */
export async function requirePeopleOf(trx: Trx, importId: string, pack: RulePack): Promise<void> {
  const rows = await countriesOfImport(trx, importId);
  if (rows.length === 0) {
    throw refuse('import_empty', {}, { field: 'import_id' });
  }
  const foreign = rows.filter(({ country }) => pack.country !== null && country !== pack.country);
  if (foreign.length > 0) {
    const names = foreign.map(({ country }) => country).join(', ');
    throw refuse(
      'pack_of_other_country',
      { key: pack.key, country: pack.country ?? '', countries: names },
      { field: 'pack' },
    );
  }
  for (const { country, zoneless } of rows) {
    if (zoneless && !hasZones(country)) {
      throw refuse('zone_unknown', { country }, { field: 'import_id' });
    }
  }
}

function hasZones(country: string): boolean {
  try {
    return zonesOf(country, null).length > 0;
  } catch {
    return false;
  }
}
