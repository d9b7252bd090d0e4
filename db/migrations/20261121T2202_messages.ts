import { type Kysely, sql } from 'kysely';

/**
 * Actions: secrets, channels and tools that an account configured (catalogue), payment links (core), and messages, tool
 * calls and clicks (operation).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await configuration(db);
  await links(db);
  await messages(db);
  await tools(db);
  await rights(db);
}

async function configuration(db: Kysely<unknown>): Promise<void> {
  // Written once and never read back by anybody but our own processes: everything else names a secret.
  await sql`
    create table catalogue.secret (
      account_id uuid not null references catalogue.account,
      name text not null check (name ~ '^[a-z][a-z0-9_-]{1,62}$'),
      sealed text not null,
      created_at timestamptz not null default now(),
      changed_at timestamptz not null default now(),
      primary key (account_id, name)
    )`.execute(db);
  await sql`
    create table catalogue.channel (
      account_id uuid not null references catalogue.account,
      kind text not null check (kind in ('whatsapp', 'mercadopago')),
      settings jsonb not null,
      -- What the secret is for, and its name.
      secrets jsonb not null,
      created_at timestamptz not null default now(),
      changed_at timestamptz not null default now(),
      disabled_at timestamptz,
      primary key (account_id, kind)
    )`.execute(db);
  await sql`
    create table catalogue.message_tariff (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      channel text not null check (channel in ('whatsapp')),
      -- Micro-units of the unit for one message. 0: messages cost nothing.
      price_micros bigint not null check (price_micros >= 0),
      unit text not null check (unit in ('USD', 'SEC')),
      effective_from timestamptz not null default now()
    )`.execute(db);
  await sql`create index message_tariff_account on catalogue.message_tariff (account_id, effective_from desc)`.execute(
    db,
  );
  await sql`
    create table catalogue.mcp_server (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      name text not null check (name ~ '^[a-z][a-z0-9_-]{1,62}$'),
      url text not null,
      -- Name of a secret that is presented as a bearer token; null: none.
      secret_name text,
      timeout_ms integer not null check (timeout_ms between 500 and 60000),
      created_at timestamptz not null default now(),
      disabled_at timestamptz,
      unique (account_id, name),
      foreign key (account_id, secret_name) references catalogue.secret
    )`.execute(db);
  await sql`
    create table catalogue.tool_binding (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      purpose text not null check (purpose in ('create_payment_link', 'send_payment_link')),
      server_id uuid not null references catalogue.mcp_server,
      tool text not null,
      -- Argument templates, with placeholders such as {{agreement.amount}}.
      arguments jsonb not null,
      created_at timestamptz not null default now(),
      replaced_at timestamptz
    )`.execute(db);
  await sql`create unique index tool_binding_purpose on catalogue.tool_binding (account_id, purpose)
            where replaced_at is null`.execute(db);
  // Who presents it may use the tools of the bundled MCP server for this account, and nothing else of the API.
  await sql`
    create table catalogue.mcp_token (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      token_hash text not null unique,
      label text not null,
      created_at timestamptz not null default now(),
      revoked_at timestamptz
    )`.execute(db);
}

async function links(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.payment_link (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      -- The last part of the short address: whoever knows it may follow it.
      code text not null unique check (code ~ '^[0-9A-Za-z]{11,32}$'),
      target_url text not null,
      -- The payment provider, and its own id for the preference.
      provider text not null,
      provider_id text not null,
      agreement_id uuid references core.agreement,
      instalment_no integer,
      amount_micros bigint not null check (amount_micros > 0),
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      title text not null,
      -- Comes back with the payment.
      reference text not null,
      expires_at timestamptz not null,
      idempotency_key text not null,
      request_hash text not null,
      clicks integer not null default 0 check (clicks >= 0),
      first_clicked_at timestamptz,
      last_clicked_at timestamptz,
      created_at timestamptz not null default clock_timestamp(),
      unique (account_id, idempotency_key)
    )`.execute(db);
  await sql`create index payment_link_agreement on core.payment_link (account_id, agreement_id)`.execute(db);
  await sql`
    create table operation.link_click (
      id bigint generated always as identity primary key,
      account_id uuid not null references catalogue.account,
      link_id uuid not null references core.payment_link,
      at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index link_click_link on operation.link_click (account_id, link_id)`.execute(db);
}

async function messages(db: Kysely<unknown>): Promise<void> {
  // What was decided, append-only; what became of it is in its events, and as it stands now in its state.
  await sql`
    create table operation.message (
      id uuid primary key,
      account_id uuid not null references catalogue.account,
      batch_id uuid not null references core.batch,
      contact_id uuid not null references core.contact,
      person_id uuid not null references core.person,
      phone_id uuid not null references core.phone,
      channel text not null check (channel in ('whatsapp')),
      purpose text not null check (purpose in ('payment_link')),
      agreement_id uuid references core.agreement,
      instalment_no integer,
      -- The person asked for it on the call: some limits do not hold then.
      requested_by_person boolean not null,
      pack_key text not null,
      pack_version integer not null,
      zone text not null,
      local_day date not null,
      -- When the gate let it pass: it counts against the limits from here on, sent or unknown.
      at timestamptz not null,
      -- After this instant nothing is sent for this message any more.
      deadline_at timestamptz not null,
      idempotency_key text not null,
      realm text not null,
      unique (account_id, idempotency_key)
    )`.execute(db);
  await sql`create index message_person on operation.message (account_id, person_id, at)`.execute(db);
  await sql`create index message_contact on operation.message (account_id, contact_id, at)`.execute(db);
  await sql`
    create table operation.message_event (
      id bigint generated always as identity primary key,
      account_id uuid not null references catalogue.account,
      message_id uuid not null references operation.message,
      kind text not null
        check (kind in ('accepted', 'unknown', 'sent', 'delivered', 'read', 'failed', 'absent')),
      detail jsonb not null default '{}',
      -- By the clock of whoever says so.
      occurred_at timestamptz not null,
      at timestamptz not null default clock_timestamp(),
      -- A repeated status is the same event.
      unique nulls not distinct (message_id, kind, occurred_at)
    )`.execute(db);
  await sql`
    create table operation.message_state (
      message_id uuid primary key references operation.message,
      account_id uuid not null references catalogue.account,
      -- sending: under way, or its sender died. absent: never heard of again; it counts as never sent.
      state text not null default 'sending'
        check (state in ('sending', 'unknown', 'accepted', 'sent', 'delivered', 'read', 'failed', 'absent')),
      provider_message_id text,
      link_id uuid references core.payment_link,
      failure text,
      -- Of the channel's errors: what may be done about it.
      failure_class text,
      charged_micros bigint,
      charged_unit text,
      resolved_at timestamptz,
      created_at timestamptz not null default clock_timestamp()
    ) with (fillfactor = 70)`.execute(db);
  await sql`create index message_state_open on operation.message_state (created_at)
            where state in ('sending', 'unknown')`.execute(db);
  await sql`create unique index message_state_provider on operation.message_state (account_id, provider_message_id)
            where provider_message_id is not null`.execute(db);
  // A hold is for one line request or for one message.
  await sql`
    alter table core.ledger_hold
      alter column request_id drop not null,
      add column message_id uuid unique references operation.message,
      add constraint ledger_hold_purpose check (num_nonnulls(request_id, message_id) = 1)`.execute(db);
}

async function tools(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table operation.tool_call (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      purpose text not null,
      -- Id of the message that it is for.
      subject text not null,
      server_id uuid references catalogue.mcp_server,
      server_name text not null,
      tool text not null,
      arguments jsonb not null,
      idempotency_key text not null,
      started_at timestamptz not null default clock_timestamp(),
      deadline_at timestamptz not null,
      finished_at timestamptz,
      outcome text not null default 'pending' check (outcome in ('pending', 'done', 'refused', 'failed', 'unknown')),
      result jsonb,
      error text,
      check ((outcome = 'pending') = (finished_at is null))
    )`.execute(db);
  await sql`create index tool_call_subject on operation.tool_call (account_id, subject)`.execute(db);
  // What the bundled MCP server was asked, once a key: a repeated call gets the first one's result.
  await sql`
    create table operation.mcp_request (
      account_id uuid not null references catalogue.account,
      key text not null,
      tool text not null,
      request_hash text not null,
      -- Null: under way, or its process died: nobody knows whether it was sent.
      result jsonb,
      created_at timestamptz not null default clock_timestamp(),
      primary key (account_id, tool, key)
    )`.execute(db);
}

async function rights(db: Kysely<unknown>): Promise<void> {
  const changing = [
    'catalogue.secret',
    'catalogue.channel',
    'catalogue.mcp_server',
    'catalogue.tool_binding',
    'catalogue.mcp_token',
    'core.payment_link',
    'operation.message_state',
    'operation.tool_call',
    'operation.mcp_request',
  ];
  const appendOnly = [
    'catalogue.message_tariff',
    'operation.message',
    'operation.message_event',
    'operation.link_click',
  ];
  for (const table of [...changing, ...appendOnly]) {
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
    await sql`alter table ${sql.table(table)} force row level security`.execute(db);
    await sql`
      create policy own_account on ${sql.table(table)} to tandas_app
      using (account_id = (select core.current_account()))
      with check (account_id = (select core.current_account()))`.execute(db);
    const granted = changing.includes(table) ? 'select, insert, update' : 'select, insert';
    await sql`grant ${sql.raw(granted)} on ${sql.table(table)} to tandas_app`.execute(db);
  }
  // Whose link or token it is, is not known yet: a row shows itself to the one that names it.
  await sql`
    create policy presented_code on core.payment_link for select to tandas_app
    using (code = nullif(current_setting('app.link_code', true), ''))`.execute(db);
  await sql`
    create policy presented_token on catalogue.mcp_token for select to tandas_app
    using (token_hash = nullif(current_setting('app.mcp_token_hash', true), ''))`.execute(db);
  // The sweeper finds messages whose sender died or that nobody heard of again.
  await sql`create policy system_work on operation.message_state to tandas_system using (true) with check (true)`.execute(
    db,
  );
  await sql`grant select on operation.message_state to tandas_system`.execute(db);
  await sql`grant usage on all sequences in schema core, operation to tandas_app, tandas_system`.execute(db);
}
