import type { Invariant } from '../types.ts';

/**
 * A grant carries the instant at which its round began, a release the instant at which it was written: a line freed
 * while a round waits for its lock reads as an overlap of that wait. A real one lasts as long as a call.
 */
const slack = `interval '1 second'`;

/** Most leases open at once, of each of `key`, looked at whenever one is granted. */
function openAtEachGrant(key: string): string {
  return `
        select id, key, open from (
          select id, key, opens,
                 sum(step) over (partition by key order by at, step, id rows unbounded preceding) as open
            from (select l.id, ${key} as key, l.granted_at + ${slack} as at, 1 as step, true as opens
                    from live_lease l
                   where coalesce(l.released_at, 'infinity') > l.granted_at + ${slack}
                  union all
                  select l.id, ${key}, l.released_at, -1, false from live_lease l
                   where l.released_at > l.granted_at + ${slack}) change) running
         where opens`;
}

/** A line carries one call at a time, and is held from before the dial until the call has ended. */
export const lines: readonly Invariant[] = [
  {
    name: 'line_held_once',
    es: 'Ninguna línea entregada dos veces a la vez',
    en: 'No two leases of one line at the same time',
    sql: `
      select id::text as subject,
             case when held_until > granted_at + ${slack} then 'la línea ' || line_no || ' aún estaba tomada' end
               as breach
        from (select l.id, l.line_no, l.granted_at,
                     max(coalesce(l.released_at, 'infinity')) over (
                       partition by l.pool_id, l.line_no order by l.granted_at, l.fence
                       rows between unbounded preceding and 1 preceding) as held_until
                from live_lease l) following`,
  },
  {
    name: 'fence_is_unique',
    es: 'Cada entrega de línea tiene un número de orden propio en su grupo de líneas',
    en: 'Every lease has a fence of its own in its pool',
    sql: `
      select id::text as subject,
             case when alike > 1 then 'orden ' || fence || ' repetido' end as breach
        from (select l.id, l.fence, count(*) over (partition by l.pool_id, l.fence) as alike
                from live_lease l) counted`,
  },
  {
    name: 'never_above_capacity',
    es: 'Nunca más líneas tomadas a la vez que la capacidad del grupo de líneas',
    en: "Never more lines held at once than the pool's capacity",
    sql: `
      select held.id::text as subject,
             case when held.open > p.capacity then held.open || ' tomadas; hay ' || p.capacity end as breach
        from (${openAtEachGrant('l.pool_id')}) held
        join seen_line_pool p on p.pool_id = held.key`,
  },
  {
    name: 'never_above_account_cap',
    es: 'Nunca más líneas tomadas a la vez por una cuenta que su máximo',
    en: 'Never more lines held at once by an account than its own limit',
    sql: `
      select held.id::text as subject,
             case when held.open > a.max_lines then held.open || ' tomadas; su máximo es ' || a.max_lines end as breach
        from (${openAtEachGrant('l.account_id')}) held
        join seen_account a on a.id = held.key and a.max_lines is not null`,
  },
  {
    name: 'line_held_for_whole_call',
    es: 'La línea de cada llamada se tomó antes de marcar y no se soltó antes de que terminara',
    en: 'The line of every call was taken before the dial and not let go before its end',
    // Two clocks: the provider's end, and the database's release.
    sql: `
      select c.attempt_id::text as subject,
             case when l.id is null then 'sin línea'
                  when l.granted_at > c.attempted_at then 'se marcó antes de tener línea'
                  when l.released_at < c.ended_at - interval '2 seconds' then 'la línea se soltó antes del término'
             end as breach
        from live_call c left join live_lease l on l.id = c.lease_id
       where c.provider_call_id is not null`,
  },
  {
    name: 'open_line_has_running_call',
    es: 'Una línea está tomada si y solo si su llamada corre, o su entrega es reciente',
    en: 'A line is held if and only if its call runs, or its grant is young',
    settles: true,
    sql: `
      select l.id::text as subject,
             case
               when l.released_at is null and l.attempt_id is null and l.expires_at < now() - interval '1 minute' then
                 'entregada, sin marcar y vencida'
               when l.released_at is null and l.attempt_id is not null
                and coalesce(c.state, '') not in ('placing', 'placed', 'unknown') then
                 'tomada por una llamada que no corre (' || coalesce(c.state, 'no existe') || ')'
               when l.released_at is not null and c.state in ('placing', 'placed', 'unknown') then
                 'suelta y su llamada corre (' || c.state || ')'
             end as breach
        from live_lease l left join live_call c on c.attempt_id = l.attempt_id`,
  },
  {
    name: 'running_call_is_watched',
    es: 'Por cada llamada que corre, o que aún no se contó a su contacto, alguien volverá a preguntar',
    en: 'For every call that runs, or whose end its contact has not been told, somebody will ask again',
    settles: true,
    sql: `
      select c.attempt_id::text as subject,
             case when c.check_at is null then 'nadie volverá a preguntar'
                  when c.check_at < now() - interval '10 minutes' then 'la pregunta está atrasada'
             end as breach
        from live_call c
       where c.state in ('placing', 'placed', 'unknown') or (c.state = 'ended' and c.signalled_at is null)`,
  },
];
