import { simulatedPool } from './queries.ts';
import { createDatabase, type Database } from '../../db/client.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { registerCatalogue } from './queries-catalogue.ts';
import { ensurePool, type PoolSettings, REHEARSAL_POOL } from '../lines/queries-pools.ts';

export interface SetUp {
  /** Migrations that ran. */
  readonly migrations: readonly string[];
  readonly poolId: string;
}

/** Brings a database to this release: schema, catalogue and the line pool of the voice provider. Safe to repeat. */
export async function setUp(databaseUrl: string, pool: PoolSettings): Promise<SetUp> {
  const migrations = await migrateToLatest(databaseUrl);
  const owner = createDatabase({ url: databaseUrl, maxConnections: 2 });
  try {
    await registerCatalogue(owner);
    await ensurePool(owner, rehearsalPool);
    return { migrations, poolId: (await keptPool(owner, pool)) ?? (await ensurePool(owner, pool)) };
  } finally {
    await owner.destroy();
  }
}

/**
 * An environment that names no provider says nothing about the lines: a local stack's simulated pool, migrated by hand, must
 * not become one that rings.
 */
async function keptPool(owner: Database, pool: PoolSettings): Promise<string | undefined> {
  if (pool.simulated || pool.agentId !== NO_AGENT) return undefined;
  return simulatedPool(owner, pool.key);
}

/** What stands for an agent until somebody names one. */
const NO_AGENT = 'agent_not_configured';

/**
 * The lines of every rehearsal: more than anybody needs, because contacts live side by side in real time and days apart in
 * their own. What lines do to a batch is the forecast's to say.
 */
const rehearsalPool: PoolSettings = {
  key: REHEARSAL_POOL,
  simulated: true,
  rehearsal: true,
  fromNumber: '+566000000000',
  agentId: 'agent_rehearsal',
  capacity: 2_000,
  callsPerSecond: 100_000,
};

/** Lines that Retell gives a workspace before more are bought; our own limit on calls per second is cautious. */
const defaultLines = 20;
const defaultCallsPerSecond = 1;

/**
 * The pool of the voice provider that the environment names. `VOICE_SIMULATED=true` says that it rings nobody: only
 * then may a batch run under the demo pack, so it is believed only of an address on this machine.
 */
export function readPoolSettings(env: NodeJS.ProcessEnv): PoolSettings {
  const simulated = env['VOICE_SIMULATED'] === 'true';
  if (simulated && !isLoopback(env['RETELL_BASE_URL'])) {
    throw new Error('VOICE_SIMULATED is true, but RETELL_BASE_URL names no address of this machine');
  }
  return {
    key: env['LINE_POOL'] ?? 'retell',
    simulated,
    fromNumber: env['RETELL_FROM_NUMBER'] ?? '+566001234567',
    agentId: env['RETELL_AGENT_ID'] ?? NO_AGENT,
    capacity: positive(env, 'LINES', defaultLines),
    callsPerSecond: positive(env, 'CALLS_PER_SECOND', defaultCallsPerSecond),
  };
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const { hostname } = new URL(address);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

function positive(env: NodeJS.ProcessEnv, name: string, byDefault: number): number {
  const text = env[name];
  if (text === undefined || text === '') return byDefault;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new Error(`${name} is "${text}": it should be a number above 0`);
  return value;
}
