import { type Kysely, sql } from 'kysely';

/** What is summed, hour by hour; the hours are those of UTC, so that an hour of a clock that goes back is two of them. */
const summaries = [
  'operation.report_hour',
  'operation.report_nth',
  'operation.report_refusal',
  'operation.report_message',
];

/**
 * Sums of calls, refusals and messages by batch and hour, for reports. Whoever changes a row that is summed leaves a touch of its hour in
 * the same transaction; one loop counts touched hours again from the rows. A report takes an hour that has a touch from the rows
 * themselves: it never waits for the loop, and says what the rows say.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await mainPhones(db);
  // What a batch did in an hour is found by it.
  await sql`create index attempt_batch on operation.attempt (account_id, batch_id, attempted_at)`.execute(db);
  await sql`create index refusal_batch on operation.refusal (account_id, batch_id, at)`.execute(db);
  await sql`create index message_batch on operation.message (account_id, batch_id, at)`.execute(db);
  await tables(db);
  await touchAll(db);
  await touching(db);
  await protect(db);
  await removeExpired(db);
}

/** Which phone it was is a fact of the call: the person's numbers may stand in another order tomorrow. */
async function mainPhones(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operation.attempt add column main_phone boolean not null default true`.execute(db);
  await seen(db, ['operation.attempt', 'core.phone'], async () => {
    await sql`
      update operation.attempt a set main_phone = false
        from core.phone own
       where own.id = a.phone_id
         and exists (select from core.phone other
                      where other.account_id = own.account_id and other.person_id = own.person_id
                        and (other.position, other.id) < (own.position, own.id))`.execute(db);
  });
}

/** Forced row-level security would hide every row from an owner who is no superuser. */
async function seen(db: Kysely<unknown>, names: readonly string[], work: () => Promise<void>): Promise<void> {
  for (const name of names) await sql`alter table ${sql.table(name)} no force row level security`.execute(db);
  await work();
  for (const name of names) await sql`alter table ${sql.table(name)} force row level security`.execute(db);
}

async function tables(db: Kysely<unknown>): Promise<void> {
  // Not a key: nobody waits for another who touches the same hour. Nor does it refer: the row that it is about does.
  await sql`
    create table operation.report_touch (
      account_id uuid not null,
      kind text not null check (kind in ('call', 'refusal', 'message')),
      batch_id uuid not null,
      hour_at timestamptz not null,
      touched_at timestamptz not null default clock_timestamp()
    ) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000)`.execute(db);
  await sql`
    create index report_touch_hour on operation.report_touch (account_id, kind, batch_id, hour_at)`.execute(
    db,
  );
  await sql`
    create table operation.report_hour (
      account_id uuid not null references catalogue.account,
      batch_id uuid not null,
      hour_at timestamptz not null,
      -- By the clock of those who were called.
      zone text not null,
      local_day date not null,
      hour smallint not null check (hour between 0 and 23),
      wave text not null,
      main_phone boolean not null,
      outcome text,
      disconnection text,
      -- Of what was charged.
      unit text,
      calls integer not null,
      rejected integer not null,
      ended integer not null,
      rang integer not null,
      answered integer not null,
      voicemail integer not null,
      identified integer not null,
      positive integer not null,
      neutral integer not null,
      negative integer not null,
      talk_ms bigint not null,
      billable_seconds bigint not null,
      charged_calls integer not null,
      charged_micros bigint not null,
      provider_calls integer not null,
      provider_micros bigint not null,
      -- People whose first call this was, the first that they answered, and the first in which they said who they are: sums are people.
      first_calls integer not null,
      first_answers integer not null,
      first_identified integer not null
    )`.execute(db);
  await sql`
    create table operation.report_nth (
      account_id uuid not null references catalogue.account,
      batch_id uuid not null,
      hour_at timestamptz not null,
      -- The how manieth call of their contact these were.
      nth integer not null check (nth > 0),
      calls integer not null
    )`.execute(db);
  await sql`
    create table operation.report_refusal (
      account_id uuid not null references catalogue.account,
      batch_id uuid not null,
      hour_at timestamptz not null,
      -- By the clock of the batch.
      local_day date not null,
      reason text not null,
      rule text not null,
      refusals integer not null
    )`.execute(db);
  await sql`
    create table operation.report_message (
      account_id uuid not null references catalogue.account,
      batch_id uuid not null,
      hour_at timestamptz not null,
      zone text not null,
      local_day date not null,
      channel text not null,
      state text not null,
      unit text,
      messages integer not null,
      charged_messages integer not null,
      charged_micros bigint not null
    )`.execute(db);
  for (const table of summaries)
    await sql`create index on ${sql.table(table)} (account_id, batch_id, hour_at)`.execute(db);
  for (const table of ['operation.report_hour', 'operation.report_refusal', 'operation.report_message'])
    await sql`create index on ${sql.table(table)} (account_id, local_day)`.execute(db);
}

/** What there is already is counted by the loop, as if all of it had changed now. */
async function touchAll(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function operation.touch_all_reports(own uuid) returns bigint
    language sql set search_path = pg_catalog as $$
      with hours as (
        select distinct account_id, 'call', batch_id, date_trunc('hour', attempted_at, 'UTC') from operation.attempt
         where own is null or account_id = own
        union all
        select distinct account_id, 'refusal', batch_id, date_trunc('hour', at, 'UTC') from operation.refusal
         where own is null or account_id = own
        union all
        select distinct account_id, 'message', batch_id, date_trunc('hour', at, 'UTC') from operation.message
         where own is null or account_id = own
        union
        -- Sums of hours of which no row is left.
        select distinct account_id, kind, batch_id, hour_at
          from (select account_id, 'call' as kind, batch_id, hour_at from operation.report_hour
                union all select account_id, 'call', batch_id, hour_at from operation.report_nth
                union all select account_id, 'refusal', batch_id, hour_at from operation.report_refusal
                union all select account_id, 'message', batch_id, hour_at from operation.report_message) summed
         where own is null or account_id = own
      ), touched as (
        insert into operation.report_touch (account_id, kind, batch_id, hour_at) select * from hours returning 1
      )
      select count(*) from touched
    $$`.execute(db);
  await sql`revoke all on function operation.touch_all_reports(uuid) from public`.execute(db);
  await sql`grant execute on function operation.touch_all_reports(uuid) to tandas_app`.execute(db);
  await seen(db, ['operation.attempt', 'operation.refusal', 'operation.message'], async () => {
    await sql`select operation.touch_all_reports(null)`.execute(db);
  });
}

