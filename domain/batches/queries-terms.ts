import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** The line pools that the transaction's account may call by, by key. */
export async function poolsOfAccount(trx: Trx) {
  return trx
    .selectFrom('catalogue.account_pool as a')
    .innerJoin('catalogue.pool as p', 'p.id', 'a.pool_id')
    .select(['p.id', 'p.key', 'p.simulated', 'p.from_number'])
    .orderBy('p.key')
    .execute();
}

/** The newest version of a policy, as it is stored. */
export async function newestPolicy(trx: Trx, key: string) {
  return trx
    .selectFrom('catalogue.policy_version')
    .select('definition')
    .where('key', '=', key)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The account's choice of a rule pack, with its sign-off. */
export async function chosenPack(trx: Trx, key: string) {
  return trx
    .selectFrom('catalogue.account_rule_pack')
    .select(['signed_off_by', 'signed_off_at'])
    .where('pack_key', '=', key)
    .executeTakeFirst();
}

/** The pack that the account has chosen last; undefined when it has chosen none. */
export async function lastChosenPack(trx: Trx): Promise<string | undefined> {
  const found = await trx
    .selectFrom('catalogue.account_rule_pack')
    .select('pack_key')
    .orderBy('created_at', 'desc')
    // Of those of one instant always the same one.
    .orderBy('pack_key', 'desc')
    .limit(1)
    .executeTakeFirst();
  return found?.pack_key;
}

/** The newest version of a rule pack, as it is stored. */
export async function newestPack(trx: Trx, key: string) {
  return trx
    .selectFrom('catalogue.rule_pack_version')
    .select('definition')
    .where('key', '=', key)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The countries of an import's people, and whether some of them have no time zone. */
export async function countriesOfImport(
  trx: Trx,
  importId: string,
): Promise<readonly { readonly country: string; readonly zoneless: boolean }[]> {
  const { rows } = await sql<{ country: string; zoneless: boolean }>`
    select country, bool_or(zone is null) as zoneless from core.import_row
     where import_id = ${importId} group by country order by country`.execute(trx);
  return rows;
}

/** What people must fit who are added to a batch: its use case, and its pack as it is stored. */
export async function packOfBatch(trx: Trx, batchId: string) {
  return trx
    .selectFrom('core.batch as b')
    .innerJoin('catalogue.rule_pack_version as v', (join) =>
      join.onRef('v.key', '=', 'b.pack_key').onRef('v.version', '=', 'b.pack_version'),
    )
    .select(['b.use_case', 'v.definition'])
    .where('b.id', '=', batchId)
    .executeTakeFirstOrThrow();
}
