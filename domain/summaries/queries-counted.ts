import { type RawBuilder, sql } from 'kysely';

/** Which hours are counted: a statement with `batch_id` and `hour_at`. Or rows that a condition names. */
export type Counted =
  | { readonly hours: RawBuilder<unknown> }
  /** Of rows by their alias, which have a batch and an instant. */
  | { readonly where: (alias: string, column: string) => RawBuilder<unknown> };

const hourOf = (instant: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`date_trunc('hour', ${instant}, 'UTC')`;

/** Rows of a table of which the hour, or the row, is to be counted, as `x`. */
function rowsOf(table: string, column: string, counted: Counted): RawBuilder<unknown> {
  const instant = sql.ref(`x.${column}`);
  if ('where' in counted) return sql`${sql.table(table)} x where ${counted.where('x', column)}`;
  return sql`(${counted.hours}) hours
       join ${sql.table(table)} x on x.batch_id = hours.batch_id
        and ${instant} >= hours.hour_at and ${instant} < hours.hour_at + interval '1 hour' where true`;
}

/** What a wave is called, whichever day it was on; a call at an agreed time was in none. */
export const waveOf = (column: RawBuilder<unknown>): RawBuilder<string> => sql<string>`
  case when ${column} like 'reagendada/%' then 'agreed'
       when ${column} like '____-__-__/%' then substr(${column}, 12)
       when ${column} like 'ola-%' then substr(${column}, 5)
       else ${column} end`;

/**
 * Calls that count, each with the how manieth of its contact it was, and the how manieth that a person answered: a statement, over all
 * calls of the contacts that had one.
 */
function numbered(counted: Counted): RawBuilder<unknown> {
  return sql`
    with wanted as materialized (
      select distinct x.account_id, x.contact_id from ${rowsOf('operation.attempt', 'attempted_at', counted)}
    )
    select n.*, ${hourOf(sql.ref('n.attempted_at'))} as hour_at
      from (
        select a.id, a.account_id, a.batch_id, a.attempted_at, a.zone, a.local_day, a.main_phone, a.wave_key,
               c.state, c.outcome, c.disconnection_reason, c.rang, c.human, c.duration_ms, c.sentiment, c.in_voicemail,
               c.billable_seconds, c.charged_unit, c.charged_micros, c.provider_cost_micros, i.is_identified,
               ${isCounted(counted)} as is_counted,
               count(*) filter (where c.state <> 'rejected') over by_contact as nth,
               count(*) filter (where c.state <> 'rejected' and c.human) over by_contact as answers,
               count(*) filter (where c.state <> 'rejected' and i.is_identified) over by_contact as identities
          from wanted k
          join operation.attempt a on a.account_id = k.account_id and a.contact_id = k.contact_id
          join operation.call c on c.account_id = a.account_id and c.attempt_id = a.id
          cross join lateral (
            select coalesce(c.human, false) and exists (
              select from operation.function_call f
               where f.account_id = a.account_id and f.attempt_id = a.id and f.name = 'confirm_identity'
                 and f.answer ->> 'code' = 'confirmed') as is_identified) i
        window by_contact as (partition by a.contact_id order by a.attempted_at, a.id rows unbounded preceding)
      ) n
     where n.is_counted`;
}

/** Of a call as `a`: by its hour, which can be hashed; by the ids of those that were found, the planner may compare each with each. */
function isCounted(counted: Counted): RawBuilder<unknown> {
  if ('hours' in counted)
    return sql`(a.batch_id, ${hourOf(sql.ref('a.attempted_at'))}) in (${counted.hours})`;
  return sql`(${counted.where('a', 'attempted_at')})`;
}

/** What is added up of the calls of an hour. */
export const callMeasures = [
  'calls',
  'rejected',
  'ended',
  'rang',
  'answered',
  'voicemail',
  'identified',
  'positive',
  'neutral',
  'negative',
  'talk_ms',
  'billable_seconds',
  'charged_calls',
  'charged_micros',
  'provider_calls',
  'provider_micros',
  'first_calls',
  'first_answers',
  'first_identified',
] as const;

export const hourColumns = [
  'account_id',
  'batch_id',
  'hour_at',
  'zone',
  'local_day',
  'hour',
  'wave',
  'main_phone',
  'outcome',
  'disconnection',
  'unit',
  ...callMeasures,
] as const;

const list = (columns: readonly string[]): RawBuilder<unknown> =>
  sql.join(columns.map((column) => sql.ref(column)));

/** Hours counted from the calls themselves, with the columns of `operation.report_hour`. */
export function countHours(counted: Counted): RawBuilder<unknown> {
  return sql`
    select n.account_id, n.batch_id, n.hour_at, n.zone, n.local_day,
           extract(hour from n.attempted_at at time zone n.zone)::smallint as hour, ${waveOf(sql.ref('n.wave_key'))} as wave,
           n.main_phone, n.outcome, n.disconnection_reason as disconnection, n.charged_unit as unit,
           count(*) filter (where n.state <> 'rejected')::integer as calls,
           count(*) filter (where n.state = 'rejected')::integer as rejected,
           count(*) filter (where n.state = 'ended')::integer as ended,
           count(*) filter (where n.rang)::integer as rang,
           count(*) filter (where n.human)::integer as answered,
           count(*) filter (where n.in_voicemail or n.disconnection_reason = 'voicemail_reached')::integer as voicemail,
           count(*) filter (where n.is_identified)::integer as identified,
           count(*) filter (where n.sentiment = 'positive')::integer as positive,
           count(*) filter (where n.sentiment = 'neutral')::integer as neutral,
           count(*) filter (where n.sentiment = 'negative')::integer as negative,
           coalesce(sum(n.duration_ms) filter (where n.human), 0)::bigint as talk_ms,
           coalesce(sum(n.billable_seconds), 0)::bigint as billable_seconds,
           count(n.charged_micros)::integer as charged_calls,
           coalesce(sum(n.charged_micros), 0)::bigint as charged_micros,
           count(n.provider_cost_micros)::integer as provider_calls,
           coalesce(sum(n.provider_cost_micros), 0)::bigint as provider_micros,
           count(*) filter (where n.state <> 'rejected' and n.nth = 1)::integer as first_calls,
           count(*) filter (where n.state <> 'rejected' and n.human and n.answers = 1)::integer as first_answers,
           count(*) filter (where n.state <> 'rejected' and n.is_identified and n.identities = 1)::integer as first_identified
      from (${numbered(counted)}) n
     group by n.account_id, n.batch_id, n.hour_at, n.zone, n.local_day, 6, 7, n.main_phone, n.outcome, 10, 11`;
}

export const nthColumns = ['account_id', 'batch_id', 'hour_at', 'nth', 'calls'] as const;

export function countNths(counted: Counted): RawBuilder<unknown> {
  return sql`
    select account_id, batch_id, hour_at, nth::integer as nth, count(*)::integer as calls
      from (${numbered(counted)}) n where state <> 'rejected' group by account_id, batch_id, hour_at, n.nth`;
}

export const refusalColumns = [
  'account_id',
  'batch_id',
  'hour_at',
  'local_day',
  'reason',
  'rule',
  'refusals',
] as const;

export function countRefusals(counted: Counted): RawBuilder<unknown> {
  return sql`
    select r.account_id, r.batch_id, ${hourOf(sql.ref('r.at'))} as hour_at, (r.at at time zone b.zone)::date as local_day,
           r.reason, r.rule, count(*)::integer as refusals
      from (select x.account_id, x.batch_id, x.at, x.reason, x.rule
              from ${rowsOf('operation.refusal', 'at', counted)}) r
      join core.batch b on b.id = r.batch_id
     group by r.account_id, r.batch_id, 3, 4, r.reason, r.rule`;
}

export const messageColumns = [
  'account_id',
  'batch_id',
  'hour_at',
  'zone',
  'local_day',
  'channel',
  'state',
  'unit',
  'messages',
  'charged_messages',
  'charged_micros',
] as const;

export function countMessages(counted: Counted): RawBuilder<unknown> {
  return sql`
    select m.account_id, m.batch_id, ${hourOf(sql.ref('m.at'))} as hour_at, m.zone, m.local_day, m.channel, s.state,
           s.charged_unit as unit, count(*)::integer as messages, count(s.charged_micros)::integer as charged_messages,
           coalesce(sum(s.charged_micros), 0)::bigint as charged_micros
      from (select x.* from ${rowsOf('operation.message', 'at', counted)}) m
      join operation.message_state s on s.account_id = m.account_id and s.message_id = m.id
     group by m.account_id, m.batch_id, 3, m.zone, m.local_day, m.channel, s.state, s.charged_unit`;
}

/** What is summed of a kind of rows: where it is kept, and how it is counted. */
export const summaries = {
  hours: { kind: 'call', table: 'operation.report_hour', columns: hourColumns, count: countHours },
  nths: { kind: 'call', table: 'operation.report_nth', columns: nthColumns, count: countNths },
  refusals: {
    kind: 'refusal',
    table: 'operation.report_refusal',
    columns: refusalColumns,
    count: countRefusals,
  },
  messages: {
    kind: 'message',
    table: 'operation.report_message',
    columns: messageColumns,
    count: countMessages,
  },
} as const;

export type SummaryName = keyof typeof summaries;

export const columnsOf = (name: SummaryName): RawBuilder<unknown> => list(summaries[name].columns);
