import type { Trx } from '../../db/client.ts';
import type { CallAbsent, CallEnded, CallFound } from '../contacts/rules/facts.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';

/** What a contact learns of its call after the dial: by signal name. */
export type CallNews =
  | { readonly signal: 'callFound'; readonly payload: CallFound }
  | { readonly signal: 'callAbsent'; readonly payload: CallAbsent }
  | { readonly signal: 'callEnded'; readonly payload: CallEnded };

/** In the transaction that makes it true. Never of a rehearsal: its clock does not wait for a message (`recoverDial`). */
export async function notifyContact(
  trx: Trx,
  call: { readonly accountId: string; readonly contactId: string },
  { signal, payload }: CallNews,
): Promise<void> {
  const { accountId, contactId } = call;
  await writeOutbox(trx, [{ accountId, to: { contactId }, signal, payload: { ...payload } }]);
}
