import type { Invariant } from '../types.ts';
import { askedByPerson, packLimits } from './law-limits.ts';

/** A correction of the calendar that held for the attempt's account, country and wall day, when it was made. */
const inForce = `
  (h.account_id is null or h.account_id = a.account_id) and h.country = t.pack ->> 'country'
  and h.created_at <= a.attempted_at and (h.removed_at is null or h.removed_at > a.attempted_at)
  and (h.day = w.wall::date or (h.every_year and to_char(h.day, 'MMDD') = to_char(w.wall, 'MMDD')))`;
const placeOfPerson = `
  ' ' || regexp_replace(translate(lower(s.region), 'áéíóúüñ', 'aeiouun'), '[^a-z0-9]+', ' ', 'g') || ' '`;

/** What the law, and the pack that a batch runs under, forbid. */
export const law: readonly Invariant[] = [
  {
    name: 'inside_window',
    es: 'Ningún intento fuera del horario del paquete de su lote, en su propia zona: ni domingo, ni feriado',
    en: "No attempt outside the window of its batch's pack in its own zone: hours, weekdays, holidays",
    sql: `
      select a.id::text as subject,
             (select string_agg(why, ', ' order by why) from (
                select z.zone || ': ' || case
                    when (t.pack ->> 'closedOnHolidays')::boolean and not exists (
                      select from holiday_year y
                       where y.country = t.pack ->> 'country' and y.year = extract(year from w.wall)::int)
                      then 'la auditoría no tiene feriados de ' || coalesce(t.pack ->> 'country', 'ningún país')
                        || ' para ese año'
                    when (t.pack ->> 'closedOnHolidays')::boolean and exists (
                      select from holiday h where h.country = t.pack ->> 'country' and h.day = w.wall::date)
                     and not exists (
                      select from changed_holiday h where h.kind = 'open' and ${inForce} and h.region is null)
                      then 'feriado'
                    when (t.pack ->> 'closedOnHolidays')::boolean and exists (
                      select from changed_holiday h
                       where h.kind = 'closed' and ${inForce}
                         and (h.region is null or s.region is null or position(h.place in ${placeOfPerson}) > 0))
                      then 'feriado del catálogo'
                    when coalesce(jsonb_array_length(w.hours), 0) = 0 then 'ese día no se llama'
                    when not exists (
                      select from jsonb_array_elements(w.hours) h
                       where w.minute >= (h ->> 'from')::int and w.minute < (h ->> 'to')::int)
                      then 'fuera de hora (' || to_char(w.wall, 'HH24:MI') || ')'
                  end as why
                  from (select a.zone union select cz.zone from country_zone cz
                         where s.zone is null and cz.country = s.country
                           and not (s.country = 'US' and coalesce(s.region, '') ~ '^ *[A-Za-z]{2} *$')) z
                 cross join lateral (select a.attempted_at at time zone z.zone as wall) c
                 cross join lateral (
                   select c.wall, extract(hour from c.wall) * 60 + extract(minute from c.wall) as minute,
                          t.pack -> 'windows' -> extract(isodow from c.wall)::int::text as hours) w
              ) each_zone) as breach
        from live_attempt a
        join live_terms t on t.attempt_id = a.id
        join seen_person s on s.id = a.person_id`,
  },
  {
    name: 'day_of_its_zone',
    es: 'El día local de cada intento es el de su zona en ese instante',
    en: 'The local day of every attempt is the day of its zone at that instant',
    sql: `
      select a.id::text as subject,
             case when a.local_day <> a.day then 'dice ' || a.local_day || ' y era ' || a.day end as breach
        from live_attempt a`,
  },
  {
    name: 'person_daily_limit',
    es: 'Nunca más de 3 intentos al día a una persona, o los que su paquete y política permitan si son menos',
    en: 'Never more than 3 attempts a day to one person, or fewer where pack or policy say so',
    sql: `
      select id::text as subject,
             case when nth > calls_per_day then 'intento ' || nth || ' del día; el límite es ' || calls_per_day end
               as breach
        from (select a.id, t.calls_per_day,
                     row_number() over (partition by a.account_id, a.person_id, a.day
                                            order by a.attempted_at, a.id) as nth
                from live_attempt a join live_terms t on t.attempt_id = a.id where a.counts) ranked`,
  },
  {
    name: 'phone_daily_limit',
    es: 'Nunca más de 3 intentos al día a un teléfono, o los que su paquete y política permitan si son menos',
    en: 'Never more than 3 attempts a day to one phone, or fewer where pack or policy say so',
    sql: `
      select id::text as subject,
             case when nth > calls_per_day then 'intento ' || nth || ' del día; el límite es ' || calls_per_day end
               as breach
        from (select a.id, t.calls_per_day,
                     row_number() over (partition by a.account_id, a.e164, a.day
                                            order by a.attempted_at, a.id) as nth
                from live_attempt a join live_terms t on t.attempt_id = a.id where a.counts) ranked`,
  },
  {
    name: 'cool_down',
    es: 'Ningún intento en los días de silencio que siguen a una persona que contestó, salvo que ella lo pidiera',
    en: 'No attempt in the days of silence after a human answered, unless the person asked for it',
    sql: `
      with too_soon as (
        select distinct a.id
          from live_attempt a
          join live_terms t on t.attempt_id = a.id
          join live_call h on h.account_id = a.account_id and h.person_id = a.person_id and h.attempt_id <> a.id
         where h.human and coalesce(h.started_at, h.ended_at) <= a.attempted_at
           and a.attempted_at < h.ended_at + t.cooldown_days * interval '24 hours')
      select a.id::text as subject, case when x.id is not null then 'dentro de los días de silencio' end as breach
        from live_attempt a left join too_soon x on x.id = a.id
       where a.counts and not (a.rescheduled and ${askedByPerson})`,
  },
  packLimits,
  {
    name: 'reschedule_was_asked',
    es: 'Cada intento «reagendado» tiene un pedido registrado antes de él',
    en: 'Every attempt marked as rescheduled has a recorded request before it',
    sql: `
      select a.id::text as subject,
             case when not exists (
               select from seen_audit w
                where w.account_id = a.account_id and w.subject = a.contact_id::text
                  and w.action = 'contact.reschedule_requested' and w.at <= a.attempted_at)
              and not exists (
               select from seen_reschedule_request r
                where r.contact_id = a.contact_id and r.result = 'agreed' and r.at <= a.attempted_at)
              -- They said "later" without a time: the next call is theirs.
              and not exists (
               select from live_call c
                where c.attempt_contact_id = a.contact_id and c.outcome = 'callback_requested'
                  and c.ended_at <= a.attempted_at)
             then 'nadie pidió esta llamada' end as breach
        from live_attempt a where a.rescheduled`,
  },
  {
    name: 'do_not_call',
    es: 'Ningún intento a quien pidió no ser llamado, después de pedirlo',
    en: 'No attempt to a person who asked not to be called, after they asked',
    sql: `
      select a.id::text as subject,
             case when a.attempted_at >= s.do_not_call_at then 'pidió no ser llamada' end as breach
        from live_attempt a join seen_person s on s.id = a.person_id`,
  },
  {
    name: 'do_not_call_is_kept',
    es: 'Quien pidió en una llamada no ser llamado quedó marcado',
    en: 'Whoever asked in a call not to be called again is marked',
    sql: `
      select c.attempt_id::text as subject,
             case when s.do_not_call_at is null then 'lo pidió y no quedó marcada' end as breach
        from live_call c join seen_person s on s.id = c.person_id
       where c.state = 'ended' and c.in_voicemail is not true
         and lower(btrim(c.captured ->> 'resultado')) = 'no_llamar'`,
  },
  {
    name: 'blocked_is_left_alone',
    es: 'Nadie llamó ni escribió a quien pidió bloquear sus datos, mientras estuvo bloqueada',
    en: 'Nobody called or wrote to a person who had asked for their data to be blocked, while they were',
    sql: `
      with reached as (
        select a.id::text as id, a.person_id, a.attempted_at as at from live_attempt a
        union all
        select m.id::text, m.person_id, m.at from seen_message m join live_batch b on b.id = m.batch_id)
      select r.id as subject,
             case when r.at >= s.blocked_at then 'pidió bloquear sus datos'
                  when exists (
                    select from seen_audit x
                     where x.subject = r.person_id::text and x.action = 'person.blocked'
                       and x.at <= r.at
                       and not exists (
                         select from seen_audit y
                          where y.subject = x.subject and y.action = 'person.block_lifted'
                            and y.at > x.at
                            and y.at <= r.at))
                  then 'había pedido bloquear sus datos' end as breach
        from reached r join seen_person s on s.id = r.person_id`,
  },
  {
    name: 'one_channel_a_week',
    es: 'Donde la ley deja un solo canal por semana, nadie llamó a quien esa semana había respondido un mensaje',
    en: 'Where the law leaves one channel a week, nobody called a person who had answered a message in that week',
    sql: `
      select a.id::text as subject,
             case when (t.pack ->> 'oneChannelAWeek')::boolean and not (a.rescheduled and ${askedByPerson}) and exists (
               select from seen_person_message m
                where m.account_id = a.account_id and m.person_id = a.person_id and m.undone_at is null
                  and m.answered_at < a.attempted_at
                  and date_trunc('week', m.answered_at at time zone a.zone)
                    = date_trunc('week', a.attempted_at at time zone a.zone))
             then 'esa semana había respondido un mensaje' end as breach
        from live_attempt a join live_terms t on t.attempt_id = a.id where a.counts`,
  },
  {
    name: 'phone_that_exists',
    es: 'Ningún intento a un número después de saberse que no existe',
    en: 'No attempt to a number after it was known not to exist',
    sql: `
      select a.id::text as subject,
             case when a.attempted_at >= p.invalid_at then 'el número no existe' end as breach
        from live_attempt a join seen_phone p on p.id = a.phone_id`,
  },
  {
    name: 'pack_is_allowed',
    es: 'Cada lote corre con un paquete elegido por la cuenta, firmado si lo exige, y apto para sus líneas',
    en: 'Every batch runs under a pack that its account chose, signed off where needed, and fit for its lines',
    sql: `
      select b.id::text as subject,
             case
               when o.account_id is null then 'la cuenta no eligió el paquete ' || b.pack_key
               when (r.definition ->> 'needsSignOff')::boolean
                and (o.signed_off_at is null or btrim(coalesce(o.signed_off_by, '')) = '') then
                 'el paquete ' || b.pack_key || ' no está firmado'
               when (r.definition ->> 'simulatedOnly')::boolean and not p.simulated then
                 'el paquete ' || b.pack_key || ' es solo para un proveedor simulado'
               when not p.simulated and jsonb_array_length(r.definition -> 'callerIdPrefixes') > 0
                and not exists (select from jsonb_array_elements_text(r.definition -> 'callerIdPrefixes') prefix
                                 where starts_with(p.from_number, prefix)) then
                 'el número de origen no tiene el prefijo que exige ' || b.pack_key
               when p.rehearsal then 'un lote real usa líneas de ensayo'
             end as breach
        from live_batch b
        join seen_rule_pack_version r on r.key = b.pack_key and r.version = b.pack_version
        join seen_pool p on p.id = b.pool_id
        left join seen_account_rule_pack o on o.account_id = b.account_id and o.pack_key = b.pack_key`,
  },
  {
    name: 'rehearsals_ring_nobody',
    es: 'Todo lote de la cuenta de un ensayo usa líneas de ensayo, que no llaman a nadie',
    en: "Every batch of a rehearsal's account is on lines for rehearsals, which ring nobody",
    sql: `
      select b.id::text as subject,
             case when not p.rehearsal then 'la cuenta de un ensayo usa las líneas ' || p.key end as breach
        from seen_batch b
        join seen_account o on o.id = b.account_id and o.kind = 'rehearsal'
        join seen_pool p on p.id = b.pool_id`,
  },
  {
    name: 'group_of_the_day',
    es: 'Nunca más personas llamadas en un día que el grupo del lote',
    en: "Never more people called on one day than the batch's group",
    sql: `
      select b.id || ' ' || called.day as subject,
             case when called.people > b.group_size then
               called.people || ' personas; el grupo es de ' || b.group_size end as breach
        from live_batch b
        join (select a.batch_id, (a.attempted_at at time zone b.zone)::date as day,
                     count(distinct a.person_id) as people
                from live_attempt a
                join seen_batch b on b.id = a.batch_id
                -- A retry by hand is the operator's own word, beyond the group.
                join seen_contact k on k.id = a.contact_id and k.run = 1
               where a.counts group by 1, 2) called on called.batch_id = b.id`,
  },
];
