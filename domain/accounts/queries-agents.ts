import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** Throws when the account is not there. */
export async function writeAgents(trx: Trx, accountId: string, agentIds: readonly string[]): Promise<void> {
  await trx
    .updateTable('catalogue.account')
    .set({ agent_ids: [...agentIds] })
    .where('id', '=', accountId)
    .returning('id')
    .executeTakeFirstOrThrow();
}

/** Every agent of the provider that the transaction's account may have its calls made by. */
export async function readAgents(trx: Trx, accountId: string): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ agent_id: string }>`
    select unnest(agent_ids) as agent_id from catalogue.account where id = ${accountId}
    union
    select p.agent_id from catalogue.account_pool a join catalogue.pool p on p.id = a.pool_id
     where a.account_id = ${accountId}`.execute(trx);
  return new Set(rows.map(({ agent_id: agentId }) => agentId));
}
