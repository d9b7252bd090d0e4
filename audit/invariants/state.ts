import type { Invariant } from '../types.ts';

/** Rows that are projections say what the append-only rows say, and nothing is left lying. */
export const state: readonly Invariant[] = [
  {
    name: 'finished_batch_is_done',
    es: 'Ningún contacto de un lote terminado está abierto',
    en: 'No contact of a finished batch is open',
    sql: `
      select k.id::text as subject,
             case when k.state <> 'closed' then 'abierto (' || k.state || ') en un lote terminado' end as breach
        from live_contact k join live_batch b on b.id = k.batch_id and b.state = 'finished'`,
  },
  {
    name: 'done_batch_is_finished',
    es: 'Un lote con todos sus contactos cerrados está terminado',
    en: 'A batch whose contacts are all closed is finished',
    settles: true,
    sql: `
      select b.id::text as subject,
             case when b.state in ('running', 'paused') and k.open = 0 and k.last < now() - interval '2 minutes' then
               'sin contactos abiertos y sigue ' || b.state end as breach
        from live_batch b
        join (select batch_id, count(*) filter (where state <> 'closed') as open, max(closed_at) as last
                from live_contact group by batch_id) k on k.batch_id = b.id`,
  },
  {
    name: 'taken_people_are_contacts',
    es: 'Cada persona que un lote tomó de sus cargas es un contacto suyo, una vez',
    en: 'Every person whom a batch has taken from its imports is a contact of it, once',
    sql: `
      select b.id::text as subject,
             case when t.people <> coalesce(k.contacts, 0) then
               t.people || ' personas tomadas, ' || coalesce(k.contacts, 0) || ' contactos' end as breach
        from live_batch b
        join (select batch_id, sum(people_taken - people_known - people_settled - people_erased) as people from seen_batch_import group by batch_id) t
          on t.batch_id = b.id
        left join (select batch_id, count(*) as contacts from live_contact group by batch_id) k on k.batch_id = b.id`,
  },
  {
    name: 'closed_contact_has_outcome',
    es: 'Cada contacto cerrado tiene resultado y fecha de cierre, y solo los cerrados',
    en: 'Every closed contact has an outcome and the instant of its end, and no other has',
    sql: `
      select k.id::text as subject,
             case when (k.state = 'closed') <> (k.outcome is not null) or (k.state = 'closed') <> (k.closed_at is not null)
                  then k.state || ' con resultado ' || coalesce(k.outcome, 'ninguno') end as breach
        from live_contact k`,
  },
  {
    name: 'closed_contact_asks_nothing',
    es: 'Ningún contacto cerrado tiene una petición de línea en la cola',
    en: 'No closed contact has a request for a line in the queue',
    sql: `
      select r.id as subject, case when k.state = 'closed' then r.state || ' de un contacto cerrado' end as breach
        from live_request r join live_contact k on k.id = r.contact_id
       where r.state in ('waiting', 'suspended')`,
  },
  {
    name: 'no_attempt_after_close',
    es: 'Ningún intento antes de abrirse su contacto ni después de cerrarse (por vuelta)',
    en: 'No attempt before its contact was opened nor after it was closed (of each run)',
    sql: `
      with closing as (
        select k.id as contact_id, k.closed_at as at from live_contact k where k.state = 'closed'
        union all
        select k.id, w.at from seen_audit w join live_contact k on k.id::text = w.subject
         where w.action = 'contact.closed'),
      too_late as (
        select distinct a.id
          from live_attempt a join closing c on c.contact_id = a.contact_id and c.at < a.attempted_at
         where not exists (select from seen_audit w
                            where w.account_id = a.account_id and w.subject = a.contact_id::text
                              and w.action = 'contact.retried' and w.at between c.at and a.attempted_at))
      select a.id::text as subject,
             case
               when k.opened_at is null then 'su contacto nunca se abrió'
               when k.run = 1 and a.attempted_at < k.opened_at then 'antes de abrirse su contacto'
               when x.id is not null then 'después de cerrarse su contacto'
             end as breach
        from live_attempt a
        join seen_contact k on k.id = a.contact_id
        left join too_late x on x.id = a.id`,
  },
  {
    name: 'contact_counts_attempts',
    es: 'El contador de cada contacto es el de sus intentos en esta vuelta',
    en: "Every contact's counter equals its attempts in this run",
    settles: true,
    sql: `
      select k.id::text as subject,
             case when k.attempts <> coalesce(n.attempts, 0) then
               'dice ' || k.attempts || ' y hay ' || coalesce(n.attempts, 0) end as breach
        from live_contact k
        left join (select a.contact_id, count(*) as attempts
                     from live_attempt a join live_contact k on k.id = a.contact_id and a.attempted_at >= k.opened_at
                    where a.counts group by 1) n on n.contact_id = k.id`,
  },
];
