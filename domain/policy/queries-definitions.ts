import { sql } from 'kysely';
import type { Db, Trx } from '../../db/client.ts';

/** A version of a policy or a pack: never changed once it is stored. */
export interface VersionRef {
  readonly key: string;
  readonly version: number;
}

export async function readPolicyDefinition(db: Db, { key, version }: VersionRef): Promise<unknown> {
  const { definition } = await db
    .selectFrom('catalogue.policy_version')
    .select('definition')
    .where('key', '=', key)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  return definition;
}

export async function readPackDefinition(db: Db, { key, version }: VersionRef): Promise<unknown> {
  const { definition } = await db
    .selectFrom('catalogue.rule_pack_version')
    .select('definition')
    .where('key', '=', key)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  return definition;
}

/** Of the transaction's account, or everybody's. */
export async function readNegotiationDefinition(db: Db, id: string): Promise<unknown> {
  const { definition } = await db
    .selectFrom('catalogue.negotiation')
    .select('definition')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return definition;
}

/** The account uses a pack, with who signed it off now; a choice that was made before is replaced. */
export async function upsertChosenPack(
  trx: Trx,
  choice: { readonly accountId: string; readonly key: string; readonly signedOffBy: string | null },
): Promise<void> {
  const { accountId, key, signedOffBy } = choice;
  const signed = {
    signed_off_by: signedOffBy,
    signed_off_at: signedOffBy === null ? null : new Date(),
    // Of the choice that holds, and later than one that the same transaction made before: the last one is the account's own default.
    created_at: sql<Date>`clock_timestamp()`,
  };
  await trx
    .insertInto('catalogue.account_rule_pack')
    .values({ account_id: accountId, pack_key: key, ...signed })
    .onConflict((conflict) => conflict.columns(['account_id', 'pack_key']).doUpdateSet(signed))
    .execute();
}
