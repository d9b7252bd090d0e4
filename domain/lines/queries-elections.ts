import type pg from 'pg';

/** Advisory locks of dispatchers: a class of their own, and the pool's id folded into the other half. */
export const DISPATCHER_LOCKS = 732_001;

/**
 * The live pools that this session dispatches: it takes the lock of each that nobody has, and keeps those that it had. A lock
 * goes with its session, so a holder that is killed is replaced at the next question of another one. A plain connection, because
 * the session is what holds: a pool would hand it to somebody else.
 */
export async function electDispatcher(
  session: pg.Client,
  held: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const { rows } = await session.query<{ pool_id: string; is_held: boolean }>(
    `select l.pool_id,
            case when l.pool_id = any($1::uuid[]) then true
                 else pg_try_advisory_lock($2, hashtext(l.pool_id::text)) end as is_held
       from core.line_pool l join catalogue.pool p on p.id = l.pool_id
      where not p.rehearsal`,
    [[...held], DISPATCHER_LOCKS],
  );
  return new Set(rows.filter(({ is_held }) => is_held).map(({ pool_id }) => pool_id));
}
