import { sql } from 'kysely';
import type { Database } from '../../../db/client.ts';

/** Calls whose end was told that were not charged once, did not free their line, or were told to their contact twice. */
export async function notSettledOnce(owner: Database): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n
      from operation.call c
      join operation.attempt a on a.id = c.attempt_id
      join core.line_lease l on l.id = a.lease_id
      join core.ledger_hold h on h.id = l.hold_id
     where c.state = 'ended'
       and (h.state <> 'posted' or l.released_at is null
            or (select count(*) from core.ledger_transaction t where t.kind = 'post' and t.reference = h.id::text) <> 1
            or (select count(*) from operation.outbox o
                 where o.signal = 'callEnded' and o.payload ->> 'attemptId' = c.attempt_id::text) <> 1)`.execute(
    owner,
  );
  return rows[0]?.n ?? Number.NaN;
}
