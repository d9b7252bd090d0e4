import { databaseNow, type Trx } from '../../db/client.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { refuse } from '../shared/refused.ts';
import { clearBlock, findPerson, lockPerson, writeBlock } from './queries.ts';

export interface BlockRequest {
  readonly personId: string;
  /** What the person asked, or why it is answered, in the operator's words. */
  readonly reason: string;
}

/**
 * The person asked for their data to be blocked (Ley 21.719): no call and no message from here on, in any batch, until an
 * operator says that the request is answered. Nothing is closed: what waits goes on waiting. Repeating it changes nothing,
 * and the first instant stays.
 */
export async function blockPerson(
  trx: Trx,
  caller: Caller,
  { personId, reason }: BlockRequest,
): Promise<void> {
  await lockOwn(trx, personId);
  const at = await databaseNow(trx);
  if (!(await writeBlock(trx, personId, at))) return;
  await writeAudit(trx, { ...caller, action: 'person.blocked', subject: personId, detail: { reason } });
}

/** The request is answered: calls and messages are judged by all other rules again. False: nothing was blocked. */
export async function liftBlock(
  trx: Trx,
  caller: Caller,
  { personId, reason }: BlockRequest,
): Promise<boolean> {
  await lockOwn(trx, personId);
  if (!(await clearBlock(trx, personId))) return false;
  await writeAudit(trx, {
    ...caller,
    action: 'person.block_lifted',
    subject: personId,
    detail: { reason },
  });
  return true;
}

/** Under the person's lock: a dial sees the block, or comes before it, and so do the instants of the audit rows. */
async function lockOwn(trx: Trx, personId: string): Promise<void> {
  if ((await findPerson(trx, { id: personId })) === undefined) throw refuse('person_not_found');
  await lockPerson(trx, personId);
}
