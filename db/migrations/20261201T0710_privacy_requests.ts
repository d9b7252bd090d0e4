import { type Kysely, sql } from 'kysely';

/** What people ask of their data (Ley 21.719), with the clock that each of these requests has. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.privacy_request (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      kind text not null
        check (kind in ('access', 'rectification', 'deletion', 'opposition', 'portability', 'blocking')),
      channel text not null
        check (channel in ('letter', 'email', 'phone', 'whatsapp', 'web', 'in_person', 'other')),
      -- The account's own number of it: the same one again is the same request.
      own_id text,
      national_id text not null,
      -- Null: the account has nobody of this id, or had not when it came.
      person_id uuid references core.person,
      details text not null,
      received_at timestamptz not null,
      -- The first instant that is too late.
      due_at timestamptz not null,
      extended_at timestamptz,
      extension_reason text,
      answered_at timestamptz,
      answer text check (answer in ('granted', 'refused')),
      answer_text text,
      -- When somebody was told that it is late.
      overdue_told_at timestamptz,
      created_by text not null,
      created_at timestamptz not null default clock_timestamp(),
      unique (account_id, own_id),
      check (due_at > received_at),
      check ((extended_at is null) = (extension_reason is null)),
      check (extended_at is null or kind <> 'blocking'),
      check ((answered_at is null) = (answer is null) and (answered_at is null) = (answer_text is null))
    )`.execute(db);
  await sql`
    create index privacy_request_newest on core.privacy_request (account_id, received_at, id)`.execute(db);
  await sql`
    create index privacy_request_open on core.privacy_request (account_id, due_at, id)
     where answered_at is null`.execute(db);
  // A person who comes with a later file is blocked by the request that waits for them.
  await sql`
    create index privacy_request_unmet on core.privacy_request (account_id, national_id)
     where person_id is null`.execute(db);
  await sql`create index privacy_request_person on core.privacy_request (account_id, person_id)`.execute(db);
  await protect(db);
  await sql`alter table operation.task drop constraint task_kind_check`.execute(db);
  await sql`
    alter table operation.task add constraint task_kind_check check (kind in
      ('verify_payment', 'dispute', 'hardship', 'legal', 'broken_promise', 'person_asked', 'payment_reversed',
       'privacy_request'))`.execute(db);
}

async function protect(db: Kysely<unknown>): Promise<void> {
  await sql`alter table core.privacy_request enable row level security`.execute(db);
  await sql`alter table core.privacy_request force row level security`.execute(db);
  await sql`
    create policy own_account on core.privacy_request to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select, insert, update on core.privacy_request to tandas_app`.execute(db);
  // Metrics and the clock see that something is late, and nobody's id.
  await sql`
    create policy system_work on core.privacy_request to tandas_system using (true) with check (true)`.execute(
    db,
  );
  await sql`
    grant select (id, account_id, kind, due_at, answered_at, overdue_told_at)
       on core.privacy_request to tandas_system`.execute(db);
  await sql`
    create policy expired_rehearsal on core.privacy_request to current_user
    using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
    db,
  );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('core.person_message', 'true'), ";
  const text = before.replace(next, `('core.privacy_request', 'true'), ${next}`);
  if (text === before)
    throw new Error('operation.remove_rehearsal_account does not name core.person_message');
  await sql.raw(text).execute(db);
}
