import { createDatabase, type Database } from '../../../db/client.ts';
import { registerCatalogue } from '../../../domain/accounts/queries-catalogue.ts';
import { ensurePool, type PoolSettings } from '../../../domain/lines/queries-pools.ts';
import { createTestDatabase } from '../../../test/support/postgres.ts';

/** A world without Temporal: catalogue and one pool in a database of its own. */
export interface DatabaseWorld {
  readonly url: string;
  readonly app: Database;
  readonly system: Database;
  readonly owner: Database;
  readonly poolId: string;
  close(): Promise<void>;
}

export async function createDatabaseWorld(pool: Partial<PoolSettings> = {}): Promise<DatabaseWorld> {
  const database = await createTestDatabase();
  const { url } = database;
  const owner = createDatabase({ url, maxConnections: 2 });
  // As many connections as worker.ts gives them.
  const app = createDatabase({ url, role: 'tandas_app', maxConnections: 20 });
  const system = createDatabase({ url, role: 'tandas_system', maxConnections: 6 });
  await registerCatalogue(owner);
  const poolId = await ensurePool(owner, {
    key: 'bench',
    simulated: true,
    fromNumber: '+566001234567',
    agentId: 'agent_bench',
    capacity: 10,
    callsPerSecond: 1_000,
    ...pool,
  });
  return {
    url,
    app,
    system,
    owner,
    poolId,
    async close() {
      await Promise.all([app.destroy(), system.destroy(), owner.destroy()]);
      await database.drop();
    },
  };
}
