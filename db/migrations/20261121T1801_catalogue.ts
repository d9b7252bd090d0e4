import { type Kysely, sql } from 'kysely';

/** Catalogue: who the customers are, and the rules, prices and line pools that they are worked with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalogue.account (
      id uuid primary key default gen_random_uuid(),
      slug text not null unique check (slug ~ '^[a-z0-9-]{2,40}$'),
      name text not null,
      country text not null check (country ~ '^[A-Z]{2}$'),
      zone text not null,
      debt_currency text not null check (debt_currency ~ '^[A-Z]{3}$'),
      plan text not null check (plan in ('unlimited', 'minutes_based', 'credit_based')),
      -- Most lines that this account may hold at once; null: the pool's own limit only.
      max_lines integer check (max_lines > 0),
      -- Share of slot time against other accounts that wait.
      weight numeric not null default 1 check (weight > 0),
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table catalogue.api_key (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      -- SHA-256 of the key: the key itself is shown once and never stored.
      key_hash text not null unique,
      label text not null,
      role text not null check (role in ('account', 'administrator')),
      created_at timestamptz not null default now(),
      revoked_at timestamptz
    )`.execute(db);
  await sql`
    create table catalogue.creditor (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      name text not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`create unique index creditor_name on catalogue.creditor (account_id, lower(name))`.execute(db);
  // Built-in definitions are mirrored from code at boot, so that a report in SQL can join them.
  await sql`
    create table catalogue.use_case (
      key text primary key,
      definition jsonb not null,
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table catalogue.policy_version (
      key text not null,
      version integer not null check (version > 0),
      definition jsonb not null,
      created_at timestamptz not null default now(),
      primary key (key, version)
    )`.execute(db);
  await sql`
    create table catalogue.rule_pack_version (
      key text not null,
      version integer not null check (version > 0),
      definition jsonb not null,
      source text not null,
      confidence text not null check (confidence in ('high', 'medium', 'low', 'none')),
      created_at timestamptz not null default now(),
      primary key (key, version)
    )`.execute(db);
  // A pack is an account's own choice; one that is looser than the law's strict reading carries a sign-off.
  await sql`
    create table catalogue.account_rule_pack (
      account_id uuid not null references catalogue.account,
      pack_key text not null,
      signed_off_by text,
      signed_off_at timestamptz,
      created_at timestamptz not null default now(),
      primary key (account_id, pack_key)
    )`.execute(db);
  await sql`
    create table catalogue.tariff (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      plan text not null check (plan in ('unlimited', 'minutes_based', 'credit_based')),
      -- Micro-units of the unit per minute of call. 0 under minutes_based (seconds are taken) and unlimited.
      rate_micros_per_minute bigint not null check (rate_micros_per_minute >= 0),
      unit text not null check (unit in ('USD', 'SEC')),
      effective_from timestamptz not null default now()
    )`.execute(db);
  await sql`create index tariff_account on catalogue.tariff (account_id, effective_from desc)`.execute(db);
  await sql`
    create table catalogue.pool (
      id uuid primary key default gen_random_uuid(),
      key text not null unique,
      provider text not null check (provider in ('retell')),
      -- A provider that rings nobody. Only such a pool takes batches under the 'demo' pack.
      simulated boolean not null,
      -- Lines of rehearsals: no dialer works on them, and live batches do not use them.
      rehearsal boolean not null default false,
      from_number text not null,
      agent_id text not null,
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table catalogue.account_pool (
      account_id uuid not null references catalogue.account,
      pool_id uuid not null references catalogue.pool,
      primary key (account_id, pool_id)
    )`.execute(db);
}
