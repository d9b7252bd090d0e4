import { type Kysely, sql } from 'kysely';

/** Rehearsals: whose, of what, and what came of them. Their people and calls are rows of an account of their own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table operation.rehearsal (
      id uuid primary key,
      account_id uuid not null references catalogue.account,
      import_id uuid not null references core.import,
      -- Where it happens: nothing of it can count or cost anything here.
      rehearsal_account_id uuid not null references catalogue.account,
      batch_id uuid not null,
      seed text not null,
      policy text not null,
      pack text not null,
      negotiation text,
      starts_at timestamptz not null,
      contacts integer not null,
      state text not null default 'running' check (state in ('running', 'finished', 'failed')),
      failure text,
      report jsonb,
      created_at timestamptz not null default now(),
      finished_at timestamptz
    )`.execute(db);
  await sql`create index rehearsal_account on operation.rehearsal (account_id, created_at desc)`.execute(db);
  await sql`alter table operation.rehearsal enable row level security`.execute(db);
  await sql`alter table operation.rehearsal force row level security`.execute(db);
  await sql`
    create policy own_account on operation.rehearsal to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select, insert, update on operation.rehearsal to tandas_app`.execute(db);
}
