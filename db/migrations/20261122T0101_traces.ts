import { type Kysely, sql } from 'kysely';

/** Where a piece of work came from (W3C traceparent), so that one trace reaches from the upload to the last settlement. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['core.import', 'core.batch']) {
    await sql`alter table ${sql.table(table)} add column traceparent text check (length(traceparent) = 55)`.execute(
      db,
    );
  }
}
