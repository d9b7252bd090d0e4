import { type Kysely, sql } from 'kysely';

/**
 * Core: people, batches and contacts. `realm` is 'live', or 'sim:<id>' for a rehearsal whose rows never count
 * against a live limit.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.person (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      -- National id in its canonical spelling, else 'tel:' and the first phone.
      identity_key text not null,
      national_id text,
      name text not null,
      country text not null,
      region text,
      -- Null: unknown region; every zone of the country must allow a call.
      zone text,
      do_not_call_at timestamptz,
      created_at timestamptz not null default now(),
      unique (account_id, identity_key)
    )`.execute(db);
  await sql`
    create table core.phone (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      person_id uuid not null references core.person,
      e164 text not null check (e164 ~ '^\\+[1-9][0-9]{6,14}$'),
      position integer not null,
      invalid_at timestamptz,
      created_at timestamptz not null default now(),
      unique (account_id, person_id, e164)
    )`.execute(db);
  await sql`
    create table core.import (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      file_name text not null,
      sha256 text not null,
      use_case text not null,
      rows_read integer not null,
      rows_good integer not null,
      rows_refused integer not null,
      contacts integer not null,
      problems jsonb not null default '[]',
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index import_same_file on core.import (account_id, sha256)`.execute(db);
  await sql`
    create table core.import_row (
      account_id uuid not null references catalogue.account,
      import_id uuid not null references core.import on delete cascade,
      ordinal integer not null,
      sheet text not null,
      sheet_row integer not null,
      identity_key text not null,
      national_id text,
      name text not null,
      phones text[] not null,
      country text not null,
      region text,
      zone text,
      creditor text,
      amount_micros bigint check (amount_micros >= 0),
      currency text,
      due_date date,
      reference text,
      variables jsonb not null default '{}',
      primary key (import_id, ordinal)
    )`.execute(db);
  await sql`
    create table core.batch (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      name text not null,
      use_case text not null,
      policy_key text not null,
      policy_version integer not null,
      pack_key text not null,
      pack_version integer not null,
      pool_id uuid not null references catalogue.pool,
      import_id uuid references core.import,
      state text not null default 'running' check (state in ('running', 'paused', 'cancelled', 'finished')),
      realm text not null default 'live',
      -- At most this many different people are called on one local day.
      group_size integer not null check (group_size > 0),
      zone text not null,
      created_at timestamptz not null default now(),
      finished_at timestamptz,
      foreign key (policy_key, policy_version) references catalogue.policy_version,
      foreign key (pack_key, pack_version) references catalogue.rule_pack_version
    )`.execute(db);
  await sql`create index batch_account on core.batch (account_id, created_at desc)`.execute(db);
  // One batch an import: the same rows must not become a second round of calls by a repeated request.
  await sql`create unique index batch_import on core.batch (import_id) where realm = 'live'`.execute(db);
  await sql`
    create table core.contact (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      batch_id uuid not null references core.batch,
      person_id uuid not null references core.person,
      ordinal integer not null,
      state text not null default 'planned'
        check (state in ('planned', 'waiting', 'suspended', 'calling', 'paused', 'closed')),
      outcome text,
      -- One line in words: what this contact waits for now.
      waiting_for text not null default 'Espera su grupo del día',
      next_at timestamptz,
      attempts integer not null default 0,
      -- Each retry by hand of a closed contact is a new run.
      run integer not null default 1,
      variables jsonb not null default '{}',
      opened_at timestamptz,
      closed_at timestamptz,
      created_at timestamptz not null default now(),
      unique (batch_id, person_id),
      check ((state = 'closed') = (closed_at is not null)),
      check ((state = 'closed') = (outcome is not null))
    ) with (fillfactor = 70)`.execute(db);
  await sql`create index contact_list on core.contact (account_id, batch_id, ordinal)`.execute(db);
  await sql`create index contact_planned on core.contact (batch_id, ordinal) where state = 'planned'`.execute(
    db,
  );
  await sql`create index contact_open on core.contact (batch_id) where state <> 'closed'`.execute(db);
  await sql`create index contact_person on core.contact (account_id, person_id)`.execute(db);
  await sql`
    create table core.debt (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      person_id uuid not null references core.person,
      contact_id uuid not null references core.contact,
      creditor_id uuid not null references catalogue.creditor,
      amount_micros bigint not null check (amount_micros >= 0),
      currency text not null,
      due_date date,
      reference text,
      sheet_row integer,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index debt_contact on core.debt (account_id, contact_id)`.execute(db);
  // Counters are projections of operation.attempt, kept to be locked: two batches, two debts or two phones of one
  // person meet at this row.
  await sql`
    create table core.person_day (
      account_id uuid not null references catalogue.account,
      person_id uuid not null references core.person,
      realm text not null,
      local_day date not null,
      dials integer not null default 0 check (dials >= 0),
      primary key (account_id, person_id, realm, local_day)
    )`.execute(db);
  await sql`
    create table core.phone_day (
      account_id uuid not null references catalogue.account,
      e164 text not null,
      realm text not null,
      local_day date not null,
      dials integer not null default 0 check (dials >= 0),
      primary key (account_id, e164, realm, local_day)
    )`.execute(db);
  await sql`
    create table core.person_state (
      account_id uuid not null references catalogue.account,
      person_id uuid not null references core.person,
      realm text not null,
      last_human_at timestamptz,
      primary key (account_id, person_id, realm)
    )`.execute(db);
}
