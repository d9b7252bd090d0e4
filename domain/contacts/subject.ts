import type { Trx } from '../../db/client.ts';
import { refuse } from '../shared/refused.ts';
import { findContact, type LoadedContact } from './read-contact.ts';

/** What every change of a contact looks at first. */
export type Subject = LoadedContact;

/** Throws `OperationRefused` for a contact that is not the transaction's account's. */
export async function readSubject(trx: Trx, contactId: string): Promise<Subject> {
  const found = await findContact(trx, contactId);
  if (found === undefined) throw refuse('contact_not_found');
  return found;
}

/** Throws `OperationRefused` for any request that would end in a call to a person who wants none. */
export function requireWanted({ doNotCall, blocked }: Pick<Subject, 'doNotCall' | 'blocked'>): void {
  if (doNotCall) throw refuse('do_not_call');
  if (blocked) throw refuse('person_blocked');
}
