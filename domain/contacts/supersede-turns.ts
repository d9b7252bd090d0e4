import type { Trx } from '../../db/client.ts';
import { openTurns, withdrawRequest } from '../lines/queries-lines.ts';
import { writeRefusal } from './queries.ts';

/**
 * Turns that nobody waits for any more: whoever asked for them was lost. A grant of theirs would hold a line for nobody; each goes
 * with its line and hold, and says why by `rule`. `keepId`: the request that the contact goes on waiting for.
 */
export async function supersedeTurns(
  trx: Trx,
  of: { readonly accountId: string; readonly batchId: string; readonly contactId: string },
  why: { readonly rule: string; readonly at: Date; readonly keepId: string | null },
): Promise<void> {
  const { accountId, batchId, contactId } = of;
  const { rule, at, keepId } = why;
  for (const { requestId, waveKey } of await openTurns(trx, contactId)) {
    if (requestId === keepId) continue;
    await withdrawRequest(trx, requestId, 'withdrawn');
    const reason = 'worker_died';
    await writeRefusal(trx, { accountId, batchId, contactId, requestId, waveKey, reason, rule, at });
  }
}
