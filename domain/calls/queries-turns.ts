import type { Trx } from '../../db/client.ts';

/** What was said in a call, in its order. */
export async function turnsOf(trx: Trx, attemptId: string) {
  return (
    trx
      .selectFrom('operation.call_turn')
      .select(['n', 'role', 'text', 'start_ms', 'end_ms'])
      .where('attempt_id', '=', attemptId)
      // Of an erased person nothing is left of a turn but its time.
      .where('text', '<>', '')
      .orderBy('n')
      .execute()
  );
}
