import { type Kysely, sql } from 'kysely';

/** A file of payments or removals is work of its own: its row says how far it has come, and what became of its rows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.table_file (
      id uuid primary key,
      account_id uuid not null references catalogue.account,
      kind text not null check (kind in ('payments', 'removals')),
      file_name text not null,
      sha256 text not null,
      actor text not null,
      state text not null default 'waiting' check (state in ('waiting', 'reading', 'done', 'failed')),
      bytes bigint not null,
      bytes_read bigint not null default 0,
      -- Each row moves these in the transaction that does what it says: after a crash the file goes on behind them.
      rows_read integer not null default 0,
      rows_done integer not null default 0,
      rows_known integer not null default 0,
      rows_refused integer not null default 0,
      -- At most 1,000.
      problems jsonb not null default '[]',
      -- Why the file could not be taken: code and words.
      failure jsonb,
      claimed_at timestamptz,
      created_at timestamptz not null default clock_timestamp(),
      ended_at timestamptz,
      check (rows_read = rows_done + rows_known + rows_refused),
      check ((ended_at is null) = (state in ('waiting', 'reading')))
    )`.execute(db);
  // Read once it is over, a file that comes again is read again: who was unknown then may owe something now.
  await sql`
    create unique index table_file_under_way on core.table_file (account_id, kind, sha256)
     where state in ('waiting', 'reading')`.execute(db);
  await protect(db);
}

async function protect(db: Kysely<unknown>): Promise<void> {
  await sql`alter table core.table_file enable row level security`.execute(db);
  await sql`alter table core.table_file force row level security`.execute(db);
  await sql`
    create policy own_account on core.table_file to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select, insert, update on core.table_file to tandas_app`.execute(db);
  // The relay finds a file's workflow by it, and sees no name of a file.
  await sql`create policy system_work on core.table_file to tandas_system using (true) with check (true)`.execute(
    db,
  );
  await sql`grant select (id, account_id, state) on core.table_file to tandas_system`.execute(db);
  await sql`
    create policy expired_rehearsal on core.table_file to current_user
    using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
    db,
  );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('core.import_row', 'true'), ";
  const text = before.replace(next, `${next}('core.table_file', 'true'), `);
  if (text === before) throw new Error('operation.remove_rehearsal_account does not name core.import_row');
  await sql.raw(text).execute(db);
}
