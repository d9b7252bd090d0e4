import type { Invariant } from '../types.ts';

/** Every row points to where it should, every step left its trace, and every end was told. */
export const trail: readonly Invariant[] = [
  {
    name: 'attempt_fits_together',
    es: 'Cada intento, su contacto, persona, teléfono, línea, petición y llamada son de lo mismo y de la misma cuenta',
    en: 'Every attempt, its contact, person, phone, line, request and call belong together and to one account',
    sql: `
      select a.id::text as subject,
             nullif(concat_ws(', ',
               case when (k.batch_id, k.person_id) is distinct from (a.batch_id, a.person_id) then 'contacto' end,
               case when p.person_id <> a.person_id then 'teléfono de otra persona' end,
               case when l.id is null or l.request_id <> a.request_id or l.contact_id <> a.contact_id
                      or l.attempt_id is distinct from a.id then 'línea' end,
               case when r.contact_id <> a.contact_id or r.batch_id <> a.batch_id then 'petición' end,
               case when c.contact_id <> a.contact_id or c.pool_id <> b.pool_id then 'llamada' end,
               case when a.account_id <> all (array[b.account_id, k.account_id, s.account_id, p.account_id,
                                                    r.account_id, coalesce(l.account_id, a.account_id),
                                                    coalesce(c.account_id, a.account_id)]) then 'otra cuenta' end
             ), '') as breach
        from live_attempt a
        join seen_batch b on b.id = a.batch_id
        join seen_contact k on k.id = a.contact_id
        join seen_person s on s.id = a.person_id
        join seen_phone p on p.id = a.phone_id
        join seen_line_request r on r.id = a.request_id
        left join seen_line_lease l on l.id = a.lease_id
        left join seen_call c on c.attempt_id = a.id`,
  },
  {
    name: 'rows_stay_in_their_account',
    es: 'Ninguna fila de una cuenta apunta a una fila de otra',
    en: "No row of one account points to another account's row",
    sql: `
      select k.id::text as subject,
             case when k.account_id <> b.account_id or k.account_id <> s.account_id then 'contacto de dos cuentas' end
               as breach
        from seen_contact k join seen_batch b on b.id = k.batch_id join seen_person s on s.id = k.person_id
      union all
      select p.id::text, case when p.account_id <> s.account_id then 'teléfono de dos cuentas' end
        from seen_phone p join seen_person s on s.id = p.person_id
      union all
      select d.id::text,
             case when d.account_id <> k.account_id or d.person_id <> k.person_id then 'deuda de otro contacto' end
        from seen_debt d join seen_contact k on k.id = d.contact_id`,
  },
  {
    name: 'call_left_its_trace',
    es: 'Cada paso de una llamada dejó su fila: colocada, rechazada, ausente, terminada, analizada; una vez',
    en: 'Every step of a call left its row: placed, rejected, absent, ended, analysed; once',
    sql: `
      select c.attempt_id::text as subject,
             nullif(concat_ws(', ',
               case when (c.provider_call_id is not null) and coalesce(e.placed, 0) <> 1 then 'colocada' end,
               case when c.state = 'rejected' and coalesce(e.rejected, 0) <> 1 then 'rechazada' end,
               case when c.state = 'absent' and coalesce(e.absent, 0) <> 1 then 'ausente' end,
               case when coalesce(e.ended, 0) <> (c.state = 'ended')::int then 'terminada' end,
               case when coalesce(e.analysed, 0) <> (c.analysed_at is not null)::int then 'analizada' end), '')
               as breach
        from live_call c
        left join (select attempt_id, count(*) filter (where kind in ('placed', 'found')) as placed,
                          count(*) filter (where kind = 'rejected') as rejected,
                          count(*) filter (where kind = 'absent') as absent,
                          count(*) filter (where kind = 'ended') as ended,
                          count(*) filter (where kind = 'analysed') as analysed
                     from seen_attempt_event group by attempt_id) e on e.attempt_id = c.attempt_id`,
  },
  {
    name: 'ended_call_is_told',
    es: 'El término de cada llamada se contó a su contacto, una sola vez',
    en: 'The end of every call was told to its contact, exactly once',
    settles: true,
    sql: `
      select c.attempt_id::text as subject,
             case
               when c.signalled_at is null and c.ended_at > now() - interval '5 minutes' and c.check_at is not null
               then null
               when c.signalled_at is null then 'terminada y sin contar'
               -- What was told of an erased person does not say any more of which call it was.
               when c.erased_at is not null and coalesce(t.told, 0) <> e.ended then
                 e.ended || ' terminadas y ' || coalesce(t.told, 0) || ' contadas'
               when c.erased_at is not null then null
               when coalesce(o.told, 0) <> 1 then 'contada ' || coalesce(o.told, 0) || ' veces'
               when o.contact_id is distinct from c.attempt_contact_id::text then 'contada a otro contacto'
             end as breach
        from live_call c
        left join (select payload ->> 'attemptId' as attempt_id, count(*) as told, min(contact_id::text) as contact_id
                     from seen_outbox where signal = 'callEnded' group by 1) o on o.attempt_id = c.attempt_id::text
        left join (select contact_id, count(*) as told from seen_outbox where signal = 'callEnded' group by 1) t
          on t.contact_id = c.attempt_contact_id
        left join (select attempt_contact_id, count(*) as ended from live_call
                    where state = 'ended' and signalled_at is not null group by 1) e
          on e.attempt_contact_id = c.attempt_contact_id
       where c.state = 'ended'`,
  },
  {
    name: 'outbox_is_delivered',
    es: 'Ningún aviso lleva más de un minuto sin entregarse, ni quedó sin destinatario',
    en: 'No message has been undelivered for more than a minute, or is dead',
    settles: true,
    sql: `
      select o.id::text as subject,
             case
               when o.dead_at is not null and not (o.kind = 'signal' and o.last_error = 'the run that it was for is gone')
               then coalesce(o.signal, o.kind) || ' sin destinatario: ' || coalesce(o.last_error, '')
               when o.delivered_at is null and o.dead_at is null and o.created_at < now() - interval '1 minute' then
               coalesce(o.signal, o.kind) || ' sin entregar, ' || o.tries || ' intentos' end as breach
        from seen_outbox o`,
  },
];
