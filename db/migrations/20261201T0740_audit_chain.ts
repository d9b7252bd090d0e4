import { type Kysely, sql } from 'kysely';

/**
 * Audit rows are sealed into a chain for each account: each link is a hash of the one before it, of who did what to what
 * and when, and of the digest of the detail. The detail is hashed with a salt of its own, so that a detail which is
 * erased cannot be guessed from its digest.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // 122 random bits, without an extension. Volatile: each row that is there gets its own.
  await sql`
    alter table operation.audit add column salt bytea default uuid_send(gen_random_uuid())`.execute(db);
  // Rows come in the order of their instants: what was written a moment ago is found without reading the month.
  await sql`create index audit_at on operation.audit using brin (at) with (autosummarize = on)`.execute(db);
  await sql`create index audit_newest on operation.audit (account_id, id)`.execute(db);
  await sql`
    create table operation.audit_seal (
      account_id uuid not null references catalogue.account,
      no bigint not null check (no > 0),
      audit_id bigint not null,
      -- When the row was written: where it lies, and where the sealer goes on.
      at timestamptz not null,
      digest bytea not null check (length(digest) = 32),
      hash bytea not null check (length(hash) = 32),
      sealed_at timestamptz not null default clock_timestamp(),
      primary key (account_id, no),
      unique (account_id, audit_id)
    )`.execute(db);
  await sql`alter table operation.audit_seal enable row level security`.execute(db);
  await sql`alter table operation.audit_seal force row level security`.execute(db);
  await sql`
    create policy own_account on operation.audit_seal to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select, insert on operation.audit_seal to tandas_app`.execute(db);
  // The sealer sees across accounts that a row waits, and nothing of what it says.
  await sql`
    create policy system_work on operation.audit_seal for select to tandas_system using (true)`.execute(db);
  await sql`grant select (account_id, no, audit_id, at) on operation.audit_seal to tandas_system`.execute(db);
  await sql`create policy system_work on operation.audit for select to tandas_system using (true)`.execute(
    db,
  );
  await sql`grant select (id, account_id, at) on operation.audit to tandas_system`.execute(db);
}
