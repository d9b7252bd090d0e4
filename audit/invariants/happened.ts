import type { Invariant } from '../types.ts';

/** Something happened, and whatever should have happened and did not has a reason in a row. */
export const happened: readonly Invariant[] = [
  {
    name: 'something_happened',
    es: 'Algo ocurrió: hay intentos o rechazos que auditar',
    en: 'Something happened: there are attempts or refusals to audit',
    sql: `
      select id::text as subject, null as breach from live_attempt
      union all
      select id::text, null from live_refusal
      union all
      select 'base de datos', 'no hay ni un intento ni un rechazo: nada que auditar'
       where not exists (select from live_attempt) and not exists (select from live_refusal)`,
  },
  {
    name: 'due_turn_has_reason',
    es: 'Cada turno vencido es un intento, un rechazo con su motivo, o fue retirado a pedido antes de vencer',
    en: 'Every turn that came due is an attempt, a refusal with its reason, or was withdrawn on request before that',
    settles: true,
    sql: `
      select r.id as subject,
             case
               when a.id is not null or f.request_id is not null then null
               when r.state in ('waiting', 'suspended') then
                 case when r.deadline_at < now() - interval '10 minutes'
                      then 'sigue en la cola (' || r.state || ') y su plazo venció' end
               when r.state = 'granted' and l.id is null then 'entregado sin línea'
               when r.state = 'granted' and l.released_at is null then null
               when r.state = 'granted' then
                 'línea entregada y devuelta (' || l.release_reason || ') sin intento ni rechazo'
               when r.state = 'missed' then 'perdido sin rechazo'
               when k.closed_at <= r.deadline_at then null
               when exists (select from live_request later
                             where later.account_id = r.account_id and later.contact_id = r.contact_id and later.id <> r.id
                               and later.created_at >= r.created_at and later.created_at <= r.deadline_at) then null
               when exists (select from seen_audit w
                             where w.account_id = r.account_id and w.subject in (r.contact_id::text, r.batch_id::text)
                               and w.action in ('contact.pause_requested', 'contact.reschedule_requested',
                                                'contact.cancel_requested', 'batch.cancelled')
                               and w.at between r.created_at and r.deadline_at + interval '10 minutes') then null
               when k.state <> 'closed' and r.deadline_at > now() - interval '10 minutes' then null
               else 'retirado sin intento, rechazo ni pedido de nadie'
             end as breach
        from live_request r
        join live_contact k on k.id = r.contact_id
        left join live_attempt a on a.request_id = r.id
        left join live_lease l on l.request_id = r.id
        left join (select distinct request_id from live_refusal
                    where btrim(reason) <> '' and btrim(rule) <> '') f on f.request_id = r.id
       where r.state not in ('waiting', 'suspended') or r.deadline_at <= now()`,
  },
  {
    name: 'opened_contact_asked',
    es: 'Cada contacto abierto pidió al menos una línea, o su cierre dice por qué no',
    en: 'Every opened contact asked for a line at least once, or closed for a reason that says why not',
    settles: true,
    sql: `
      select k.id::text as subject,
             case when coalesce(r.last < k.opened_at, true)
                   and coalesce(k.outcome, '') not in ('no_phone', 'no_legal_time', 'cancelled', 'expired', 'stopped')
                   and k.state <> 'paused' and b.state <> 'cancelled'
                   and k.opened_at < now() - interval '2 minutes'
                  then 'abierto y sin ninguna petición de línea' end as breach
        from live_contact k
        join live_batch b on b.id = k.batch_id
        left join (select contact_id, max(created_at) as last from live_request group by 1) r on r.contact_id = k.id
       where k.opened_at is not null`,
  },
  {
    name: 'closed_as_earned',
    es: 'Cada cierre por agotado, excluido o resultado de llamada tiene los intentos que exige',
    en: 'Every contact closed as exhausted, excluded or by the result of a call has the attempts that this takes',
    sql: `
      with done as (
        select a.contact_id, count(*) filter (where a.counts) as attempts,
               count(distinct a.day) filter (where c.rang and not coalesce(c.human, false)) as silent_days,
               array_agg(c.outcome) filter (where c.state = 'ended') as outcomes
          from live_attempt a
          join live_contact k on k.id = a.contact_id and a.attempted_at >= k.opened_at
          left join seen_call c on c.attempt_id = a.id
         group by a.contact_id)
      select k.id::text as subject,
             case
               when k.outcome = 'exhausted' and coalesce(d.attempts, 0) < (v.definition ->> 'maxAttempts')::int then
                 'agotado con ' || coalesce(d.attempts, 0) || ' de ' || (v.definition ->> 'maxAttempts')
               when k.outcome = 'excluded'
                and coalesce(d.silent_days, 0) < (v.definition ->> 'silentDaysToExclude')::int then
                 'excluido con ' || coalesce(d.silent_days, 0) || ' días de silencio'
               -- Told by a file, by the API or in another contact's call: the stop is on record, while this one was open.
               when k.outcome = 'do_not_call' and exists (
                 select from seen_audit w
                  where w.account_id = k.account_id and w.subject = k.person_id::text and w.action = 'person.stopped'
                    and w.detail ->> 'reason' = 'do_not_call' and w.at >= k.opened_at and w.at <= k.closed_at) then null
               when k.outcome = 'do_not_call' and exists (
                 select from live_refusal f where f.account_id = k.account_id and f.contact_id = k.id and f.reason = 'do_not_call') then null
               when k.outcome in ('promise', 'answered', 'completed', 'interested', 'refused', 'already_paid',
                                  'callback_requested', 'do_not_call')
                and not k.outcome = any (coalesce(d.outcomes, '{}')) then
                 'cerrado como ' || k.outcome || ' y ninguna llamada terminó así'
             end as breach
        from live_contact k
        join live_batch b on b.id = k.batch_id
        join seen_policy_version v on v.key = b.policy_key and v.version = b.policy_version
        left join done d on d.contact_id = k.id
       where k.state = 'closed'`,
  },
];
