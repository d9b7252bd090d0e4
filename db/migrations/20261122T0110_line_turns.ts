import { type Kysely, sql } from 'kysely';

/**
 * Who is next, without reading who is not: a hundred thousand people who wait for tomorrow, for a batch that is
 * paused, or behind the first of their own batch, must cost a round nothing.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index line_request_due on core.line_request (batch_id, priority, eligible_at, id)
            where state = 'waiting'`.execute(db);
  await sql`create index line_request_suspended on core.line_request (batch_id, priority, eligible_at, id)
            where state = 'suspended'`.execute(db);
  await sql`create index batch_running on core.batch (pool_id) where state = 'running'`.execute(db);
}
