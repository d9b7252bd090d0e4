import type { Invariant } from '../types.ts';

/** Nobody is called twice, and nobody is called without a row: our attempts against the provider's own record. */
export const provider: readonly Invariant[] = [
  {
    name: 'attempt_has_one_call',
    es: 'Cada intento tiene una llamada, con el id del proveedor si y solo si fue colocada',
    en: 'Every attempt has one call, with a provider id if and only if it was placed',
    sql: `
      select a.id::text as subject,
             case
               when c.attempt_id is null then 'intento sin llamada'
               when (c.state in ('placed', 'ended')) <> (c.provider_call_id is not null) then
                 'estado ' || c.state || case when c.provider_call_id is null then ' sin' else ' con' end
                 || ' id del proveedor'
             end as breach
        from live_attempt a left join seen_call c on c.attempt_id = a.id`,
  },
  {
    name: 'provider_call_has_attempt',
    es: 'Cada llamada del proveedor es de un solo intento: suyo el id, la cuenta y el número marcado',
    en: 'Every call at the provider belongs to exactly one attempt: its id, its account, its number',
    needsRecord: true,
    settles: true,
    sql: `
      select p.call_id as subject,
             case
               when a.id is null then 'ningún intento la explica'
               when c.attempt_id is null then 'el intento no tiene llamada'
               when a.account_id::text is distinct from p.account_id then 'es de otra cuenta'
               -- Of an erased person's number its last two digits are left.
               when case when a.erased_at is null then a.e164 is distinct from p.call ->> 'to_number'
                         else right(a.e164, 2) is distinct from right(p.call ->> 'to_number', 2) end then 'se marcó un número que no es el del intento'
               when c.provider_call_id is null and c.state in ('placing', 'unknown') and c.check_at is not null then null
               when c.provider_call_id is distinct from p.call_id then
                 'su intento no la conoce (' || c.state || ')'
             end as breach
        from record_call p
        left join live_attempt a on a.id::text = p.attempt_id
        left join seen_call c on c.attempt_id = a.id
       where p.is_before`,
  },
  {
    name: 'placed_attempt_has_provider_call',
    es: 'Cada intento colocado tiene una llamada en el registro del proveedor',
    en: "Every placed attempt has a call in the provider's record",
    needsRecord: true,
    settles: true,
    sql: `
      select c.attempt_id::text as subject,
             case when p.call_id is null then 'el proveedor no la tiene'
                  when p.attempt_id is distinct from c.attempt_id::text then 'en el proveedor es de otro intento'
             end as breach
        from live_call c
        left join record_call p on p.call_id = c.provider_call_id and not p.is_before
       where c.provider_call_id is not null`,
  },
  {
    name: 'dialled_at_most_once',
    es: 'Ningún intento se marcó dos veces: a lo más un POST y una llamada en el registro del proveedor',
    en: "No attempt was dialled twice: at most one POST and one call in the provider's own record",
    needsRecord: true,
    sql: `
      select coalesce(attempt_id, 'POST ' || seq) as subject,
             case
               when attempt_id is null and placed > 0 then 'una llamada sin intento'
               when attempt_id is null then null
               when placed > 1 then 'marcado ' || placed || ' veces'
               when posts > 1 then posts || ' POST para un intento'
               when calls > 1 then calls || ' llamadas para un intento'
             end as breach
        from (select attempt_id, min(seq) as seq, count(*) as posts, count(*) filter (where placed) as placed
                from record_post
               group by attempt_id, case when attempt_id is null then seq end) post
        left join (select attempt_id, count(*) as calls from record_call where not is_before group by attempt_id) call
       using (attempt_id)`,
  },
  {
    name: 'dialled_in_its_moment',
    es: 'Ningún POST salió antes de que su intento quedara escrito ni después de su plazo',
    en: 'No POST left before its attempt was written, nor after its deadline',
    needsRecord: true,
    // Clocks of two processes, and a POST that is under way at the deadline.
    sql: `
      select a.id::text as subject,
             case when p.arrived_at > a.dial_deadline_at + interval '5 seconds' then
                    'llegó ' || round(extract(epoch from p.arrived_at - a.dial_deadline_at)) || ' s después de su plazo'
                  when p.arrived_at < a.attempted_at - interval '5 seconds' then 'llegó antes de quedar escrito'
             end as breach
        from record_post p join live_attempt a on a.id::text = p.attempt_id`,
  },
];
