import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { isNumberUnwanted, isUnwanted } from '../people/queries-do-not-contact.ts';

/** What stands between an account and one number of a person, whatever the calendar says. */
export interface Standing {
  readonly e164: string;
  /** The person, or whoever has the number, asked for no contact. */
  readonly unwanted: boolean;
  /** The person asked for their data to be blocked. */
  readonly blocked: boolean;
  /** The number does not exist. */
  readonly invalid: boolean;
}

/** Undefined when person or number is not the account's. */
export async function readStanding(
  trx: Trx,
  personId: string,
  phoneId: string,
): Promise<Standing | undefined> {
  const { rows } = await sql<Standing>`
    select f.e164, ${isUnwanted('s')} or ${isNumberUnwanted('f')} as unwanted,
           s.blocked_at is not null as blocked, f.invalid_at is not null as invalid
      from core.person s cross join core.phone f
     where s.id = ${personId} and f.id = ${phoneId}`.execute(trx);
  return rows[0];
}
