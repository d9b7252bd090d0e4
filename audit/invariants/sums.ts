import type { Invariant } from '../types.ts';

const hour = (instant: string): string => `date_trunc('hour', ${instant}, 'UTC')`;

/** What reports read instead of the rows. An hour with a touch is counted from the rows, whatever its sum says. */
export const sums: readonly Invariant[] = [
  {
    name: 'sums_say_rows',
    es: 'Los informes suman lo que dicen las llamadas y los turnos rechazados, en cada hora que nadie ha tocado desde que se sumó',
    en: 'Reports sum what calls and refused turns say, in each hour that nobody has touched since it was summed',
    sql: `
      with calls as (
        select a.account_id, a.batch_id, ${hour('a.attempted_at')} as hour_at, count(*) filter (where c.state <> 'rejected') as calls,
               count(*) filter (where c.human) as answered, count(*) filter (where c.state = 'ended') as ended,
               coalesce(sum(c.billable_seconds), 0) as seconds, coalesce(sum(c.charged_micros), 0) as charged,
               coalesce(sum(c.provider_cost_micros), 0) as provider
          from seen_attempt a join seen_call c on c.attempt_id = a.id group by 1, 2, 3),
      summed_calls as (
        select account_id, batch_id, hour_at, sum(calls) as calls, sum(answered) as answered, sum(ended) as ended,
               sum(billable_seconds) as seconds, sum(charged_micros) as charged, sum(provider_micros) as provider
          from seen_report_hour group by 1, 2, 3),
      refusals as (
        select account_id, batch_id, ${hour('at')} as hour_at, count(*) as refusals from seen_refusal group by 1, 2, 3),
      summed_refusals as (
        select account_id, batch_id, hour_at, sum(refusals) as refusals from seen_report_refusal group by 1, 2, 3),
      people as (
        select a.account_id, a.batch_id, count(distinct a.contact_id) filter (where c.state <> 'rejected') as called,
               count(distinct a.contact_id) filter (where c.state <> 'rejected' and c.human) as answered
          from seen_attempt a join seen_call c on c.attempt_id = a.id group by 1, 2),
      summed_people as (
        select account_id, batch_id, sum(first_calls) as called, sum(first_answers) as answered from seen_report_hour group by 1, 2)
      select batch_id || ' ' || hour_at as subject,
             case when (r.calls, r.answered, r.ended, r.seconds, r.charged, r.provider)
                       is distinct from (s.calls, s.answered, s.ended, s.seconds, s.charged, s.provider)
               then 'llamadas ' || coalesce(r.calls, 0) || ', suma ' || coalesce(s.calls, 0) end as breach
        from calls r full join summed_calls s using (account_id, batch_id, hour_at)
       where not exists (select from seen_report_touch t where t.kind = 'call' and t.account_id = coalesce(r.account_id, s.account_id)
                            and t.batch_id = coalesce(r.batch_id, s.batch_id) and t.hour_at = coalesce(r.hour_at, s.hour_at))
      union all
      select batch_id || ' ' || hour_at,
             case when r.refusals is distinct from s.refusals
               then 'turnos ' || coalesce(r.refusals, 0) || ', suma ' || coalesce(s.refusals, 0) end
        from refusals r full join summed_refusals s using (account_id, batch_id, hour_at)
       where not exists (select from seen_report_touch t where t.kind = 'refusal' and t.account_id = coalesce(r.account_id, s.account_id)
                            and t.batch_id = coalesce(r.batch_id, s.batch_id) and t.hour_at = coalesce(r.hour_at, s.hour_at))
      union all
      select batch_id::text,
             case when (r.called, r.answered) is distinct from (s.called, s.answered)
               then 'personas ' || coalesce(r.called, 0) || ', suma ' || coalesce(s.called, 0) end
        from people r full join summed_people s using (account_id, batch_id)
       where not exists (select from seen_report_touch t where t.kind = 'call' and t.account_id = coalesce(r.account_id, s.account_id)
                            and t.batch_id = coalesce(r.batch_id, s.batch_id))`,
  },
];
