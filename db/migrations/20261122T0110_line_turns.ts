import { type Kysely, sql } from 'kysely';

/**
 * Who is next, without reading who is not: a hundred thousand people who wait for tomorrow, for a batch that is
 * paused, or behind the first of their own batch, must cost a round nothing.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index line_request_due on core.line_request (batch_id, priority, eligible_at, id)
            where state = 'waiting'`.execute(db);
  await sql`create index line_request_suspended on core.line_request (pool_id, batch_id, priority, eligible_at, id)
            where state = 'suspended'`.execute(db);
  // With both states in one index, a planner without fresh statistics read all who wait to find who is suspended, once
  // for each running batch.
  await sql`drop index core.line_request_turn`.execute(db);
  await sql`create index batch_running on core.batch (pool_id) where state = 'running'`.execute(db);
}
