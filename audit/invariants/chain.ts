import type { Invariant } from '../types.ts';

/** The chain over the audit rows, computed anew: what a hand has changed, taken out or put elsewhere does not fit any more. */
export const chain: readonly Invariant[] = [
  {
    name: 'audit_chain',
    es: 'La cadena de la auditoría cierra: ninguna fila sellada cambió, falta o cambió de lugar',
    en: 'The chain of the audit closes: no sealed row was changed, is missing or has another place',
    sql: `
      with linked as (
        select s.*, lag(s.hash) over w as before, coalesce(lag(s.no) over w, 0) as before_no
          from seen_audit_seal s
        window w as (partition by s.account_id order by s.no))
      select l.account_id || ' #' || l.no as subject,
             case
               when l.no <> l.before_no + 1 then 'falta el eslabón anterior'
               when a.id is null then 'la fila ' || l.audit_id || ' ya no está'
               when a.salt is not null and l.digest <> sha256(a.salt || convert_to(a.detail::text, 'UTF8'))
                 then 'el detalle de la fila ' || a.id || ' cambió'
               when a.salt is null and a.detail <> '{}' then 'la fila ' || a.id || ' tiene un detalle sin sal'
               when a.salt is null and not exists (
                      select from seen_audit e
                       where e.account_id = a.account_id and e.action = 'person.erased' and e.at >= a.at)
                 then 'la fila ' || a.id || ' perdió su detalle y nadie fue eliminado'
               when l.hash <> sha256(coalesce(l.before, '') ||
                      convert_to(jsonb_build_array(a.id, (extract(epoch from a.at) * 1000000)::bigint,
                                                   a.actor, a.action, a.subject)::text, 'UTF8') || l.digest)
                 then 'la fila ' || a.id || ' o su lugar cambió'
             end as breach
        from linked l
        left join seen_audit a on a.account_id = l.account_id and a.id = l.audit_id`,
  },
  {
    name: 'audit_is_sealed',
    es: 'Ninguna fila de auditoría quedó fuera de la cadena que siguió después de ella',
    en: 'No audit row was left out of the chain that went on behind it',
    sql: `
      select a.id::text as subject,
             case when s.audit_id is null and a.at < h.at - interval '2 hours' then 'sin sello' end as breach
        from seen_audit a
        join (select account_id, max(sealed_at) as at from seen_audit_seal group by account_id) h
          on h.account_id = a.account_id
        left join seen_audit_seal s on s.account_id = a.account_id and s.audit_id = a.id`,
  },
];
