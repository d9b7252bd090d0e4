import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema/schema.ts';

export interface PoolSettings {
  readonly key: string;
  /** A provider that rings nobody. */
  readonly simulated: boolean;
  /** Lines of rehearsals, which no dispatcher works on. Default: false. */
  readonly rehearsal?: boolean;
  readonly fromNumber: string;
  readonly agentId: string;
  /** Concurrent calls at the provider. */
  readonly capacity: number;
  readonly callsPerSecond: number;
}

/** Key of the pool that rehearsals use. */
export const REHEARSAL_POOL = 'rehearsal';

/** Makes a line pool, or brings its settings up to date. As the owner: no role of ours may change capacity. */
export async function ensurePool(owner: Kysely<Schema>, pool: PoolSettings): Promise<string> {
  const values = {
    key: pool.key,
    provider: 'retell' as const,
    simulated: pool.simulated,
    rehearsal: pool.rehearsal ?? false,
    from_number: pool.fromNumber,
    agent_id: pool.agentId,
  };
  const { id } = await owner
    .insertInto('catalogue.pool')
    .values(values)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(values))
    .returning('id')
    .executeTakeFirstOrThrow();
  const calls_per_second = String(pool.callsPerSecond);
  await owner
    .insertInto('core.line_pool')
    .values({ pool_id: id, capacity: pool.capacity, calls_per_second, next_grant_at: sql<Date>`now()` })
    .onConflict((conflict) =>
      conflict.column('pool_id').doUpdateSet({ capacity: pool.capacity, calls_per_second }),
    )
    .execute();
  return id;
}
