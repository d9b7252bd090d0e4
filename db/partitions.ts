import { sql } from 'kysely';
import type { Database } from './client.ts';

/** Makes the partitions of this month and the next ones; those that are there are left alone. */
export async function ensurePartitions(system: Database, monthsAhead: number): Promise<void> {
  await sql`select operation.ensure_partitions(now()::date, ${monthsAhead}::integer)`.execute(system);
}
