import type { Trx } from '../../../db/client.ts';
import { demoPack } from '../../../domain/policy/rules/packs/demo.ts';

/** A running batch of an import, as `createBatch` makes it. */
export async function newBatchOf(
  trx: Trx,
  {
    accountId,
    poolId,
    importId,
  }: { readonly accountId: string; readonly poolId: string; readonly importId: string },
): Promise<string> {
  const { id } = await trx
    .insertInto('core.batch')
    .values({
      account_id: accountId,
      slug: `bench-${crypto.randomUUID().slice(0, 8)}`,
      name: 'Prueba',
      use_case: 'debt_collection',
      policy_key: 'demo',
      policy_version: 1,
      pack_key: demoPack.key,
      pack_version: demoPack.version,
      pool_id: poolId,
      import_id: importId,
      negotiation_id: null,
      group_size: 60,
      zone: 'America/Santiago',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
