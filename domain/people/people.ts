import { databaseNow, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { clearDoNotCall, clearStop, findPerson, lockPerson } from './queries.ts';
import type { StopReason } from '../contacts/rules/outcomes.ts';
import type { Caller } from '../shared/caller.ts';
import { refuse } from '../shared/refused.ts';
import { stopPerson } from './stops.ts';

export interface PersonStop {
  readonly personId: string;
  readonly stop: StopReason;
  readonly reason: string;
}

/** Nobody calls or writes to a person any more, in any batch; an operator says why. Repeating it changes nothing. */
export async function stopByOperator(
  trx: Trx,
  caller: Caller,
  { personId, stop, reason }: PersonStop,
): Promise<void> {
  await requirePerson(trx, personId);
  const at = await databaseNow(trx);
  await writeAudit(trx, {
    ...caller,
    action: 'person.stop_requested',
    subject: personId,
    detail: { stop, reason },
  });
  const { accountId } = caller;
  await stopPerson(trx, { accountId, personId, reason: stop, source: 'api', exceptContactId: null, at });
}

/** Ends a stop: calls are judged by all other rules again. What was asked by the person themselves stays. */
export async function liftStop(
  trx: Trx,
  caller: Caller,
  { personId, reason }: { readonly personId: string; readonly reason: string },
): Promise<boolean> {
  await requirePerson(trx, personId);
  if (!(await clearStop(trx, personId))) return false;
  await writeAudit(trx, { ...caller, action: 'person.stop_lifted', subject: personId, detail: { reason } });
  return true;
}

/** Takes a person off the list of those who asked not to be called, because they asked for that, too. */
export async function liftDoNotCall(
  trx: Trx,
  caller: Caller,
  { personId, reason }: { readonly personId: string; readonly reason: string },
): Promise<boolean> {
  const key = await requirePerson(trx, personId);
  const at = await databaseNow(trx);
  if (!(await clearDoNotCall(trx, { id: personId, key, at }))) return false;
  await writeAudit(trx, {
    ...caller,
    action: 'person.do_not_call_lifted',
    subject: personId,
    detail: { reason },
  });
  return true;
}

/** Under the person's lock: a dial sees the stop, or comes before it. Returns the person's key on the list. */
async function requirePerson(trx: Trx, personId: string): Promise<string> {
  const person = await findPerson(trx, { id: personId });
  if (person === undefined) throw refuse('person_not_found');
  await lockPerson(trx, personId);
  return person.identity_key;
}
