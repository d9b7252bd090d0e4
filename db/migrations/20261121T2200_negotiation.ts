import { type Kysely, sql } from 'kysely';

/**
 * Negotiation: stages and offers (catalogue), agreements, payments and who must not be contacted (core), and what a
 * call asked for and what a person must look at (operation).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await catalogue(db);
  await agreements(db);
  await payments(db);
  await stops(db);
  await operation(db);
  await rights(db);
}

async function catalogue(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalogue.negotiation (
      id uuid primary key default gen_random_uuid(),
      -- Null: ships with the product, for every account.
      account_id uuid references catalogue.account,
      key text not null check (key ~ '^[a-z0-9-]{2,40}$'),
      version integer not null check (version > 0),
      definition jsonb not null,
      created_at timestamptz not null default now(),
      unique nulls not distinct (account_id, key, version)
    )`.execute(db);
  // Null: the use case negotiates nothing.
  await sql`alter table core.batch add column negotiation_id uuid references catalogue.negotiation`.execute(
    db,
  );
}

async function agreements(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.agreement (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      batch_id uuid not null references core.batch,
      contact_id uuid not null references core.contact,
      person_id uuid not null references core.person,
      -- The call in which it was made; null: by an operator.
      attempt_id uuid references operation.attempt,
      kind text not null check (kind in ('promise', 'plan')),
      -- promise: one date. plan: instalments with their own dates.
      state text not null default 'open'
        check (state in ('open', 'kept', 'partly_paid', 'broken', 'replaced', 'withdrawn')),
      -- What is to be paid in all, after the discount.
      total_micros bigint not null check (total_micros > 0),
      -- Forgiven once the agreement is kept.
      discount_micros bigint not null default 0 check (discount_micros >= 0),
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      source text not null check (source in ('call', 'analysis', 'operator')),
      realm text not null default 'live',
      made_at timestamptz not null,
      resolved_at timestamptz,
      check ((state = 'open') = (resolved_at is null))
    )`.execute(db);
  await sql`
    create unique index agreement_open on core.agreement (contact_id) where state = 'open'`.execute(db);
  await sql`create index agreement_person on core.agreement (account_id, person_id, made_at desc)`.execute(
    db,
  );
  await sql`
    create table core.agreement_instalment (
      account_id uuid not null references catalogue.account,
      agreement_id uuid not null references core.agreement,
      number integer not null check (number > 0),
      due_date date not null,
      amount_micros bigint not null check (amount_micros > 0),
      -- When it is looked at: the end of the due day on the person's clock, and the days that a transfer takes.
      check_at timestamptz not null,
      primary key (agreement_id, number)
    )`.execute(db);
}

async function payments(db: Kysely<unknown>): Promise<void> {
  // Append-only: a payment that is taken back is a second row.
  await sql`
    create table core.payment (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      person_id uuid not null references core.person,
      -- Whoever reports it numbers it: the same number is the same payment, from whatever side it comes.
      external_id text not null check (length(external_id) between 1 and 200),
      source text not null check (source in ('api', 'webhook', 'file', 'mercadopago', 'agreement', 'rehearsal')),
      kind text not null check (kind in ('payment', 'reversal', 'write_off')),
      reverses_id uuid references core.payment,
      amount_micros bigint not null check (amount_micros > 0),
      currency text not null check (currency ~ '^[A-Z]{3}$'),
      -- More than the person owed.
      unallocated_micros bigint not null default 0 check (unallocated_micros >= 0),
      paid_at timestamptz not null,
      reference text,
      realm text not null default 'live',
      created_at timestamptz not null default clock_timestamp(),
      check ((kind = 'reversal') = (reverses_id is not null)),
      unique (account_id, realm, external_id)
    )`.execute(db);
  await sql`create index payment_person on core.payment (account_id, person_id, created_at)`.execute(db);
  await sql`
    create unique index payment_reversed_once on core.payment (reverses_id) where reverses_id is not null`.execute(
    db,
  );
  await sql`
    create table core.payment_allocation (
      id bigint generated always as identity primary key,
      account_id uuid not null references catalogue.account,
      payment_id uuid not null references core.payment,
      debt_id uuid not null references core.debt,
      -- Negative for a reversal.
      amount_micros bigint not null check (amount_micros <> 0)
    )`.execute(db);
  await sql`create index payment_allocation_debt on core.payment_allocation (debt_id)`.execute(db);
  await sql`create index payment_allocation_payment on core.payment_allocation (payment_id)`.execute(db);
  // One real debt is a row in each batch that its person is in: the newest row says what is owed.
  await sql`create index debt_person on core.debt (account_id, person_id, created_at desc)`.execute(db);
  await sql`
    create view core.current_debt with (security_invoker = true) as
    select distinct on (d.account_id, d.person_id, b.realm, d.creditor_id, d.currency,
                        coalesce(d.reference, d.due_date::text, ''))
           d.id, d.account_id, d.person_id, b.realm, d.contact_id, d.creditor_id, d.currency, d.reference, d.due_date,
           d.amount_micros,
           d.amount_micros - coalesce((select sum(a.amount_micros) from core.payment_allocation a
                                        where a.debt_id = d.id), 0)::bigint as balance_micros
      from core.debt d
      join core.contact k on k.id = d.contact_id
      join core.batch b on b.id = k.batch_id
     order by d.account_id, d.person_id, b.realm, d.creditor_id, d.currency,
              coalesce(d.reference, d.due_date::text, ''), d.created_at desc, d.id`.execute(db);
}

async function stops(db: Kysely<unknown>): Promise<void> {
  // The person is sued, insolvent, or contests the debt: nobody calls or writes until somebody lifts it.
  await sql`
    alter table core.person
      add column stopped_at timestamptz,
      add column stop_reason text
        check (stop_reason in ('legal', 'insolvency', 'dispute', 'hardship', 'removed', 'deceased')),
      add constraint person_stop check ((stopped_at is null) = (stop_reason is null))`.execute(db);
  // Holds also for people who are in no batch yet.
  await sql`
    create table core.do_not_contact (
      account_id uuid not null references catalogue.account,
      -- A person's identity_key, or 'tel:' and a number.
      key text not null,
      reason text not null,
      source text not null check (source in ('call', 'file', 'api', 'message', 'operator')),
      created_at timestamptz not null default now(),
      lifted_at timestamptz,
      primary key (account_id, key)
    )`.execute(db);
}

async function operation(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table operation.task (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      person_id uuid not null references core.person,
      contact_id uuid not null references core.contact,
      attempt_id uuid references operation.attempt,
      -- What a person is to do.
      kind text not null check (kind in
        ('verify_payment', 'dispute', 'hardship', 'legal', 'broken_promise', 'person_asked', 'payment_reversed')),
      state text not null default 'open' check (state in ('open', 'resolved')),
      resolution text check (resolution in ('paid', 'resume', 'close')),
      note text,
      context jsonb not null default '{}',
      -- A repeated hand-over is the same task.
      dedupe_key text not null,
      realm text not null default 'live',
      opened_at timestamptz not null,
      resolved_at timestamptz,
      resolved_by text,
      check ((state = 'resolved') = (resolved_at is not null)),
      check ((state = 'resolved') = (resolution is not null)),
      unique (account_id, dedupe_key)
    )`.execute(db);
  await sql`create index task_open on operation.task (account_id, opened_at) where state = 'open'`.execute(
    db,
  );
  await sql`create index task_contact on operation.task (account_id, contact_id)`.execute(db);
  // What the voice agent asked during a call, and what it was told. Append-only.
  await sql`
    create table operation.function_call (
      id bigint generated always as identity primary key,
      account_id uuid not null references catalogue.account,
      attempt_id uuid not null references operation.attempt,
      provider_call_id text not null,
      name text not null,
      -- Of name and arguments: the provider repeats a function that it had no answer of.
      args_hash text not null,
      args jsonb not null,
      answer jsonb not null,
      -- Why it was refused; null: done.
      refused text,
      at timestamptz not null default clock_timestamp(),
      unique (account_id, provider_call_id, name, args_hash)
    )`.execute(db);
  await sql`create index function_call_attempt on operation.function_call (account_id, attempt_id)`.execute(
    db,
  );
  // Every wish for another time, from whatever side, and what became of it. Append-only.
  await sql`
    create table operation.reschedule_request (
      id bigint generated always as identity primary key,
      account_id uuid not null references catalogue.account,
      contact_id uuid not null references core.contact,
      attempt_id uuid references operation.attempt,
      source text not null check (source in ('call', 'result', 'api', 'webhook', 'signal')),
      -- As it was said: '{"date": "2027-03-09", "time": "22:00"}'.
      wish jsonb not null,
      result text not null check (result in ('agreed', 'refused')),
      -- Which rule refused it.
      rule text,
      slot_key text,
      agreed_at timestamptz,
      suggestion_before timestamptz,
      suggestion_after timestamptz,
      at timestamptz not null,
      realm text not null default 'live',
      check ((result = 'agreed') = (agreed_at is not null))
    )`.execute(db);
  await sql`
    create index reschedule_request_contact on operation.reschedule_request (account_id, contact_id, at)`.execute(
    db,
  );
}

async function rights(db: Kysely<unknown>): Promise<void> {
  const changing = ['core.agreement', 'core.do_not_contact', 'operation.task'];
  const appendOnly = [
    'core.agreement_instalment',
    'core.payment',
    'core.payment_allocation',
    'operation.function_call',
    'operation.reschedule_request',
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
  await sql`alter table catalogue.negotiation enable row level security`.execute(db);
  await sql`alter table catalogue.negotiation force row level security`.execute(db);
  await sql`
    create policy own_or_shipped on catalogue.negotiation for select to tandas_app
    using (account_id is null or account_id = (select core.current_account()))`.execute(db);
  await sql`
    create policy own_new on catalogue.negotiation for insert to tandas_app
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select, insert on catalogue.negotiation to tandas_app`.execute(db);
  await sql`grant select on core.current_debt to tandas_app`.execute(db);
  await sql`grant usage on all sequences in schema core, operation to tandas_app`.execute(db);
}
