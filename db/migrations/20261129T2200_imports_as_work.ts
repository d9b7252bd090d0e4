import { type Kysely, sql } from 'kysely';

/** An import is work of its own: its row is there from the transfer on, and says how far it has come. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table core.import
      add column state text not null default 'stored'
        check (state in ('waiting', 'reading', 'stored', 'failed', 'cancelled')),
      -- Asked for although the same bytes had been imported before.
      add column again boolean not null default false,
      -- What the operator said with the file.
      add column settings jsonb not null default '{}',
      add column actor text not null default 'unknown',
      add column bytes bigint not null default 0,
      add column rows_stored integer not null default 0,
      add column problems_omitted integer not null default 0,
      -- How the file was understood; null for imports of before.
      add column reading jsonb,
      -- Why the file could not be taken: code and words.
      add column failure jsonb,
      -- When a worker took it last. One whose workflow somebody has terminated must not keep its account's place for ever.
      add column claimed_at timestamptz,
      add column ended_at timestamptz,
      alter column use_case drop not null,
      alter column rows_read set default 0,
      alter column rows_good set default 0,
      alter column rows_refused set default 0,
      alter column contacts set default 0`.execute(db);
  await sql`
    update core.import i
       set rows_stored = rows_good, ended_at = created_at,
           again = exists (select from core.import b
                            where b.account_id = i.account_id and b.sha256 = i.sha256
                              and (b.created_at, b.id) < (i.created_at, i.id))`.execute(db);
  await sql`
    alter table core.import
      alter column state set default 'waiting',
      add check ((ended_at is null) = (state in ('waiting', 'reading'))),
      add check (state <> 'stored' or use_case is not null)`.execute(db);
  // The database itself refuses the same bytes twice: at once, after a lost answer, and after a kill.
  await sql`
    create unique index import_once on core.import (account_id, sha256)
     where not again and state in ('waiting', 'reading', 'stored')`.execute(db);
  await sql`
    create unique index import_under_way on core.import (account_id, sha256) where state in ('waiting', 'reading')`.execute(
    db,
  );
  await sql`create index import_newest on core.import (account_id, created_at desc, id desc)`.execute(db);
  await outbox(db);
  // The relay finds an import's workflow by it, and sees no name of a file.
  await sql`create policy system_work on core.import to tandas_system using (true) with check (true)`.execute(
    db,
  );
  await sql`grant select (id, account_id, state) on core.import to tandas_system`.execute(db);
}

/** A row may be for an import. */
async function outbox(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operation.outbox add column import_id uuid`.execute(db);
  const { rows } = await sql<{ name: string }>`
    select conname as name from pg_constraint
     where conrelid = 'operation.outbox'::regclass and contype = 'c'
       and pg_get_constraintdef(oid) like '%num_nonnulls%'`.execute(db);
  for (const { name } of rows) {
    await sql`alter table operation.outbox drop constraint ${sql.id(name)}`.execute(db);
  }
  await sql`
    alter table operation.outbox
      add constraint outbox_receiver check (num_nonnulls(contact_id, batch_id, import_id) = 1)`.execute(db);
  await sql`drop index operation.outbox_lane`.execute(db);
  await sql`
    create index outbox_lane on operation.outbox ((coalesce(contact_id, batch_id, import_id)), seq)
     where delivered_at is null and dead_at is null`.execute(db);
}
