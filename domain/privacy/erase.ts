import { asPrivacy, databaseNow, type Trx } from '../../db/client.ts';
import { type ErasedKeyBox, erasedKeysOf } from '../people/erased-keys.ts';
import { takeTurns } from '../people/queries.ts';
import { insertErasedKeys } from '../people/queries-erased.ts';
import { stopPerson } from '../people/stops.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { refuse } from '../shared/refused.ts';
import { touchCalls } from '../summaries/queries-recount.ts';
import { eraseRows } from './queries-erase.ts';
import { gather, isUnderWay, lockToErase, othersOfNumbers } from './queries-person.ts';
import { without } from './rules/traces.ts';

export interface PersonErasure {
  readonly personId: string;
  /** Why, in the operator's words. Whom it names is taken out of it. */
  readonly reason: string;
  /** The request that asked for it. */
  readonly requestId?: string;
}

export interface ErasedPerson {
  readonly at: Date;
  /** False: they were erased before. */
  readonly isNew: boolean;
  /** Calls of theirs that the voice provider has: their recordings are removed there. */
  readonly providerCalls: readonly string[];
  /** People who have one of their numbers: it stays with them. */
  readonly othersOfNumbers: readonly string[];
}

const mostTold = 1_000;

/**
 * Everything that tells of a person goes, in the caller's transaction: all of it or nothing. What stays is the register of
 * contacts without whom (instant, channel, outcome, rule), the ledger, and hashes that refuse them when a file brings them
 * again. Their open contacts are stopped first, and close by themselves. Once they are erased, again is no change. Throws
 * `OperationRefused` while something is under way with them, and `SecretsKeyMissing`.
 */
export async function erasePerson(
  trx: Trx,
  box: ErasedKeyBox,
  caller: Caller,
  { personId, reason, requestId }: PersonErasure,
): Promise<ErasedPerson> {
  const keys = erasedKeysOf(box);
  // Before the person: a file that is being stored has seen the hashes, or its rows are here to be erased.
  await takeTurns(trx, 'alone');
  const person = await lockToErase(trx, personId);
  if (person === undefined) throw refuse('person_not_found');
  if (person.erased_at !== null)
    return { at: person.erased_at, isNew: false, providerCalls: [], othersOfNumbers: [] };
  if (await isUnderWay(trx, personId)) throw refuse('person_under_way');
  const at = await databaseNow(trx);
  const { accountId } = caller;
  await stopPerson(trx, {
    accountId,
    personId,
    reason: 'removed',
    source: 'operator',
    exceptContactId: null,
    at,
  });
  const others = await othersOfNumbers(trx, personId);
  const { of, providerCalls } = await asPrivacy(trx, async () => {
    const all = await gather(trx, person);
    await eraseRows(trx, all);
    return { of: all, providerCalls: all.providers.filter((id) => !/^\+?\d+$/.test(id)) };
  });
  // How their calls sounded, and that they said who they are, is in no sum any more.
  await touchCalls(trx, of.attempts);
  const hashed = [person.identity_key, ...of.phones.map((e164) => `tel:${e164}`)];
  await insertErasedKeys(trx, accountId, {
    hashes: hashed.map((key) => keys.hash(key)),
    keyId: keys.keyId,
  });
  await writeAudit(trx, {
    ...caller,
    action: 'person.erased',
    subject: personId,
    detail: {
      reason: of.pattern === undefined ? reason : without(reason, of.pattern),
      ...(requestId === undefined ? {} : { privacy_request_id: requestId }),
    },
  });
  return { at, isNew: true, providerCalls: providerCalls.slice(0, mostTold), othersOfNumbers: others };
}
