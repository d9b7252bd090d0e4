import { type Kysely, sql } from 'kysely';

/** What an account's own systems are told: events (append-only), the endpoints that want them, and each delivery. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalogue.webhook_endpoint (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      url text not null,
      description text not null default '',
      -- Empty: every type.
      event_types text[] not null default '{}',
      -- Sealed (docs/decisions/0008); the secret itself is shown once.
      secret_sealed text not null,
      -- After a rotation both secrets sign until this instant, so that the receiver can change over.
      previous_secret_sealed text,
      previous_until timestamptz,
      created_at timestamptz not null default now(),
      disabled_at timestamptz,
      check ((previous_secret_sealed is null) = (previous_until is null))
    )`.execute(db);
  await sql`create index webhook_endpoint_account on catalogue.webhook_endpoint (account_id)`.execute(db);
  await sql`
    create table operation.event (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      type text not null check (type ~ '^[a-z_]+\\.[a-z_]+$'),
      -- Id of what it is about: a contact, a call's attempt, a promise, a payment.
      subject text not null,
      occurred_at timestamptz not null,
      data jsonb not null,
      created_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index event_account on operation.event (account_id, created_at)`.execute(db);
  await sql`create index event_subject on operation.event (account_id, subject)`.execute(db);
  await sql`
    create table operation.webhook_delivery (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      event_id uuid not null references operation.event,
      endpoint_id uuid not null references catalogue.webhook_endpoint,
      state text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
      -- Since the last replay: the bound on tries counts anew.
      tries integer not null default 0,
      tries_total integer not null default 0,
      next_try_at timestamptz not null default clock_timestamp(),
      last_status integer,
      last_error text,
      created_at timestamptz not null default clock_timestamp(),
      delivered_at timestamptz,
      died_at timestamptz,
      unique (event_id, endpoint_id),
      check ((state = 'delivered') = (delivered_at is not null)),
      check ((state = 'dead') = (died_at is not null))
    ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)`.execute(db);
  await sql`create index webhook_delivery_due on operation.webhook_delivery (next_try_at)
            where state = 'pending'`.execute(db);
  await sql`create index webhook_delivery_state on operation.webhook_delivery (account_id, state, created_at)`.execute(
    db,
  );
  await rights(db);
}

async function rights(db: Kysely<unknown>): Promise<void> {
  const grants = {
    'catalogue.webhook_endpoint': 'select, insert, update',
    'operation.event': 'select, insert',
    'operation.webhook_delivery': 'select, insert, update',
  };
  for (const [table, granted] of Object.entries(grants)) {
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
    await sql`alter table ${sql.table(table)} force row level security`.execute(db);
    await sql`
      create policy own_account on ${sql.table(table)} to tandas_app
      using (account_id = (select core.current_account()))
      with check (account_id = (select core.current_account()))`.execute(db);
    await sql`grant ${sql.raw(granted)} on ${sql.table(table)} to tandas_app`.execute(db);
    await sql`create policy system_work on ${sql.table(table)} to tandas_system using (true) with check (true)`.execute(
      db,
    );
    await sql`grant select on ${sql.table(table)} to tandas_system`.execute(db);
  }
  await sql`grant update on operation.webhook_delivery to tandas_system`.execute(db);
}
