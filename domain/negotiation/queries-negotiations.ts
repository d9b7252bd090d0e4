import type { Trx } from '../../db/client.ts';
import type { Negotiation } from './rules/types.ts';

/** The account's own negotiations and those that ship, by key, the newest version first. At most 500. */
export async function readNegotiations(trx: Trx) {
  return trx
    .selectFrom('catalogue.negotiation')
    .select(['id', 'account_id', 'definition'])
    .orderBy('key')
    .orderBy('version', 'desc')
    .limit(500)
    .execute();
}

/** 0 when the account has none of this key. */
export async function newestVersion(trx: Trx, accountId: string, key: string): Promise<number> {
  const newest = await trx
    .selectFrom('catalogue.negotiation')
    .select('version')
    .where('account_id', '=', accountId)
    .where('key', '=', key)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return newest?.version ?? 0;
}

/** Undefined when this version is there already: another request stored it at the same moment. */
export async function insertNegotiation(
  trx: Trx,
  accountId: string,
  negotiation: Negotiation,
): Promise<string | undefined> {
  const { key, version } = negotiation;
  const made = await trx
    .insertInto('catalogue.negotiation')
    .values({ account_id: accountId, key, version, definition: JSON.stringify(negotiation) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return made?.id;
}

/** The newest version of a key, the account's own before one that ships. */
export async function findNegotiation(
  trx: Trx,
  key: string,
): Promise<{ readonly id: string; readonly key: string; readonly version: number } | undefined> {
  return trx
    .selectFrom('catalogue.negotiation')
    .select(['id', 'key', 'version'])
    .where('key', '=', key)
    .orderBy('account_id', (order) => order.asc().nullsLast())
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** What a contact's batch negotiates by; undefined when it negotiates nothing. */
export async function negotiationOfContact(trx: Trx, contactId: string) {
  return trx
    .selectFrom('core.contact as k')
    .innerJoin('core.batch as b', 'b.id', 'k.batch_id')
    .innerJoin('catalogue.negotiation as n', 'n.id', 'b.negotiation_id')
    .select('n.definition')
    .where('k.id', '=', contactId)
    .executeTakeFirst();
}
