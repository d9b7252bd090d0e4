import { randomBytes } from 'node:crypto';
import type { Trx } from '../../db/client.ts';
import { hashKey } from '../accounts/queries.ts';

const prefix = 'tandas_mcp_';

/** Makes a token for the bundled MCP server. It is returned once; only its hash is kept. */
export async function createMcpToken(trx: Trx, accountId: string, label: string): Promise<string> {
  const token = `${prefix}${randomBytes(24).toString('base64url')}`;
  await trx
    .insertInto('catalogue.mcp_token')
    .values({ account_id: accountId, key_hash: hashKey(token), label })
    .execute();
  return token;
}
