import { sql } from 'kysely';
import { until } from './live-world.ts';
import type { World } from './world.ts';

/** That many transactions of this world's database wait for a lock. */
export async function untilBlocked({ owner }: Pick<World, 'owner'>, many = 1): Promise<void> {
  await until('transactions that wait for a lock', async () => {
    const { rows } = await sql<{ blocked: bigint }>`
      select count(*) as blocked from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`.execute(owner);
    return Number(rows[0]?.blocked ?? 0) >= many;
  });
}
