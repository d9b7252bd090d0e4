import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { writeAgents } from './queries-agents.ts';

/**
 * The agents that an account's negotiations may name, besides those of its lines: exactly these from now on. Only the
 * operator of the installation gives them: the provider's workspace holds the agents of all accounts.
 */
export async function setAgents(
  trx: Trx,
  change: { readonly accountId: string; readonly agentIds: readonly string[]; readonly actor: string },
): Promise<void> {
  const { accountId, actor } = change;
  const agentIds = [...new Set(change.agentIds)].toSorted();
  await writeAgents(trx, accountId, agentIds);
  await writeAudit(trx, {
    accountId,
    actor,
    action: 'account.agents_set',
    subject: accountId,
    detail: { agentIds },
  });
}
