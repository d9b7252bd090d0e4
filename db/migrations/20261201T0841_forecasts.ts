import { type Kysely, sql } from 'kysely';

/** Forecasts that were asked for by HTTP: lived in a thread of the API, and kept for whoever asked. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table operation.forecast (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      terms jsonb not null,
      state text not null default 'running' check (state in ('running', 'done', 'failed')),
      result jsonb,
      failure text check (failure ~ '^[a-z_]{1,40}$'),
      created_by text not null,
      created_at timestamptz not null default clock_timestamp(),
      ended_at timestamptz,
      check ((state = 'running') = (ended_at is null)),
      check ((state = 'done') = (result is not null)),
      check ((state = 'failed') = (failure is not null))
    )`.execute(db);
  await sql`create index forecast_newest on operation.forecast (account_id, created_at desc, id desc)`.execute(
    db,
  );
  await sql`alter table operation.forecast enable row level security`.execute(db);
  await sql`alter table operation.forecast force row level security`.execute(db);
  await sql`
    create policy own_account on operation.forecast to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select, insert, update (state, result, failure, ended_at) on operation.forecast to tandas_app`.execute(
    db,
  );
  await sql`
    create policy expired_rehearsal on operation.forecast to current_user
    using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
    db,
  );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('operation.link_click', 'true'), ";
  const text = before.replace(next, `('operation.forecast', 'true'), ${next}`);
  if (text === before)
    throw new Error('operation.remove_rehearsal_account does not name operation.link_click');
  await sql.raw(text).execute(db);
}
