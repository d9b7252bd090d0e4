import { sql } from 'kysely';
import type { Database } from '../../../db/client.ts';

export interface SeedSize {
  readonly batches: number;
  readonly contactsOfBatch: number;
  readonly callsOfContact: number;
}

/**
 * Batches of an account with their people, calls, refusals and agreements, as a month of work leaves them; by the tables' owner, with
 * references and touches left out: what is measured is how they are read. No line and no hold is there.
 */
export async function seedAccount(
  owner: Database,
  {
    accountId,
    poolId,
    size,
  }: { readonly accountId: string; readonly poolId: string; readonly size: SeedSize },
): Promise<void> {
  await owner.transaction().execute(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    const { batches, contactsOfBatch, callsOfContact } = size;
    await sql`
      insert into core.batch (account_id, slug, name, use_case, policy_key, policy_version, pack_key, pack_version, pool_id,
                              group_size, zone, created_at)
      select ${accountId}::uuid, 'medida-' || n, 'Medida ' || n, (array['debt_collection', 'notification'])[1 + n % 2], 'demo', 2,
             'demo', 2, ${poolId}::uuid, 60, 'America/Santiago', now() - n * interval '1 hour'
        from generate_series(1, ${batches}::integer) n`.execute(trx);
    await sql`
      insert into core.person (account_id, identity_key, name, country, zone)
      select ${accountId}::uuid, 'medida-' || n, 'Persona ' || n, 'CL', 'America/Santiago'
        from generate_series(1, ${batches * contactsOfBatch}::integer) n`.execute(trx);
    await sql`
      insert into core.phone (account_id, person_id, e164, position)
      select account_id, id, '+5696' || lpad((row_number() over ())::text, 7, '0'), position
        from core.person cross join generate_series(0, 1) position where account_id = ${accountId}::uuid`.execute(
      trx,
    );
    await sql`
      insert into core.contact (account_id, batch_id, person_id, ordinal, state, outcome, closed_at, attempts, opened_at)
      select p.account_id, b.id, p.id, p.place % ${contactsOfBatch}::integer,
             case when p.place % 3 = 0 then 'closed' when p.place % 3 = 1 then 'waiting' else 'planned' end,
             case when p.place % 3 = 0 then (array['promise', 'exhausted', 'refused'])[1 + p.place % 5 % 3] end,
             case when p.place % 3 = 0 then now() end, ${callsOfContact}::integer, now() - interval '20 days'
        from (select *, (row_number() over (order by id))::integer - 1 as place from core.person
               where account_id = ${accountId}::uuid) p
        join (select id, row_number() over (order by id) - 1 as place from core.batch
               where account_id = ${accountId}::uuid) b on b.place = p.place / ${contactsOfBatch}::integer`.execute(
      trx,
    );
    // An hour of the day and a day of the month for each call, in the order of the people: those of one hour lie together, as in life.
    await sql`
      insert into operation.attempt (id, account_id, batch_id, contact_id, person_id, phone_id, lease_id, request_id, wave_key,
                                     number, rescheduled, main_phone, zone, local_day, attempted_at, dial_deadline_at, absent_after_at)
      select gen_random_uuid(), k.account_id, k.batch_id, k.id, k.person_id, f.id, gen_random_uuid(), k.id || ':' || n,
             (t.at at time zone 'America/Santiago')::date || '/' || (array['09:00', '12:00', '15:00'])[1 + n % 3], n, false,
             f.position = 0, 'America/Santiago', (t.at at time zone 'America/Santiago')::date, t.at, t.at, t.at
        from generate_series(1, ${callsOfContact}::integer) n
        cross join core.contact k
        join core.phone f on f.account_id = k.account_id and f.person_id = k.person_id and f.position = n % 2
        cross join lateral (
          select date_trunc('day', now(), 'UTC') - interval '26 days' + (k.ordinal / 400 % 20 + n) * interval '1 day'
                 + interval '12 hours' + (n % 3 * 3) * interval '1 hour' + k.ordinal % 3600 * interval '2 seconds' as at) t
       where k.account_id = ${accountId}::uuid
       order by t.at`.execute(trx);
    await sql`
      insert into operation.call (attempt_id, account_id, contact_id, pool_id, provider_call_id, state, outcome, disconnection_reason,
                                  rang, human, started_at, ended_at, duration_ms, sentiment, in_voicemail, billable_seconds,
                                  provider_cost_micros, charged_micros, charged_unit, analysed_at, signalled_at, transcript)
      select a.id, a.account_id, a.contact_id, ${poolId}::uuid, 'call_' || a.id, 'ended',
             (array['no_answer', 'no_answer', 'busy', 'voicemail', 'promise', 'refused', 'answered', 'no_answer', 'silent', 'callback_requested'])[1 + d.dice],
             (array['dial_no_answer', 'dial_no_answer', 'dial_busy', 'voicemail_reached', 'user_hangup', 'agent_hangup', 'user_hangup',
                    'dial_no_answer', 'inactivity', 'user_hangup'])[1 + d.dice],
             true, d.dice in (4, 5, 6, 9), a.attempted_at, a.attempted_at + interval '1 minute',
             case when d.dice in (4, 5, 6, 9) then 60000 else 0 end,
             case when d.dice = 4 then 'positive' when d.dice = 5 then 'negative' end, d.dice = 3,
             case when d.dice in (4, 5, 6, 9) then 60 else 0 end, case when d.dice in (4, 5, 6, 9) then 120000 else 2000 end,
             case when d.dice in (4, 5, 6, 9) then 40000 else 0 end, 'USD', a.attempted_at, a.attempted_at,
             case when d.dice in (4, 5, 6, 9) then repeat('Agent: Buenas tardes. User: Pago el viernes. ', 12) end
        from operation.attempt a
        cross join lateral (select abs(hashtext(a.request_id)) % 10 as dice) d
       where a.account_id = ${accountId}::uuid order by a.attempted_at`.execute(trx);
    await sql`
      insert into operation.refusal (account_id, batch_id, contact_id, request_id, wave_key, reason, rule, at)
      select account_id, batch_id, contact_id, null, wave_key, (array['cool_down', 'no_line', 'daily_limit'])[1 + number % 3],
             'rule ' || number % 5, attempted_at
        from operation.attempt where account_id = ${accountId}::uuid and number = 1`.execute(trx);
    await sql`
      insert into core.agreement (account_id, batch_id, contact_id, person_id, kind, state, total_micros, currency, source, made_at,
                                  resolved_at)
      select account_id, batch_id, id, person_id, 'promise', case when ordinal % 6 = 0 then 'kept' else 'open' end, 1000000, 'CLP',
             'call', opened_at, case when ordinal % 6 = 0 then now() end
        from core.contact where account_id = ${accountId}::uuid and ordinal % 12 = 0`.execute(trx);
  });
}

