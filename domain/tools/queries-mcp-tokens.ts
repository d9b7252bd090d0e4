import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database, Trx } from '../../db/client.ts';

const prefix = 'tandas_mcp_';

/** Makes a token for the bundled MCP server. It is returned once; only its hash is kept. */
export async function createMcpToken(trx: Trx, accountId: string, label: string): Promise<string> {
  const token = `${prefix}${randomBytes(24).toString('base64url')}`;
  await trx
    .insertInto('catalogue.mcp_token')
    .values({ account_id: accountId, token_hash: hashOf(token), label })
    .execute();
  return token;
}

/** Whose token it is; undefined when nobody's, or revoked. */
export async function findMcpToken(app: Database, token: string): Promise<string | undefined> {
  const hash = hashOf(token);
  return app.transaction().execute(async (trx) => {
    await sql`select set_config('app.mcp_token_hash', ${hash}, true)`.execute(trx);
    const row = await trx
      .selectFrom('catalogue.mcp_token')
      .select('account_id')
      .where('token_hash', '=', hash)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return row?.account_id;
  });
}

/** 192 random bits: no salt and no slow hash is needed. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
