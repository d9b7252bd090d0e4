import { findPerson, invalidateNumber, listKey, lockPerson, type RemovalSource } from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { stopPerson } from './stops.ts';

export interface NumberToSuppress {
  readonly accountId: string;
  readonly e164: string;
  readonly source: RemovalSource;
  readonly at: Date;
  /** Why, in the words of whoever told of it. */
  readonly said?: string | undefined;
}

/**
 * Nobody of the account calls this number again, whosever it is in a file: the list, and every person's row of it.
 * False when it had been said before and nothing changed.
 */
export async function suppressNumber(
  trx: Trx,
  { accountId, e164, source, at, said }: NumberToSuppress,
): Promise<boolean> {
  const listed = await listKey(trx, { accountId, key: `tel:${e164}`, source, at });
  const invalidated = await invalidateNumber(trx, e164, at);
  if (!listed && !invalidated) return false;
  await writeAudit(trx, {
    accountId,
    actor: source,
    action: 'number.suppressed',
    subject: 'tel',
    detail: said === undefined ? {} : { said },
  });
  return true;
}

export interface PersonToRemove {
  readonly accountId: string;
  /** Canonical national id; a person who is in no batch yet is on the list all the same. */
  readonly nationalId: string;
  readonly source: RemovalSource;
  readonly at: Date;
  readonly said?: string | undefined;
}

/** Takes a person out of everything: list, flag, and a signal to each of their contacts. False: nothing changed. */
export async function removePerson(trx: Trx, removal: PersonToRemove): Promise<boolean> {
  const { accountId, nationalId, source, at, said } = removal;
  const listed = await listKey(trx, { accountId, key: nationalId, source, at });
  const person = await findPerson(trx, { identityKey: nationalId });
  if (person === undefined) return listed;
  await lockPerson(trx, person.id);
  await stopPerson(trx, {
    accountId,
    personId: person.id,
    reason: 'do_not_call',
    source,
    exceptContactId: null,
    at,
    said,
  });
  return listed || person.do_not_call_at === null;
}