/** A row and no notification: whoever notifies commits one after the other (docs/decisions/0058). */
async function touching(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function operation.touch_call() returns trigger language plpgsql set search_path = pg_catalog as $$
    begin
      if tg_op = 'INSERT' or (old.state = 'rejected') <> (new.state = 'rejected')
         or (old.human is true) <> (new.human is true) then
        -- Which call was the first, and the first that was answered, may be told otherwise of those behind it.
        insert into operation.report_touch (account_id, kind, batch_id, hour_at)
        select a.account_id, 'call', a.batch_id, date_trunc('hour', a.attempted_at, 'UTC')
          from operation.attempt own
          join operation.attempt a on a.account_id = own.account_id and a.contact_id = own.contact_id
                                  and a.attempted_at >= own.attempted_at
         where own.id = new.attempt_id;
      else
        insert into operation.report_touch (account_id, kind, batch_id, hour_at)
        select account_id, 'call', batch_id, date_trunc('hour', attempted_at, 'UTC')
          from operation.attempt where id = new.attempt_id;
      end if;
      return null;
    end $$`.execute(db);
  const summed = sql.raw(
    [
      "state = 'rejected'",
      "state = 'ended'",
      'outcome',
      'disconnection_reason',
      'rang',
      'human',
      'duration_ms',
      'in_voicemail',
      'billable_seconds',
      'charged_micros',
      'charged_unit',
      'provider_cost_micros',
    ]
      .map((column) => `(old.${column}) is distinct from (new.${column})`)
      // Taken away by erasing alone, whose role may add nothing: it has the touch left behind.
      .concat(['new.sentiment is not null and old.sentiment is distinct from new.sentiment'])
      .join(' or '),
  );
  await sql`
    create trigger report_touch after insert on operation.call
    for each row execute function operation.touch_call()`.execute(db);
  await sql`
    create trigger report_touch_again after update of state, outcome, disconnection_reason, rang, human, duration_ms, sentiment,
      in_voicemail, billable_seconds, charged_micros, charged_unit, provider_cost_micros on operation.call
    for each row when (${summed}) execute function operation.touch_call()`.execute(db);
  await sql`
    create function operation.touch_identity() returns trigger language plpgsql set search_path = pg_catalog as $$
    begin
      insert into operation.report_touch (account_id, kind, batch_id, hour_at)
      select a.account_id, 'call', a.batch_id, date_trunc('hour', a.attempted_at, 'UTC')
        from operation.attempt own
        join operation.attempt a on a.account_id = own.account_id and a.contact_id = own.contact_id
                                and a.attempted_at >= own.attempted_at
       where own.id = new.attempt_id;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger report_touch after insert on operation.function_call
    for each row when (new.name = 'confirm_identity') execute function operation.touch_identity()`.execute(
    db,
  );
  await sql`
    create function operation.touch_refusal() returns trigger language plpgsql set search_path = pg_catalog as $$
    begin
      insert into operation.report_touch (account_id, kind, batch_id, hour_at)
      values (new.account_id, 'refusal', new.batch_id, date_trunc('hour', new.at, 'UTC'));
      return null;
    end $$`.execute(db);
  await sql`
    create trigger report_touch after insert on operation.refusal
    for each row execute function operation.touch_refusal()`.execute(db);
  await sql`
    create function operation.touch_message() returns trigger language plpgsql set search_path = pg_catalog as $$
    begin
      insert into operation.report_touch (account_id, kind, batch_id, hour_at)
      select account_id, 'message', batch_id, date_trunc('hour', at, 'UTC')
        from operation.message where id = new.message_id;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger report_touch after insert or update of state, charged_micros, charged_unit on operation.message_state
    for each row execute function operation.touch_message()`.execute(db);
}

async function protect(db: Kysely<unknown>): Promise<void> {
  for (const table of [...summaries, 'operation.report_touch']) {
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
    await sql`alter table ${sql.table(table)} force row level security`.execute(db);
    await sql`
      create policy own_account on ${sql.table(table)} to tandas_app
      using (account_id = (select core.current_account()))
      with check (account_id = (select core.current_account()))`.execute(db);
    await sql`grant select, insert, delete on ${sql.table(table)} to tandas_app`.execute(db);
  }
  // The loop is told whose hours wait; a refusal of the dispatcher touches one.
  await sql`
    create policy system_work on operation.report_touch to tandas_system using (true) with check (true)`.execute(
    db,
  );
  await sql`grant select, insert on operation.report_touch to tandas_system`.execute(db);
}

async function removeExpired(db: Kysely<unknown>): Promise<void> {
  const gone = [...summaries, 'operation.report_touch'];
  for (const table of gone)
    await sql`
      create policy expired_rehearsal on ${sql.table(table)} to current_user
      using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
      db,
    );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('operation.event', 'true'), ";
  const named = gone.map((table) => `('${table}', 'true'), `).join('');
  const text = before.replace(next, `${named}${next}`);
  if (text === before) throw new Error('operation.remove_rehearsal_account does not name operation.event');
  await sql.raw(text).execute(db);
}
