import { sql } from 'kysely';
import type { Database } from '../../db/client.ts';

/** Each row is looked for by those that may refer to it, in tables that calls are written into meanwhile: portions are small. */
const portionRows = 500;

/**
 * Removes one portion of the oldest expired rehearsal (7 days: `operation.remove_rehearsal_account`). 'more': there is more to remove;
 * 'done': nothing has expired, or another worker is at it.
 */
export async function removeExpiredPortion(system: Database): Promise<'more' | 'done'> {
  return system.transaction().execute(async (trx) => {
    const { rows: locks } = await sql<{ ours: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended('operation.remove_rehearsal_account', 0)) as ours`.execute(
      trx,
    );
    if (locks[0]?.ours !== true) return 'done';
    // A statement of its own, after the lock: what another worker has just removed is not seen here.
    const { rows } = await sql<{ id: string }>`
      select id from catalogue.account
       where kind = 'rehearsal' and created_at < now() - interval '7 days' order by created_at limit 1`.execute(
      trx,
    );
    const [expired] = rows;
    if (expired === undefined) return 'done';
    await sql`select operation.remove_rehearsal_account(${expired.id}::uuid, ${portionRows}::integer)`.execute(
      trx,
    );
    return 'more';
  });
}
