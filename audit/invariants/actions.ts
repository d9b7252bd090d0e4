import type { Invariant } from '../types.ts';

/** Messages, their law and their money, and what accounts' own systems are told. */
export const actions: readonly Invariant[] = [
  {
    name: 'message_limits',
    es: 'Ningún mensaje pasó los límites del paquete de reglas: tantos por semana o día, y con la pausa debida',
    en: 'No message passed the limits of its rule pack: so many a week or day, and so long after the one before',
    sql: `
      with counted as (
        select m.*, (m.at at time zone m.zone) as local_at
          from seen_message m join live_batch b on b.id = m.batch_id join seen_message_state s on s.message_id = m.id
         where not m.requested_by_person and s.state not in ('failed', 'absent')),
      limits as (
        select r.key, r.version, (l ->> 'max')::int as most, l #>> '{per,kind}' as per,
               (l #>> '{per,days}')::int as days, (l ->> 'minGapMs')::bigint as gap_ms
          from seen_rule_pack_version r cross join jsonb_array_elements(r.definition -> 'limits') l
         where l ->> 'channel' in ('messaging', 'any'))
      select m.id::text as subject,
             case
               when (select count(*) from counted o
                      where o.person_id = m.person_id and o.at <= m.at
                        and case l.per
                              when 'calendar_week' then date_trunc('week', o.local_at) = date_trunc('week', m.local_at)
                              when 'day' then o.local_at::date = m.local_at::date
                              else o.at > m.at - l.days * interval '1 day' end) > l.most
               then 'más de ' || l.most || ' por ' || l.per
               when exists (select from counted o
                             where o.person_id = m.person_id and o.id <> m.id and o.at <= m.at
                               and o.at > m.at - l.gap_ms * interval '1 millisecond')
               then 'muy seguido'
             end as breach
        from counted m
        join limits l on l.key = m.pack_key and l.version = m.pack_version`,
  },
  {
    name: 'no_message_after_stop',
    es: 'A nadie se le escribió después de pedir que no, ni después de detener el contacto',
    en: 'Nobody was written to after asking not to be, or after the contact was stopped',
    sql: `
      select m.id::text as subject,
             case
               when m.at > p.do_not_call_at then 'después de pedir que no'
               when m.at > p.stopped_at then 'después de detenerse: ' || p.stop_reason
               when exists (select from seen_do_not_contact x
                             where x.account_id = m.account_id and x.lifted_at is null and x.created_at < m.at
                               and x.key in (p.identity_key, 'tel:' || h.e164)) then 'está en la lista de no contactar'
             end as breach
        from seen_message m
        join seen_person p on p.id = m.person_id
        join seen_phone h on h.id = m.phone_id
        join live_batch b on b.id = m.batch_id`,
  },
  {
    name: 'message_sent_once',
    es: 'Cada mensaje se intentó enviar a lo más una vez',
    en: 'Every message was tried to be sent at most once',
    sql: `
      select m.id::text as subject, case when count(t.id) > 1 then count(t.id) || ' envíos' end as breach
        from seen_message m
        left join seen_tool_call t on t.subject = m.id::text and t.purpose = 'send_payment_link'
       group by m.id`,
  },
  {
    name: 'message_hold_resolved',
    es: 'Cada mensaje tiene su reserva, resuelta cuando se supo qué pasó y pendiente mientras no',
    en: 'Every message has its hold, resolved once it is known what became of it and pending until then',
    sql: `
      select m.id::text as subject,
             case
               when h.id is null then 'sin reserva'
               when s.state in ('sending', 'unknown') and h.state <> 'pending' then s.state || ' y reserva ' || h.state
               when s.state not in ('sending', 'unknown') and h.state = 'pending' then s.state || ' y reserva pendiente'
               when s.state in ('failed', 'absent') and coalesce(s.charged_micros, 0) <> 0 then s.state || ' y cobrado'
               when s.state in ('accepted', 'sent', 'delivered', 'read') and s.charged_micros is distinct from h.amount_micros
               then 'cobrado ' || coalesce(s.charged_micros::text, 'nada') || ' de ' || h.amount_micros
             end as breach
        from seen_message m
        join seen_message_state s on s.message_id = m.id
        left join seen_ledger_hold h on h.message_id = m.id`,
  },
  {
    name: 'message_charge_is_in_the_ledger',
    es: 'Lo cobrado por cada mensaje es lo que el libro sacó de la cuenta por él',
    en: 'What a message was charged is what the ledger took for it',
    sql: `
      select s.message_id::text as subject,
             case when coalesce(s.charged_micros, 0) <> coalesce(k.micros, 0) then
               'cobrado ' || coalesce(s.charged_micros, 0) || ' y en el libro ' || coalesce(k.micros, 0) end as breach
        from seen_message_state s
        left join (
          select coalesce(h.message_id::text, split_part(t.reference, ':', 1)) as message_id, sum(t.consumed_micros) as micros
            from seen_ledger_transaction t
            left join seen_ledger_hold h on t.kind = 'post' and h.id::text = t.reference
           group by 1) k on k.message_id = s.message_id::text`,
  },
  {
    name: 'deliveries_of_events',
    es: 'Cada evento tiene su envío a cada dirección que lo quería',
    en: 'Every event has its delivery to every endpoint that wanted it',
    sql: `
      select e.id || ' → ' || p.id as subject, case when d.id is null then 'sin envío: ' || e.type end as breach
        from seen_event e
        join seen_webhook_endpoint p
          on p.account_id = e.account_id
         and (p.event_types = '{}' or e.type = any(p.event_types))
         -- Both were being written at the same moment: either order is right.
         and p.created_at < e.created_at - interval '1 minute'
         and (p.disabled_at is null or p.disabled_at > e.created_at)
         -- Once disabled and enabled again, nobody can tell for which events it was off.
         and not exists (select from seen_audit a
                          where a.subject = p.id::text and a.action = 'webhook_endpoint.enabled')
        left join seen_webhook_delivery d on d.event_id = e.id and d.endpoint_id = p.id`,
  },
  {
    name: 'deliveries_are_to_their_own',
    es: 'Ningún evento se envía a una dirección de otra cuenta o que no lo quería',
    en: 'No event is delivered to an endpoint of another account, or to one that did not want it',
    sql: `
      select d.id::text as subject,
             case
               when e.account_id <> p.account_id or d.account_id <> e.account_id then 'de otra cuenta'
               when p.event_types <> '{}' and not e.type = any(p.event_types) then 'no quería ' || e.type
             end as breach
        from seen_webhook_delivery d
        join seen_event e on e.id = d.event_id
        join seen_webhook_endpoint p on p.id = d.endpoint_id`,
  },
];
