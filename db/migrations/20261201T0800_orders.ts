import { type Kysely, sql } from 'kysely';

/**
 * What an account buys of us: plans and packages by version, orders with the provider's last word and what of it is in the
 * ledger, and subscriptions, whose clock is ours.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await priceLists(db);
  await orders(db);
  await subscriptions(db);
  await events(db);
  await ledgerKinds(db);
  await suspension(db);
  await removedWithRehearsals(db);
}

async function priceLists(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalogue.plan_version (
      key text not null,
      version integer not null check (version > 0),
      kind text not null check (kind in ('unlimited', 'minutes_based', 'credit_based')),
      title text not null,
      -- Of a month, before tax. 0: nothing is ordered, calls are paid by the minute.
      price_micros bigint not null check (price_micros >= 0),
      -- The least: what it really costs is agreed, and an order of it is made by whoever runs the installation.
      price_is_least boolean not null default false,
      currency text not null default 'USD' check (currency = 'USD'),
      allotment_seconds bigint not null default 0 check (allotment_seconds >= 0),
      rate_micros_per_minute bigint not null default 0 check (rate_micros_per_minute >= 0),
      setup_fee_micros bigint not null default 0 check (setup_fee_micros >= 0),
      effective_from timestamptz not null,
      primary key (key, version),
      check ((allotment_seconds > 0) = (kind = 'minutes_based'))
    )`.execute(db);
  await sql`
    create table catalogue.credit_package (
      key text not null,
      version integer not null check (version > 0),
      title text not null,
      credit_micros bigint not null check (credit_micros > 0),
      credit_unit text not null check (credit_unit in ('USD', 'SEC')),
      price_micros bigint not null check (price_micros > 0),
      currency text not null default 'USD' check (currency = 'USD'),
      effective_from timestamptz not null,
      primary key (key, version)
    )`.execute(db);
  await sql`
    create table catalogue.exchange_rate (
      id bigint generated always as identity primary key,
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      -- Of that currency for one USD.
      per_usd_micros bigint not null check (per_usd_micros > 0),
      source text not null,
      set_by text not null,
      set_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index exchange_rate_newest on catalogue.exchange_rate (currency, id desc)`.execute(db);
  await sql`
    create table catalogue.tax_rate (
      country text not null check (country ~ '^[A-Z]{2}$'),
      title text not null,
      parts_per_million integer not null check (parts_per_million between 0 and 1000000),
      effective_from timestamptz not null,
      primary key (country, effective_from)
    )`.execute(db);
  for (const table of ['plan_version', 'credit_package', 'exchange_rate', 'tax_rate']) {
    await sql`grant select on ${sql.id('catalogue', table)} to tandas_app, tandas_system`.execute(db);
  }
  await sql`grant insert on catalogue.exchange_rate to tandas_app`.execute(db);
  await sql`
    insert into catalogue.plan_version (key, version, kind, title, price_micros, price_is_least, allotment_seconds,
                                        rate_micros_per_minute, effective_from)
    values ('pay_as_you_go', 1, 'credit_based', 'Pago por uso', 0, false, 0, 40000, '1970-01-01'),
           ('starter', 1, 'minutes_based', 'Starter: 1.000 minutos al mes', 50000000, false, 60000, 0, '1970-01-01'),
           ('professional', 1, 'minutes_based', 'Professional: 5.000 minutos al mes', 200000000, false, 300000, 0, '1970-01-01'),
           ('enterprise', 1, 'unlimited', 'Enterprise: minutos sin límite', 500000000, true, 0, 0, '1970-01-01')`.execute(
    db,
  );
  await sql`
    insert into catalogue.credit_package (key, version, title, credit_micros, credit_unit, price_micros, effective_from)
    values ('credit-100', 1, 'Saldo de 100 USD', 100000000, 'USD', 100000000, '1970-01-01'),
           ('credit-500', 1, 'Saldo de 500 USD', 500000000, 'USD', 500000000, '1970-01-01'),
           ('minutes-500', 1, '500 minutos', 30000000000, 'SEC', 25000000, '1970-01-01'),
           ('minutes-2000', 1, '2.000 minutos', 120000000000, 'SEC', 80000000, '1970-01-01')`.execute(db);
  await sql`
    insert into catalogue.tax_rate (country, title, parts_per_million, effective_from)
    values ('CL', 'IVA', 190000, '1970-01-01')`.execute(db);
}

async function orders(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.payment_order (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      kind text not null check (kind in ('top_up', 'package', 'period', 'setup_fee')),
      provider text not null check (provider in ('mercadopago', 'stripe', 'transfer')),
      -- Of a plan or package, as it was when it was ordered.
      item_key text,
      item_version integer,
      title text not null,
      -- Before tax.
      price_micros bigint not null check (price_micros > 0),
      price_currency text not null check (price_currency = 'USD'),
      -- What the account gets when it has been paid whole; 0: a plan without minutes, a fee.
      credit_micros bigint not null check (credit_micros >= 0),
      credit_unit text not null check (credit_unit in ('USD', 'SEC')),
      -- What the payer is asked for.
      charge_net_micros bigint not null check (charge_net_micros > 0),
      charge_tax_micros bigint not null check (charge_tax_micros >= 0),
      charge_micros bigint not null check (charge_micros = charge_net_micros + charge_tax_micros),
      charge_currency text not null check (charge_currency ~ '^[A-Z]{3}$'),
      tax_parts_per_million integer not null,
      -- Null: asked for in the currency of the price.
      quote_rate_micros bigint,
      payable_until timestamptz not null,
      state text not null default 'open' check (state in ('open', 'paid', 'returned', 'expired', 'cancelled')),
      provider_ref text,
      pay_url text,
      -- Why the provider makes no page for it.
      refused text,
      -- The provider's last word, in the currency that was asked for.
      paid_micros bigint not null default 0 check (paid_micros >= 0),
      refunded_micros bigint not null default 0 check (refunded_micros >= 0),
      disputed_micros bigint not null default 0 check (disputed_micros >= 0),
      lost_micros bigint not null default 0 check (lost_micros >= 0),
      -- What of it the ledger has, in the unit of the credit; and how many transactions that took.
      bookings integer not null default 0,
      credited_micros bigint not null default 0 check (credited_micros >= 0),
      refunded_credit_micros bigint not null default 0 check (refunded_credit_micros >= 0),
      disputed_credit_micros bigint not null default 0 check (disputed_credit_micros >= 0),
      -- Of its minutes, what nobody used in their period: gone already when the money is taken back.
      expired_micros bigint not null default 0 check (expired_micros >= 0),
      -- False: paid ahead, and credited when its period begins.
      credit_is_due boolean not null,
      -- What the provider says that does not fit, for a person to look at.
      problem text,
      problem_detail text,
      problem_at timestamptz,
      -- How often the provider has been asked: an answer that is older than a later question is not booked.
      asks bigint not null default 0,
      -- When it is asked next. Null: nothing can change any more.
      ask_at timestamptz,
      asked_at timestamptz,
      paid_at timestamptz,
      created_by text not null,
      created_at timestamptz not null default clock_timestamp(),
      check ((item_key is null) = (item_version is null)),
      check ((problem is null) = (problem_at is null)),
      check (credited_micros - refunded_credit_micros - disputed_credit_micros between 0 and credit_micros)
    ) with (fillfactor = 70)`.execute(db);
  await sql`
    create index payment_order_newest on core.payment_order (account_id, created_at, id)`.execute(db);
  await sql`create index payment_order_due on core.payment_order (ask_at) where ask_at is not null`.execute(
    db,
  );
  await sql`create index payment_order_problem on core.payment_order (problem_at) where problem is not null`.execute(
    db,
  );
  await owned(db, 'core.payment_order', 'select, insert, update');
  await sql`
    create policy system_work on core.payment_order to tandas_system using (true) with check (true)`.execute(
    db,
  );
  await sql`grant select, update on core.payment_order to tandas_system`.execute(db);
}

async function subscriptions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.subscription (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      plan_key text not null,
      plan_version integer not null,
      -- What a period costs: agreed, where the plan names only the least.
      price_micros bigint not null check (price_micros > 0),
      state text not null check (state in ('active', 'grace', 'suspended', 'ended')),
      period_no integer not null check (period_no > 0),
      period_start timestamptz not null,
      period_end timestamptz not null check (period_end > period_start),
      -- The day of the month on which periods begin: a month that lacks it does not move the next one.
      anchor_day integer not null check (anchor_day between 1 and 31),
      -- That paid for the period.
      order_id uuid not null references core.payment_order,
      -- What calls had taken of the account's minutes when the period began.
      consumed_before_micros bigint not null,
      -- The allotment has been taken back.
      expired_at timestamptz,
      ends_with_period boolean not null default false,
      created_at timestamptz not null default clock_timestamp(),
      ended_at timestamptz,
      check ((ended_at is null) = (state <> 'ended')),
      foreign key (plan_key, plan_version) references catalogue.plan_version
    )`.execute(db);
  await sql`
    create unique index subscription_current on core.subscription (account_id) where ended_at is null`.execute(
    db,
  );
  await sql`create index subscription_due on core.subscription (period_end) where ended_at is null`.execute(
    db,
  );
  await owned(db, 'core.subscription', 'select, insert, update');
  await sql`
    create policy system_work on core.subscription to tandas_system using (true) with check (true)`.execute(
    db,
  );
  await sql`
    grant select on core.subscription to tandas_system`.execute(db);
}

/** What providers say of orders. Nobody's account: which one it is about is found by asking the provider. */
async function events(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table operation.payment_event (
      id bigint generated always as identity primary key,
      provider text not null check (provider in ('mercadopago', 'stripe')),
      -- The provider's own number of the event: the same one again is the same row.
      dedupe_key text not null,
      event text not null,
      -- What it is about: 'order:' and our id, or 'payment:' and the provider's.
      subject text not null,
      body jsonb not null,
      received_at timestamptz not null default clock_timestamp(),
      tries integer not null default 0,
      due_at timestamptz not null default clock_timestamp(),
      handled_at timestamptz,
      -- 'woken', or why nothing was.
      result text,
      order_id uuid,
      unique (provider, dedupe_key),
      check ((handled_at is null) = (result is null))
    )`.execute(db);
  await sql`create index payment_event_due on operation.payment_event (due_at) where handled_at is null`.execute(
    db,
  );
  await sql`
    create index payment_event_unknown on operation.payment_event (id) where result <> 'woken'`.execute(db);
  // The API takes them down, the loop that asks providers reads them.
  await sql`
    grant insert (provider, dedupe_key, event, subject, body) on operation.payment_event to tandas_app`.execute(
    db,
  );
  await sql`
    grant select (id, provider, event, subject, received_at, result) on operation.payment_event to tandas_app`.execute(
    db,
  );
  await sql`grant select, update on operation.payment_event to tandas_system`.execute(db);
}

async function ledgerKinds(db: Kysely<unknown>): Promise<void> {
  // Its name is PostgreSQL's own: the table was made while another one had the plain name.
  const { rows } = await sql<{ name: string }>`
    select conname as name from pg_constraint
     where conrelid = 'core.ledger_transaction'::regclass and contype = 'c'
       and pg_get_constraintdef(oid) like '%true_up%'`.execute(db);
  const [kinds] = rows;
  if (kinds === undefined) throw new Error('core.ledger_transaction has no check of its kinds');
  await sql`alter table core.ledger_transaction drop constraint ${sql.id(kinds.name)}`.execute(db);
  await sql`
    alter table core.ledger_transaction add constraint ledger_transaction_kind_check check (kind in
      ('top_up', 'hold', 'post', 'void', 'expire', 'true_up', 'grant', 'expire_allotment', 'refund', 'dispute',
       'dispute_won', 'adjust'))`.execute(db);
}

async function suspension(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table catalogue.account
      -- Nothing new is held for its calls and messages, and why. Null: it works.
      add column suspended_for text check (suspended_for in ('subscription')),
      add column suspended_at timestamptz,
      add check ((suspended_for is null) = (suspended_at is null))`.execute(db);
  await sql`grant update (plan, suspended_for, suspended_at) on catalogue.account to tandas_app`.execute(db);
}

/** A rehearsal buys nothing; its account goes only when no table is left out. */
async function removedWithRehearsals(db: Kysely<unknown>): Promise<void> {
  const tables = ['core.subscription', 'core.payment_order'];
  for (const table of tables) {
    await sql`
      create policy expired_rehearsal on ${sql.table(table)} to current_user
      using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
      db,
    );
  }
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('core.import_row', 'true'), ";
  const text = before.replace(next, `${next}${tables.map((table) => `('${table}', 'true'), `).join('')}`);
  if (text === before) throw new Error('operation.remove_rehearsal_account does not name core.import_row');
  await sql.raw(text).execute(db);
}

async function owned(db: Kysely<unknown>, name: string, rights: string): Promise<void> {
  const table = sql.table(name);
  await sql`alter table ${table} enable row level security`.execute(db);
  await sql`alter table ${table} force row level security`.execute(db);
  await sql`
    create policy own_account on ${table} to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant ${sql.raw(rights)} on ${table} to tandas_app`.execute(db);
}
