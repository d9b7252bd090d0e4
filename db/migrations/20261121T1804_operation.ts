import { type Kysely, sql } from 'kysely';

/** Operation: what happened. Attempts, their events, refusals, raw webhooks and audit rows are append-only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table operation.attempt (
      id uuid primary key,
      account_id uuid not null references catalogue.account,
      batch_id uuid not null references core.batch,
      contact_id uuid not null references core.contact,
      person_id uuid not null references core.person,
      phone_id uuid not null references core.phone,
      lease_id uuid not null unique references core.line_lease,
      -- One dial a granted request: a second insert is a second dial, and fails here before it can ring.
      request_id text not null unique references core.line_request,
      wave_key text not null,
      number integer not null check (number > 0),
      rescheduled boolean not null,
      zone text not null,
      local_day date not null,
      attempted_at timestamptz not null,
      -- After this instant no POST is sent for this attempt.
      dial_deadline_at timestamptz not null,
      -- Only after this instant does "not found at the provider" mean "was never placed".
      absent_after_at timestamptz not null,
      realm text not null
    )`.execute(db);
  await sql`create index attempt_contact on operation.attempt (account_id, contact_id, attempted_at)`.execute(
    db,
  );
  await sql`create index attempt_person_day on operation.attempt (account_id, person_id, local_day)`.execute(
    db,
  );
  await sql`
    create table operation.attempt_event (
      id bigint generated always as identity primary key,
      account_id uuid not null references catalogue.account,
      attempt_id uuid not null references operation.attempt,
      kind text not null check (kind in ('placed', 'rejected', 'unknown', 'found', 'absent', 'ended', 'analysed')),
      detail jsonb not null default '{}',
      at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index attempt_event_attempt on operation.attempt_event (account_id, attempt_id)`.execute(
    db,
  );
  await sql`
    create table operation.refusal (
      id bigint generated always as identity primary key,
      account_id uuid not null references catalogue.account,
      batch_id uuid not null references core.batch,
      contact_id uuid not null references core.contact,
      request_id text,
      wave_key text not null,
      -- Machine word (outside_window, daily_limit, cool_down, no_line, no_credit, paused …) and the rule behind it.
      reason text not null,
      rule text not null,
      detail jsonb not null default '{}',
      at timestamptz not null,
      realm text not null,
      unique (request_id, reason)
    )`.execute(db);
  await sql`create index refusal_contact on operation.refusal (account_id, contact_id, at)`.execute(db);
  await sql`
    create table operation.call (
      attempt_id uuid primary key references operation.attempt,
      account_id uuid not null references catalogue.account,
      contact_id uuid not null references core.contact,
      pool_id uuid not null references core.line_pool,
      provider_call_id text unique,
      state text not null check (state in ('placing', 'placed', 'unknown', 'rejected', 'absent', 'ended')),
      outcome text,
      disconnection_reason text,
      rang boolean,
      human boolean,
      started_at timestamptz,
      ended_at timestamptz,
      duration_ms integer,
      summary text,
      sentiment text,
      successful boolean,
      in_voicemail boolean,
      captured jsonb,
      promise_date date,
      promise_micros bigint,
      billable_seconds integer,
      provider_cost_micros bigint,
      provider_cost_products jsonb,
      charged_micros bigint,
      charged_unit text,
      recording_url text,
      recording_multi_channel_url text,
      public_log_url text,
      transcript text,
      analysed_at timestamptz,
      signalled_at timestamptz,
      -- When the sweeper asks the provider, if nothing is heard before.
      check_at timestamptz,
      created_at timestamptz not null default clock_timestamp()
    ) with (fillfactor = 70)`.execute(db);
  await sql`create index call_contact on operation.call (account_id, contact_id)`.execute(db);
  await sql`create index call_to_check on operation.call (check_at) where check_at is not null`.execute(db);
  await sql`
    create table operation.provider_event (
      id bigint generated always as identity primary key,
      account_id uuid not null references catalogue.account,
      provider text not null,
      dedupe_key text not null,
      event text not null,
      provider_call_id text not null,
      body jsonb not null,
      received_at timestamptz not null default clock_timestamp(),
      unique (account_id, provider, dedupe_key)
    )`.execute(db);
  await sql`
    create table operation.outbox (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      workflow_id text not null,
      signal text not null,
      payload jsonb not null,
      created_at timestamptz not null default clock_timestamp(),
      delivered_at timestamptz,
      tries integer not null default 0,
      next_try_at timestamptz not null default clock_timestamp(),
      last_error text
    ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)`.execute(db);
  await sql`create index outbox_due on operation.outbox (next_try_at) where delivered_at is null`.execute(db);
  await sql`
    create table operation.audit (
      id bigint generated always as identity primary key,
      account_id uuid not null references catalogue.account,
      at timestamptz not null default clock_timestamp(),
      actor text not null,
      action text not null,
      subject text not null,
      detail jsonb not null default '{}'
    )`.execute(db);
  await sql`create index audit_subject on operation.audit (account_id, subject, at)`.execute(db);
  await sql`
    create table operation.idempotency_key (
      account_id uuid not null references catalogue.account,
      key text not null,
      -- Of method, path and body: the same key with another request is an error, not a replay.
      request_hash text not null,
      status integer,
      response jsonb,
      created_at timestamptz not null default now(),
      primary key (account_id, key)
    )`.execute(db);
}
