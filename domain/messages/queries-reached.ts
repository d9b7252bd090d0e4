import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { givenName } from '../people/rules/name.ts';
import { debtsOfContact } from '../payments/queries-debts.ts';

export interface PhoneFound {
  readonly id: string;
  readonly e164: string;
}

/** The number on which the person was reached, or else their first one; undefined: none is valid. */
export async function phoneOf(
  trx: Trx,
  personId: string,
  attemptId: string | null,
): Promise<PhoneFound | undefined> {
  const { rows } = await sql<PhoneFound>`
    select p.id, p.e164
      from core.phone p
      left join operation.attempt a on a.phone_id = p.id and a.id = ${attemptId}
     where p.person_id = ${personId} and p.invalid_at is null
     order by a.id nulls last, p.position, p.id limit 1`.execute(trx);
  return rows[0];
}

const longestCreditor = 80;

/** How the person is addressed, and whom they owe of those that the contact is about. */
export async function wordsOf(
  trx: Trx,
  personId: string,
  contactId: string,
): Promise<{ readonly name: string; readonly creditor: string }> {
  const { name } = await trx
    .selectFrom('core.person')
    .select('name')
    .where('id', '=', personId)
    .executeTakeFirstOrThrow();
  const debts = await debtsOfContact(trx, contactId);
  const owed = debts.filter(({ balanceMicros }) => balanceMicros > 0n);
  const creditors = [...new Set(owed.map(({ creditor }) => creditor))].join(', ');
  return {
    name: givenName(oneLine(name, 120)) || 'cliente',
    creditor: oneLine(creditors, longestCreditor) || 'su acreedor',
  };
}

/** A template's values take no line ends, no tabs and no long gaps. */
function oneLine(text: string, most: number): string {
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, most)
    .trim();
}

/** Whether a message was to somebody who has been erased since. */
export async function isOfErased(trx: Trx, messageId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('operation.message as m')
    .innerJoin('core.person as s', 's.id', 'm.person_id')
    .select('m.id')
    .where('m.id', '=', messageId)
    .where('s.erased_at', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}
