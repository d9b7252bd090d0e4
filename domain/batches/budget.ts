import type { Trx } from '../../db/client.ts';
import type { Unit } from '../../db/schema/schema.ts';
import { type Budget, writeBudget } from '../billing/queries-budgets.ts';
import { readAccount } from '../billing/top-up.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { wakeDispatchers } from '../shared/queries-notify.ts';
import { refuse } from '../shared/refused.ts';
import { batchIsOver } from './batch-is-over.ts';
import { lockBatch } from './queries.ts';

export interface BudgetRequest {
  readonly batchId: string;
  /** Micro-units; null: no bound any more. */
  readonly limitMicros: bigint | null;
  /** Default: the one of the account's plan. */
  readonly unit?: Unit | undefined;
  readonly reason: string;
}

/**
 * Says what a batch may cost at most, calls and messages together, in the caller's transaction. No call is dialled, and no message
 * sent, whose worst case what is left does not cover: they wait, and go on when it is raised. What is held already goes on.
 * Below what has been spent it stops at once. Throws `OperationRefused`.
 */
export async function setBudget(trx: Trx, caller: Caller, request: BudgetRequest): Promise<void> {
  const { batchId, limitMicros, reason } = request;
  const batch = await lockBatch(trx, batchId);
  if (batch === undefined) throw refuse('batch_not_found');
  if (batch.state === 'finished' || batch.state === 'cancelled') throw batchIsOver(batch.state);
  const budget = await boundCost(trx, caller, request);
  await writeAudit(trx, {
    ...caller,
    action: 'batch.budget_set',
    subject: batchId,
    detail: {
      reason,
      unit: budget.unit,
      limitMicros: limitMicros === null ? null : limitMicros.toString(),
      spentMicros: budget.spentMicros.toString(),
      heldMicros: budget.heldMicros.toString(),
    },
  });
  // Who waits because of the old one goes on by it, or stops.
  await wakeDispatchers(trx);
}

/** In the unit that the account is charged in: in another one nothing of the batch would ever count. */
export async function boundCost(
  trx: Trx,
  { accountId }: Pick<Caller, 'accountId'>,
  request: Pick<BudgetRequest, 'batchId' | 'limitMicros' | 'unit'>,
): Promise<Budget> {
  const { plan } = await readAccount(trx, accountId);
  const own: Unit = plan === 'minutes_based' ? 'SEC' : 'USD';
  const { batchId, limitMicros, unit = own } = request;
  if (unit !== own) throw refuse('unit_of_other_plan', { plan, own, unit }, { field: 'unit' });
  return writeBudget(trx, { accountId, batchId, unit, limitMicros });
}