/** As if all of it had been written a moment ago. */
export async function touchEverything(owner: Database): Promise<number> {
  const { rows } = await sql<{ hours: bigint }>`select operation.touch_all_reports(null) as hours`.execute(
    owner,
  );
  return Number(rows[0]?.hours ?? 0n);
}

export async function tidy(owner: Database): Promise<void> {
  for (const table of [
    'core.batch',
    'core.person',
    'core.phone',
    'core.contact',
    'core.agreement',
    'operation.attempt',
    'operation.call',
    'operation.refusal',
    'operation.report_touch',
    'operation.report_hour',
    'operation.report_nth',
    'operation.report_refusal',
  ])
    await sql`vacuum (analyze) ${sql.table(table)}`.execute(owner);
}

/** How often tables of people and calls have been read from their beginning to their end since the database was made. */
export async function wholeReads(owner: Database): Promise<Readonly<Record<string, number>>> {
  await sql`select pg_stat_force_next_flush()`.execute(owner);
  const { rows } = await sql<{ name: string; reads: bigint }>`
    select relname as name, coalesce(seq_scan, 0) as reads from pg_stat_user_tables
     where relname in ('attempt', 'call', 'contact', 'refusal', 'person', 'phone') order by 1`.execute(owner);
  return Object.fromEntries(rows.map(({ name, reads }) => [name, Number(reads)]));
}
