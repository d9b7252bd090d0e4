import type { Trx } from '../../db/client.ts';

/**
 * Locks one person. Whoever is about to reach a person takes this lock before any other row of theirs, and a payment, a
 * message, a dial and the end of a call of one person so take turns: none of them decides on what another is changing.
 */
export async function lockPerson(trx: Trx, personId: string): Promise<void> {
  await trx
    .selectFrom('core.person')
    .select('id')
    .where('id', '=', personId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
}
