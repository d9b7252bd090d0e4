import type { Invariant } from '../types.ts';

/** The newest agreed wish for the attempt's slot is the person's own; one without a time was said in a call. */
export const askedByPerson = `
  coalesce((select r.requested_by from seen_reschedule_request r
             where r.contact_id = a.contact_id and r.slot_key = a.wave_key and r.result = 'agreed'
             order by r.id desc limit 1), 'person') = 'person'`;

/** Every limit of the pack's own list, counted again over all attempts and messages before each attempt. */
export const packLimits: Invariant = {
  name: 'pack_limits',
  es: 'Ningún intento más allá de los límites de su paquete: por día, semana o días corridos, ni antes de su pausa',
  en: 'No attempt beyond the limits of its pack: a day, a week, rolling days, nor before its gap is over',
  sql: `
    with judged as (
      select a.id, a.account_id, a.person_id, a.e164, a.attempted_at, a.zone, t.pack, l.value as lim
        from live_attempt a
        join live_terms t on t.attempt_id = a.id
        join seen_person s on s.id = a.person_id
       cross join lateral (
         select value from jsonb_array_elements(coalesce(t.pack -> 'limits', '[]'))
         -- What a city or a state makes stricter, for whoever is known to live there. A limit that is there twice is one.
         union
         select o.value from jsonb_array_elements(coalesce(t.pack -> 'overlays', '[]')) v
          cross join lateral jsonb_array_elements(v.value -> 'limits') o
          where exists (
            select from jsonb_array_elements_text(v.value -> 'places') p
             where position(' ' || lower(p.value) || ' ' in
                            ' ' || regexp_replace(lower(s.region), '[^a-z0-9]+', ' ', 'g') || ' ') > 0)) l
       where a.counts and l.value ->> 'channel' in ('phone', 'any')
         and not (a.rescheduled and ${askedByPerson} and coalesce((l.value ->> 'waivedByRequest')::boolean, false))),
    earlier as (
      select j.id, j.lim, b.attempted_at as at
        from judged j
        join live_attempt b on b.account_id = j.account_id and b.counts
         and (b.attempted_at, b.id) < (j.attempted_at, j.id)
         and case j.lim ->> 'scope' when 'phone' then b.e164 = j.e164 else b.person_id = j.person_id end
        left join seen_call c on c.attempt_id = b.id
       where case j.lim ->> 'countOn'
               when 'attempt' then true
               when 'ring' then coalesce(c.rang, c.state is distinct from 'absent')
               else c.ended_at <= j.attempted_at and (
                 coalesce(c.human, false)
                 or (coalesce((j.pack ->> 'declinedIsHuman')::boolean, false) and c.disconnection_reason = 'user_declined')
                 or (coalesce((j.pack ->> 'voicemailIsHuman')::boolean, false)
                     and (coalesce(c.in_voicemail, false) or c.disconnection_reason = 'voicemail_reached'))) end
      union all
      select j.id, j.lim, m.counted_at
        from judged j
        join seen_person_message m on m.account_id = j.account_id and m.person_id = j.person_id
         and m.undone_at is null and not m.requested and m.counted_at < j.attempted_at
       where j.lim ->> 'channel' = 'any' and j.lim ->> 'scope' = 'person'),
    counted as (
      select j.id, j.lim,
             count(e.at) filter (where case j.lim -> 'per' ->> 'kind'
               when 'day' then (e.at at time zone j.zone)::date = (j.attempted_at at time zone j.zone)::date
               when 'calendar_week' then
                 date_trunc('week', e.at at time zone j.zone) = date_trunc('week', j.attempted_at at time zone j.zone)
               else e.at > j.attempted_at - (j.lim -> 'per' ->> 'days')::int * interval '24 hours' end) as before,
             bool_or(e.at > j.attempted_at - (j.lim ->> 'minGapMs')::bigint * interval '1 millisecond') as too_soon
        from judged j left join earlier e on e.id = j.id and e.lim = j.lim
       group by j.id, j.lim)
    select a.id::text as subject,
           (select string_agg(case when c.before >= (c.lim ->> 'max')::int
                                   then 'van ' || c.before || ' y el límite es ' || (c.lim ->> 'max')
                                   else 'antes de su pausa' end, ', ')
              from counted c
             where c.id = a.id and (c.before >= (c.lim ->> 'max')::int or c.too_soon)) as breach
      from live_attempt a where a.counts`,
};
