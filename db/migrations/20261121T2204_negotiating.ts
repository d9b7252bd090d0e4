import { type Kysely, sql } from 'kysely';

/**
 * A contact whose person has agreed to pay is neither waiting for a call nor closed. What a contact was told of a call's
 * end is kept as it was told: asked again, it is told the same.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table core.contact drop constraint contact_state_check`.execute(db);
  await sql`
    alter table core.contact add constraint contact_state_check
    check (state in ('planned', 'waiting', 'suspended', 'calling', 'negotiating', 'paused', 'closed'))`.execute(
    db,
  );
  await sql`alter table operation.call add column told jsonb`.execute(db);
  // Whoever brings a release writes what it ships: under forced row-level security the owner needs a policy as well.
  await sql`
    create policy shipped on catalogue.negotiation to current_user
    using (account_id is null) with check (account_id is null)`.execute(db);
}
