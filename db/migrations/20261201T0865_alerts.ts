import { type Kysely, sql } from 'kysely';

/** What an account is told without being asked: figures and ids, nobody's name. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table operation.alert (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      kind text not null,
      -- Id of what it is about.
      subject text not null,
      detail jsonb not null,
      raised_at timestamptz not null default clock_timestamp(),
      -- Null: it is so now.
      ended_at timestamptz
    )`.execute(db);
  await sql`
    create unique index alert_open on operation.alert (account_id, kind, subject) where ended_at is null`.execute(
    db,
  );
  await sql`create index alert_subject on operation.alert (account_id, kind, subject, ended_at)`.execute(db);
  await sql`create index alert_newest on operation.alert (account_id, raised_at desc, id desc)`.execute(db);
  await sql`alter table operation.alert enable row level security`.execute(db);
  await sql`alter table operation.alert force row level security`.execute(db);
  await sql`
    create policy own_account on operation.alert to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select, insert, update on operation.alert to tandas_app`.execute(db);
  await sql`create policy system_work on operation.alert for select to tandas_system using (true)`.execute(
    db,
  );
  await sql`grant select (account_id, ended_at) on operation.alert to tandas_system`.execute(db);
  await removedWithRehearsals(db);
}

async function removedWithRehearsals(db: Kysely<unknown>): Promise<void> {
  await sql`
    create policy expired_rehearsal on operation.alert to current_user
    using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
    db,
  );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('operation.event', 'true'), ";
  const text = before.replace(next, `('operation.alert', 'true'), ${next}`);
  if (text === before) throw new Error('operation.remove_rehearsal_account does not name operation.event');
  await sql.raw(text).execute(db);
}
