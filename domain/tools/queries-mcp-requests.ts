import type { Trx } from '../../db/client.ts';

export interface McpRequestKey {
  readonly accountId: string;
  readonly tool: string;
  readonly key: string;
}

export type Claim =
  | { readonly kind: 'claimed' }
  /** Null result: under way, or its process died in the middle. */
  | {
      readonly kind: 'before';
      readonly requestHash: string;
      readonly result: Readonly<Record<string, unknown>> | null;
    };

/** Takes a key for one call. A second caller waits for the first one's commit and sees its claim. */
export async function claimRequest(
  trx: Trx,
  { accountId, tool, key }: McpRequestKey,
  requestHash: string,
): Promise<Claim> {
  const claimed = await trx
    .insertInto('operation.mcp_request')
    .values({ account_id: accountId, tool, key, request_hash: requestHash })
    .onConflict((conflict) => conflict.columns(['account_id', 'tool', 'key']).doNothing())
    .returning('key')
    .executeTakeFirst();
  if (claimed !== undefined) return { kind: 'claimed' };
  const before = await trx
    .selectFrom('operation.mcp_request')
    .select(['request_hash', 'result'])
    .where('account_id', '=', accountId)
    .where('tool', '=', tool)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  return { kind: 'before', requestHash: before.request_hash, result: before.result };
}

export async function writeResult(
  trx: Trx,
  { accountId, tool, key }: McpRequestKey,
  result: Readonly<Record<string, unknown>>,
): Promise<void> {
  await trx
    .updateTable('operation.mcp_request')
    .set({ result: JSON.stringify(result) })
    .where('account_id', '=', accountId)
    .where('tool', '=', tool)
    .where('key', '=', key)
    .execute();
}
