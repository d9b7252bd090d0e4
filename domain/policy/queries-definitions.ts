import type { Db } from '../../db/client.ts';

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
