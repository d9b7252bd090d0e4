import { type Kysely, sql } from 'kysely';

/** Lines (who may dial now) and the double-entry ledger (what it costs). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await lines(db);
  await ledger(db);
}

async function lines(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.line_pool (
      pool_id uuid primary key references catalogue.pool,
      capacity integer not null check (capacity >= 0),
      calls_per_second numeric not null check (calls_per_second > 0),
      -- The next instant at which a grant respects calls per second.
      next_grant_at timestamptz not null default now(),
      -- Goes up with every lease: a worker that held line 3 yesterday cannot speak for line 3 today.
      fence bigint not null default 0
    )`.execute(db);
  await sql`
    create table core.line_request (
      -- Built from the contact's state, so that a repeated request is the same request.
      id text primary key,
      account_id uuid not null references catalogue.account,
      pool_id uuid not null references core.line_pool,
      batch_id uuid not null references core.batch,
      contact_id uuid not null references core.contact,
      workflow_id text not null,
      wave_key text not null,
      -- 0: retries and reschedules; 1: first calls.
      priority smallint not null check (priority in (0, 1)),
      eligible_at timestamptz not null,
      deadline_at timestamptz not null check (deadline_at > eligible_at),
      state text not null default 'waiting'
        check (state in ('waiting', 'suspended', 'granted', 'withdrawn', 'missed')),
      created_at timestamptz not null default now()
    ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)`.execute(db);
  await sql`create index line_request_turn on core.line_request (pool_id, account_id, priority, eligible_at, id)
            where state in ('waiting', 'suspended')`.execute(db);
  await sql`create index line_request_contact on core.line_request (account_id, contact_id)`.execute(db);
  await sql`
    create table core.ledger_hold (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      request_id text not null unique references core.line_request,
      unit text not null check (unit in ('USD', 'SEC')),
      rate_micros_per_minute bigint not null,
      plan text not null check (plan in ('unlimited', 'minutes_based', 'credit_based')),
      amount_micros bigint not null check (amount_micros >= 0),
      posted_micros bigint,
      state text not null default 'pending' check (state in ('pending', 'posted', 'voided', 'expired')),
      created_at timestamptz not null default now(),
      resolved_at timestamptz,
      check ((state = 'pending') = (resolved_at is null))
    )`.execute(db);
  await sql`
    create table core.line_lease (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      pool_id uuid not null references core.line_pool,
      line_no integer not null check (line_no > 0),
      fence bigint not null,
      request_id text not null unique references core.line_request,
      contact_id uuid not null references core.contact,
      hold_id uuid not null references core.ledger_hold,
      attempt_id uuid,
      granted_at timestamptz not null default now(),
      expires_at timestamptz not null,
      released_at timestamptz,
      release_reason text,
      check ((released_at is null) = (release_reason is null))
    ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)`.execute(db);
  // The database itself refuses two open leases of one line.
  await sql`create unique index line_lease_line on core.line_lease (pool_id, line_no) where released_at is null`.execute(
    db,
  );
  await sql`create index line_lease_held on core.line_lease (account_id) where released_at is null`.execute(
    db,
  );
}

async function ledger(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.ledger_account (
      account_id uuid not null references catalogue.account,
      unit text not null check (unit in ('USD', 'SEC')),
      -- funding: the outside world. available + held: what the customer has. consumed: what calls took.
      kind text not null check (kind in ('funding', 'available', 'held', 'consumed')),
      balance_micros bigint not null default 0,
      primary key (account_id, unit, kind),
      check (kind <> 'held' or balance_micros >= 0)
    ) with (fillfactor = 50)`.execute(db);
  await sql`
    create table core.ledger_transaction (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      kind text not null check (kind in ('top_up', 'hold', 'post', 'void', 'expire', 'true_up')),
      -- What it is about: a hold id, a top-up's own key. With the kind, the idempotency key.
      reference text not null,
      detail jsonb not null default '{}',
      created_at timestamptz not null default now(),
      unique (account_id, kind, reference)
    )`.execute(db);
  await sql`
    create table core.ledger_entry (
      id bigint generated always as identity primary key,
      account_id uuid not null,
      transaction_id uuid not null references core.ledger_transaction,
      unit text not null,
      kind text not null,
      amount_micros bigint not null check (amount_micros <> 0),
      foreign key (account_id, unit, kind) references core.ledger_account
    )`.execute(db);
  await sql`create index ledger_entry_transaction on core.ledger_entry (transaction_id)`.execute(db);
  await sql`
    create function core.ledger_entries_sum_to_zero() returns trigger language plpgsql as $$
    declare difference numeric;
    begin
      select coalesce(sum(amount_micros), 0) into difference
        from core.ledger_entry where transaction_id = new.transaction_id and unit = new.unit;
      if difference <> 0 then
        raise exception 'ledger transaction % is off by % micro-units', new.transaction_id, difference;
      end if;
      return null;
    end $$`.execute(db);
  await sql`
    create constraint trigger ledger_entry_balanced after insert on core.ledger_entry
    deferrable initially deferred for each row execute function core.ledger_entries_sum_to_zero()`.execute(
    db,
  );
}
