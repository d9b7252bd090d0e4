import type { Invariant } from '../types.ts';

/** What a call takes from its account: hold, tariff, charge. */
export const money: readonly Invariant[] = [
  {
    name: 'hold_follows_line',
    es: 'Hay una reserva pendiente si y solo si su línea está tomada',
    en: 'A hold is pending if and only if its line is held',
    sql: `
      select h.id::text as subject,
             case
               when l.id is null then 'reserva sin línea'
               when h.state = 'pending' and l.released_at is not null then 'pendiente con la línea suelta'
               when h.state <> 'pending' and l.released_at is null then h.state || ' con la línea tomada'
             end as breach
        from live_hold h left join live_lease l on l.hold_id = h.id
      union all
      select l.id::text, 'línea sin reserva' from live_lease l
       where not exists (select from live_hold h where h.id = l.hold_id and h.request_id = l.request_id)`,
  },
  {
    name: 'hold_state_fits_call',
    es: 'La reserva de una llamada terminada se cobró, y la de una que no se hizo se devolvió',
    en: 'The hold of an ended call is posted (or given back before it was found), that of a call not made is given back',
    sql: `
      select h.id::text as subject,
             case
               when h.state = 'posted' and c.state is distinct from 'ended' then
                 'cobrada sin llamada terminada (' || coalesce(c.state, 'no hay') || ')'
               -- Given back, and found after all: charged by a true-up.
               when h.state in ('voided', 'expired') and c.state = 'ended' and not exists (
                 select from seen_attempt_event e where e.attempt_id = c.attempt_id and e.kind = 'found') then
                 'devuelta (' || h.state || ') y su llamada terminó'
             end as breach
        from live_hold h left join live_call c on c.request_id = h.request_id`,
  },
  {
    name: 'held_at_the_tariff',
    es: 'Cada reserva lleva la tarifa vigente al entregarse su línea',
    en: 'Every hold carries the tariff in force when its line was granted',
    sql: `
      select h.id::text as subject,
             case when t.id is null then 'no había tarifa'
                  when (h.plan, h.unit, h.rate_micros_per_minute) is distinct from
                       (t.plan, t.unit, t.rate_micros_per_minute)
                  then 'no es la tarifa vigente' end as breach
        from live_hold h
        join live_lease l on l.hold_id = h.id
        left join lateral (select * from seen_tariff t
                            where t.account_id = h.account_id and t.effective_from <= l.granted_at
                            order by t.effective_from desc limit 1) t on true`,
  },
  {
    name: 'charged_by_the_second',
    es: 'Lo cobrado por cada llamada es su tarifa por sus segundos, recalculado aquí',
    en: 'What every call was charged is its tariff times its seconds, computed again here',
    sql: `
      select c.attempt_id::text as subject,
             case
               when c.charged_micros is null or c.billable_seconds is null then 'terminada y sin cobro'
               when h.id is null then 'cobrada sin reserva'
               when c.charged_unit is distinct from h.unit then 'cobrada en otra unidad'
               when c.charged_micros::numeric <> case h.plan
                      when 'unlimited' then 0
                      when 'minutes_based' then c.billable_seconds::numeric * 1000000
                      else ceil(c.billable_seconds::numeric * h.rate_micros_per_minute / 60) end
               then 'cobrado ' || c.charged_micros || ' por ' || c.billable_seconds || ' s'
             end as breach
        from live_call c left join live_hold h on h.request_id = c.request_id
       where c.state = 'ended'`,
  },
  {
    name: 'charge_is_in_the_ledger',
    es: 'Lo cobrado por cada llamada es lo que el libro sacó de la cuenta por ella, y nada más se consumió',
    en: 'What a call was charged is what the ledger took for it, and nothing else was consumed',
    // Of every account: money that a rehearsal took would be money as well.
    sql: `
      with taken as (
        select coalesce(a.id::text, case t.kind when 'true_up' then split_part(t.reference, ':', 1)
                                                else t.kind || ' ' || t.reference end) as attempt_id,
               t.account_id, t.unit, sum(t.consumed_micros) as micros
          from seen_ledger_transaction t
          left join seen_ledger_hold h on t.kind = 'post' and h.id::text = t.reference
          left join seen_attempt a on a.request_id = h.request_id
          -- Messages have an invariant of their own.
         where t.consumed_micros <> 0 and h.message_id is null
           and not (t.kind = 'true_up' and exists (select from seen_message m
                                                    where m.id::text = split_part(t.reference, ':', 1)))
         group by 1, 2, 3)
      select coalesce(c.attempt_id::text, k.attempt_id) as subject,
             case
               when c.attempt_id is null then 'consumo sin llamada: ' || k.micros
               when c.account_id <> k.account_id then 'lo pagó otra cuenta'
               when coalesce(k.micros, 0) <> coalesce(c.charged_micros, 0) then
                 'cobrado ' || coalesce(c.charged_micros, 0) || ' y en el libro ' || coalesce(k.micros, 0)
               when k.unit <> c.charged_unit then 'cobrado en otra unidad'
             end as breach
        from (select * from seen_call where state = 'ended' or charged_micros is not null) c
        full join taken k on k.attempt_id = c.attempt_id::text`,
  },
];
