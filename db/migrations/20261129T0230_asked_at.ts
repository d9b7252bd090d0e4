import { type Kysely, sql } from 'kysely';

/**
 * Where in its history a contact's workflow asked for a line. A task whose result was lost is taken again, and may decide
 * otherwise: by this the later step is known from the one that was lost.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table core.line_request add column temporal_run_id text, add column history_length int`.execute(
    db,
  );
}
