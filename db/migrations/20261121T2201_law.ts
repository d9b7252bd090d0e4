import { type Kysely, sql } from 'kysely';

/** The law grows: an editable calendar of holidays, and what counts against the limits of messages. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalogue.holiday (
      id uuid primary key default gen_random_uuid(),
      -- Null: for everybody. Those rows are the installation's own; an account edits its own.
      account_id uuid references catalogue.account,
      country text not null check (country ~ '^[A-Z]{2}$'),
      -- A region, province or commune as people's files spell it; null: the whole country.
      region text,
      day date not null,
      every_year boolean not null default false,
      name text not null check (btrim(name) <> ''),
      -- closed: a holiday that the library does not know. open: one that it lists and no law does.
      kind text not null check (kind in ('closed', 'open')),
      source text not null default '',
      created_by text not null,
      created_at timestamptz not null default clock_timestamp(),
      removed_by text,
      removed_at timestamptz,
      check ((removed_at is null) = (removed_by is null)),
      -- An account may add a day of rest, and not call on one that the law gives.
      check (account_id is null or kind = 'closed')
    )`.execute(db);
  await sql`create index holiday_country on catalogue.holiday (country, account_id) where removed_at is null`.execute(
    db,
  );
  // Which messages count against a person's limits: written by the gate under the person's lock, whatever sends them.
  await sql`
    create table core.person_message (
      id uuid primary key,
      account_id uuid not null references catalogue.account,
      person_id uuid not null references core.person,
      realm text not null,
      channel text not null check (channel in ('whatsapp', 'sms', 'email')),
      counted_at timestamptz not null,
      -- The person asked for it on a call: in the register, and against no limit.
      requested boolean not null,
      -- Proven not to have been sent.
      undone_at timestamptz
    )`.execute(db);
  await sql`create index person_message_person on core.person_message (account_id, person_id, realm, counted_at)`.execute(
    db,
  );
  // A limit that is counted by phone looks at other people's calls to it.
  await sql`create index attempt_phone on operation.attempt (account_id, phone_id, attempted_at)`.execute(db);
  await sql`create index phone_number on core.phone (account_id, e164)`.execute(db);

  for (const table of ['catalogue.holiday', 'core.person_message']) {
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
    await sql`alter table ${sql.table(table)} force row level security`.execute(db);
    await sql`
      create policy own_account on ${sql.table(table)} to tandas_app
      using (account_id = (select core.current_account()))
      with check (account_id = (select core.current_account()))`.execute(db);
    await sql`grant select, insert, update on ${sql.table(table)} to tandas_app`.execute(db);
  }
  await sql`
    create policy everybodys on catalogue.holiday for select to tandas_app using (account_id is null)`.execute(
    db,
  );
  // The installation's own rows are edited by whoever migrates it, who need not be a superuser.
  await sql`
    create policy installation on catalogue.holiday to current_user
    using (account_id is null) with check (account_id is null)`.execute(db);
}
