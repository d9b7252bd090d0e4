import { type Kysely, sql } from 'kysely';

/**
 * Addresses of people by channel, beside their phones: what a file names is kept, and is written to only by a channel
 * that is there. Verified and closed are instants: an address that bounced or was opted out of stays, closed.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.person_address (
      account_id uuid not null references catalogue.account,
      person_id uuid not null references core.person,
      channel text not null check (channel in ('email')),
      value text not null check (length(value) between 3 and 320),
      verified_at timestamptz,
      closed_at timestamptz,
      created_at timestamptz not null default now(),
      primary key (account_id, person_id, channel, value)
    )`.execute(db);
  // Whose address it is: two people may share one.
  await sql`create index person_address_value on core.person_address (account_id, channel, value)`.execute(
    db,
  );
  await sql`create index person_address_person on core.person_address (person_id)`.execute(db);
  await sql`alter table core.person_address enable row level security`.execute(db);
  await sql`alter table core.person_address force row level security`.execute(db);
  await sql`
    create policy own_account on core.person_address to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select, insert, update on core.person_address to tandas_app`.execute(db);
  await sql`alter table core.import_row add column email text`.execute(db);
}
