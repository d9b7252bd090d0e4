import { databaseNow, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { lockPerson } from './queries.ts';
import type { StopReason } from '../../workflows/contact/events.ts';
import type { Caller } from '../shared/caller.ts';
import { notFound } from '../shared/refused.ts';
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
  const { numUpdatedRows } = await trx
    .updateTable('core.person')
    .set({ stopped_at: null, stop_reason: null })
    .where('id', '=', personId)
    .where('stopped_at', 'is not', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
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
  const listed = await trx
    .updateTable('core.do_not_contact')
    .set({ lifted_at: at })
    .where('key', '=', key)
    .where('lifted_at', 'is', null)
    .executeTakeFirst();
  const marked = await trx
    .updateTable('core.person')
    .set({ do_not_call_at: null })
    .where('id', '=', personId)
    .where('do_not_call_at', 'is not', null)
    .executeTakeFirst();
  if (listed.numUpdatedRows === 0n && marked.numUpdatedRows === 0n) return false;
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
  const person = await trx
    .selectFrom('core.person')
    .select('identity_key')
    .where('id', '=', personId)
    .executeTakeFirst();
  if (person === undefined) throw notFound('person', 'esa persona');
  await lockPerson(trx, personId);
  return person.identity_key;
}
