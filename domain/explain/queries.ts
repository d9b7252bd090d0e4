import type { Trx } from '../../db/client.ts';
import { isNumberUnwanted } from '../people/queries-do-not-contact.ts';
import { isContactSettled } from '../payments/queries-debts.ts';

export interface ExplainedPhone {
  readonly id: string;
  readonly e164: string;
  /** On the list of numbers that are not to be contacted. */
  readonly unwanted: boolean;
}

/** Numbers of a person that exist, in the order in which they are called. */
export async function phonesOf(trx: Trx, personId: string): Promise<readonly ExplainedPhone[]> {
  return trx
    .selectFrom('core.phone as f')
    .select(['f.id', 'f.e164', isNumberUnwanted('f').as('unwanted')])
    .where('f.person_id', '=', personId)
    .where('f.invalid_at', 'is', null)
    .orderBy('f.position')
    .orderBy('f.id')
    .execute();
}

export async function isPaid(trx: Trx, contactId: string): Promise<boolean> {
  const { settled } = await trx
    .selectNoFrom(isContactSettled(contactId).as('settled'))
    .executeTakeFirstOrThrow();
  return settled;
}
