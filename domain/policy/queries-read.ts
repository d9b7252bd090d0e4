import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** Policies, a row a version, the newest of each key first. At most 500: they come with releases. */
export async function listPolicies(trx: Trx) {
  return trx
    .selectFrom('catalogue.policy_version')
    .select(['key', 'version', 'created_at'])
    .orderBy('key')
    .orderBy('version', 'desc')
    .limit(500)
    .execute();
}

export async function readPolicy(trx: Trx, key: string, version: number) {
  return trx
    .selectFrom('catalogue.policy_version')
    .select(['key', 'version', 'definition', 'created_at'])
    .where('key', '=', key)
    .where('version', '=', version)
    .executeTakeFirst();
}

/** Rule packs, a row a version, with whether the account has chosen them, and who signed. At most 500. */
export async function listPacks(trx: Trx) {
  return selectPacks(trx).orderBy('p.key').orderBy('p.version', 'desc').limit(500).execute();
}

export async function readPack(trx: Trx, key: string, version: number) {
  return selectPacks(trx)
    .select('p.definition')
    .where('p.key', '=', key)
    .where('p.version', '=', version)
    .executeTakeFirst();
}

function selectPacks(trx: Trx) {
  return trx
    .selectFrom('catalogue.rule_pack_version as p')
    .leftJoin('catalogue.account_rule_pack as a', 'a.pack_key', 'p.key')
    .select([
      'p.key',
      'p.version',
      'p.source',
      'p.confidence',
      'p.created_at',
      'a.signed_off_by',
      'a.signed_off_at',
      sql<boolean>`a.pack_key is not null`.as('chosen'),
    ]);
}
