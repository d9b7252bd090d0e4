import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** Where dispatchers listen; the payload is a pool's id, or nothing for all pools. */
export const LINES_CHANNEL = 'tandas_lines';

/** Frees the dispatcher of one pool from its wait when this transaction commits. */
export async function wakeDispatcher(trx: Trx, poolId: string): Promise<void> {
  await sql`select pg_notify(${LINES_CHANNEL}, ${poolId})`.execute(trx);
}

/** For news that concern every pool: a top-up, a batch that goes on. */
export async function wakeDispatchers(trx: Trx): Promise<void> {
  await sql`select pg_notify(${LINES_CHANNEL}, '')`.execute(trx);
}
