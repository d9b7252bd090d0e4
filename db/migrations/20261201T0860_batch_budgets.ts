import { type Kysely, sql } from 'kysely';

/**
 * What a batch may cost at most. Held and spent are counted here, for summing up the holds of a batch would be asked in each
 * round of the dispatcher. A batch without a row has no bound, and nothing is written for it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.batch_budget (
      batch_id uuid primary key references core.batch,
      account_id uuid not null references catalogue.account,
      unit text not null check (unit in ('USD', 'SEC')),
      -- Null: it was lifted. The counts go on, for it may be set again.
      limit_micros bigint check (limit_micros >= 0),
      held_micros bigint not null check (held_micros >= 0),
      -- Below zero never in sum, but a difference that is given back may come before what it belongs to.
      spent_micros bigint not null,
      set_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`alter table core.batch_budget enable row level security`.execute(db);
  await sql`alter table core.batch_budget force row level security`.execute(db);
  await sql`
    create policy own_account on core.batch_budget to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`create policy system_work on core.batch_budget to tandas_system using (true) with check (true)`.execute(
    db,
  );
  await sql`grant select, insert, update on core.batch_budget to tandas_app`.execute(db);
  await sql`grant select, update on core.batch_budget to tandas_system`.execute(db);
  // Why a turn waits: what its reason says when its time is over, and what resumes it.
  await sql`
    alter table core.line_request add column suspended_for text check (suspended_for in ('credit', 'budget'))`.execute(
    db,
  );
  await removedWithRehearsals(db);
}

async function removedWithRehearsals(db: Kysely<unknown>): Promise<void> {
  await sql`
    create policy expired_rehearsal on core.batch_budget to current_user
    using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
    db,
  );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('core.batch', 'true')";
  const text = before.replace(next, `('core.batch_budget', 'true'), ${next}`);
  if (text === before) throw new Error('operation.remove_rehearsal_account does not name core.batch');
  await sql.raw(text).execute(db);
}
