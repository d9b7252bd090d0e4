import { type Kysely, sql } from 'kysely';

/** What those who watch the processes read: which migrations there were, and deliveries that were given up. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // A process whose release is newer than its database must be able to say so.
  await sql`grant select on public.kysely_migration to tandas_app, tandas_system`.execute(db);
  // Counted at every scrape: few rows, among all that were ever delivered.
  await sql`
    create index webhook_delivery_dead on operation.webhook_delivery (died_at) where state = 'dead'`.execute(
    db,
  );
}
