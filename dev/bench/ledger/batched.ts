import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { dispatchRound } from '../../../domain/lines/queries-dispatch.ts';
import type { DatabaseWorld } from '../lib/database-world.ts';
import type { LedgerBook } from './book.ts';

const grantsPerRound = 20;
const rounds = 200;

/** Holds per second of the dispatcher's rounds, each with twenty free lines and enough people who wait. */
export async function batchedHolds(world: DatabaseWorld, book: LedgerBook, spanMs: number): Promise<number> {
  const { owner, system, poolId } = world;
  const [accountId = ''] = book.accountIds;
  const run = randomUUID();
  await sql`
    insert into core.line_request (id, account_id, pool_id, batch_id, contact_id, wave_key, priority,
                                   eligible_at, deadline_at)
    select ${run} || ':' || n, c.account_id, ${poolId}, c.batch_id, c.id, 'none', 1, now() - interval '1 hour',
           now() + interval '1 day'
      from (select * from core.contact where account_id = ${accountId} limit 1) c
     cross join generate_series(1, ${grantsPerRound * rounds}::int) n`.execute(owner);
  let spentMs = 0;
  let holds = 0;
  for (let round = 0; round < rounds && spentMs < spanMs; round += 1) {
    const startedMs = performance.now();
    const { granted } = await system.transaction().execute((trx) =>
      dispatchRound(trx, {
        poolId,
        at: null,
        grantMs: 30_000,
        onlyRequestId: null,
        worstCaseSeconds: () => Promise.resolve(60),
      }),
    );
    spentMs += performance.now() - startedMs;
    if (granted.length !== grantsPerRound) throw new Error(`a round gave ${granted.length} grants`);
    holds += granted.length;
    // The calls' ends are not what is measured here.
    await sql`update core.line_lease set released_at = now(), release_reason = 'bench'
               where pool_id = ${poolId} and released_at is null`.execute(owner);
    await sql`update core.line_pool set next_grant_at = now() - interval '1 second' where pool_id = ${poolId}`.execute(
      owner,
    );
  }
  await sql`update core.line_request set state = 'withdrawn' where id like ${`${run}:%`} and state = 'waiting'`.execute(
    owner,
  );
  return (holds * 1000) / spentMs;
}
