import type { Invariant } from '../types.ts';

/** Payments, agreements, and what was told in calls: recomputed from rows, by no code of the product. */
export const negotiation: readonly Invariant[] = [
  {
    name: 'payment_adds_up',
    es: 'Lo repartido de cada pago más lo que sobra es el pago; nunca se devuelve más de lo que queda de él',
    en: 'What is spread of a payment and what is over are the payment; no more is given back than stands of it',
    sql: `
      select p.id::text as subject,
             case when p.kind = 'reversal' and (o.id is null or o.kind = 'reversal'
                                               or o.person_id <> p.person_id or o.currency <> p.currency)
                    then 'no es la reversa de un pago suyo'
                  when p.restores_id is not null and (o.id is null or o.kind <> p.kind
                                               or o.person_id <> p.person_id or o.currency <> p.currency)
                    then 'no es el nuevo registro de un pago suyo'
                  when coalesce(p.reverses_id, p.restores_id) is null and n.net not between 0 and p.amount_micros
                    then 'queda ' || n.net || ' de ' || p.amount_micros
                  when coalesce(p.reverses_id, p.restores_id) is null and exists (
                         select from seen_payment_allocation x join seen_payment y on y.id = x.payment_id
                          where y.id = p.id or p.id in (y.reverses_id, y.restores_id)
                          group by x.debt_id having sum(x.amount_micros) < 0)
                    then 'devolvió a una deuda más de lo que le pagó'
                  when case p.kind when 'reversal' then -a.spread else a.spread end + p.unallocated_micros
                       <> p.amount_micros then 'repartido ' || a.spread || ', sobra ' || p.unallocated_micros
                    || ', pago ' || p.amount_micros
                  when p.kind = 'write_off' and p.unallocated_micros <> 0 then 'se condonó más de lo que se debía'
             end as breach
        from seen_payment p
        left join seen_payment o on o.id = coalesce(p.reverses_id, p.restores_id)
       cross join lateral (
         select p.amount_micros + coalesce(sum(case y.kind when 'reversal' then -y.amount_micros else y.amount_micros end), 0)
                  as net
           from seen_payment y where p.id in (y.reverses_id, y.restores_id)) n
       cross join lateral (select coalesce(sum(x.amount_micros), 0)::bigint as spread
                             from seen_payment_allocation x where x.payment_id = p.id) a`,
  },
  {
    name: 'allocation_of_its_person',
    es: 'Cada pago se reparte solo entre deudas de su persona y en su moneda',
    en: "A payment is spread over its own person's debts only and in its currency",
    sql: `
      select a.id::text as subject,
             case when d.person_id <> p.person_id then 'deuda de otra persona'
                  when d.currency <> p.currency then 'deuda en otra moneda' end as breach
        from seen_payment_allocation a
        join seen_payment p on p.id = a.payment_id
        join seen_debt d on d.id = a.debt_id`,
  },
  {
    name: 'debt_paid_once',
    es: 'Ninguna deuda queda con saldo bajo cero ni sobre su monto',
    en: 'No debt has a balance below zero, or above its amount',
    sql: `
      select d.id::text as subject,
             case when sum(a.amount_micros) > d.amount_micros then 'pagada ' || sum(a.amount_micros) || ' de ' || d.amount_micros
                  when sum(a.amount_micros) < 0 then 'pagada ' || sum(a.amount_micros) end as breach
        from seen_debt d join seen_payment_allocation a on a.debt_id = d.id
       group by d.id, d.amount_micros`,
  },
  {
    name: 'agreement_adds_up',
    es: 'Las cuotas de cada acuerdo suman su total, numeradas y en orden de fecha; un compromiso tiene una',
    en: "An agreement's instalments add up to its total, numbered and in the order of their days; a promise has one",
    sql: `
      select g.id::text as subject,
             case when i.many is null then 'sin cuotas'
                  when i.total <> g.total_micros then 'suman ' || i.total || ' de ' || g.total_micros
                  when i.last <> i.many then 'numeradas hasta ' || i.last || ' y son ' || i.many
                  when i.disorder then 'fechas desordenadas'
                  when g.kind = 'promise' and i.many <> 1 then 'un compromiso con ' || i.many || ' cuotas' end as breach
        from seen_agreement g
        left join (
          select agreement_id, sum(amount_micros)::bigint as total, count(*) as many, max(number) as last,
                 coalesce(bool_or(late), false) as disorder
            from (select agreement_id, number, amount_micros,
                         due_date <= lag(due_date) over (partition by agreement_id order by number) as late
                    from seen_agreement_instalment) each_one
           group by agreement_id) i on i.agreement_id = g.id`,
  },
  {
    name: 'agreement_above_floor',
    es: 'Ningún acuerdo con descuento queda bajo el piso de su etapa, recalculado de la definición',
    en: 'No agreement with a discount is below the floor of its stage, recomputed from the definition',
    sql: `
      select g.id::text as subject,
             case when f.floor is null then 'ninguna etapa del lote da descuento'
                  when g.total_micros * 100 < (g.total_micros + g.discount_micros) * f.floor
                    then 'paga ' || round(g.total_micros * 100.0 / (g.total_micros + g.discount_micros), 2)
                      || ' %, el piso es ' || f.floor || ' %' end as breach
        from seen_agreement g
        join seen_batch b on b.id = g.batch_id
        left join seen_negotiation n on n.id = b.negotiation_id
       cross join lateral (
         select g.made_at at time zone coalesce(
                  (select s.zone from seen_person s where s.id = g.person_id), b.zone) as wall) w
       cross join lateral (
         select coalesce(max(w.wall::date - d.due_date), 0) as days
           from seen_debt d where d.person_id = g.person_id and d.currency = g.currency) late
       cross join lateral (
         -- The lowest of the stages that the oldest debt can have reached: what was paid since may have raised it.
         select min((s -> 'offers' ->> 'floorPercent')::numeric) as floor
           from jsonb_array_elements(n.definition -> 'stages') s
          where (s ->> 'fromDays')::int <= greatest(late.days, 0)) f
       where g.discount_micros > 0`,
  },
  {
    name: 'identity_before_debt',
    es: 'Ninguna respuesta en la llamada habla de la deuda antes de que esa llamada confirmara quién es',
    en: 'No answer in a call tells of the debt before that call had confirmed who is there',
    sql: `
      select f.id::text as subject,
             case when coalesce((n.definition ->> 'identityFirst')::boolean, true)
                   and (f.answer ?| array['debts', 'offers', 'agreement', 'counter']
                        or f.answer ->> 'say' ~ '[0-9]{3,}' or f.answer ->> 'say_en' ~ '[0-9]{3,}')
                   and not exists (
                     select from seen_function_call c
                      where c.attempt_id = f.attempt_id and c.id <= f.id and c.name = 'confirm_identity'
                        and c.answer ->> 'code' = 'confirmed'
                        and not exists (
                          select from seen_function_call x
                           where x.attempt_id = f.attempt_id and x.id > c.id and x.id < f.id
                             and x.name in ('confirm_identity', 'report') and x.answer ->> 'code' in ('wrong_person', 'noted')
                             and (x.answer ->> 'code' = 'wrong_person' or x.args ->> 'kind' = 'wrong_person')))
                  then f.name || ' antes de la identidad' end as breach
        from seen_function_call f
        join live_attempt a on a.id = f.attempt_id
        join seen_batch b on b.id = a.batch_id
        left join seen_negotiation n on n.id = b.negotiation_id`,
  },
  {
    name: 'silent_after_stop',
    es: 'Ningún intento a quien está detenido, en la lista de no contactar, o ya pagó todo lo de su contacto',
    en: 'No attempt to a person who is stopped, is on the do-not-contact list, or had paid all that the contact is about',
    sql: `
      select a.id::text as subject,
             case when a.attempted_at >= s.stopped_at then 'detenida: ' || s.stop_reason
                  when exists (
                    select from seen_do_not_contact x
                     where x.account_id = a.account_id and x.created_at <= a.attempted_at
                       and (x.lifted_at is null or x.lifted_at > a.attempted_at)
                       and x.key in (s.identity_key, 'tel:' || p.e164)) then 'en la lista de no contactar'
                  when exists (select from seen_debt d where d.contact_id = a.contact_id and d.amount_micros > 0)
                   and not exists (
                     -- Whatever the person owes to a creditor that the contact is about.
                     select from seen_debt d
                      where d.person_id = a.person_id
                        and d.creditor_id in (select c.creditor_id from seen_debt c where c.contact_id = a.contact_id)
                        and d.amount_micros > (
                          select coalesce(sum(x.amount_micros), 0)
                            from seen_payment_allocation x join seen_payment y on y.id = x.payment_id
                           where x.debt_id = d.id and y.created_at <= a.attempted_at))
                  then 'todo estaba pagado' end as breach
        from live_attempt a
        join seen_person s on s.id = a.person_id
        join seen_phone p on p.id = a.phone_id`,
  },
  {
    name: 'wish_was_answered',
    es: 'Cada deseo rechazado dice su regla, y cada hora acordada es posterior a cuando se pidió',
    en: 'Every refused wish names its rule, and every agreed one an instant after it was asked for',
    sql: `
      select r.id::text as subject,
             case when r.result = 'refused' and coalesce(r.rule, '') = '' then 'rechazo sin regla'
                  when r.result = 'agreed' and r.agreed_at < r.at then 'acordada en el pasado'
                  when r.result = 'agreed' and r.slot_key is null then 'acordada sin horario' end as breach
        from seen_reschedule_request r join live_contact k on k.id = r.contact_id`,
  },
];
