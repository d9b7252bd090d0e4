import type { Trx } from '../../db/client.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { wakeDispatchers } from '../shared/queries-notify.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import { cancelPlanned, insertBatch, lockBatch, openContactIds, setBatchState } from './queries.ts';
import { endBatchImports } from './queries-imports.ts';
import { beginTaking, lockSource } from './take-people.ts';
import { chooseTerms, type TermsRequest } from './terms.ts';
import { refuse } from '../shared/refused.ts';
import { boundCost, type BudgetRequest } from './budget.ts';
import { batchIsOver } from './batch-is-over.ts';

export interface NewBatch extends TermsRequest {
  readonly name: string;
  readonly groupSize: number | undefined;
  /** What it may cost at most; default: as much as the account has. */
  readonly budget?: (Pick<BudgetRequest, 'unit'> & { readonly limitMicros: bigint }) | undefined;
}

/**
 * Makes a batch of a stored import, with the start of its workflow, in the caller's transaction. The first people are its contacts at
 * once, the others come in portions: its workflow takes them. Throws `OperationRefused` when the account may not.
 */
export async function createBatch(trx: Trx, caller: Caller, input: NewBatch): Promise<string> {
  const source = await lockSource(trx, input.importId);
  const terms = await chooseTerms(trx, input, source.useCase);
  const batchId = await insertBatch(trx, {
    account_id: caller.accountId,
    name: input.name,
    use_case: source.useCase,
    policy_key: terms.policy.key,
    policy_version: terms.policy.version,
    pack_key: terms.pack.key,
    pack_version: terms.pack.version,
    pool_id: terms.poolId,
    negotiation_id: terms.negotiation?.id ?? null,
    import_id: source.id,
    group_size: input.groupSize ?? terms.policy.groupSize,
    zone: terms.zone,
  });
  if (input.budget !== undefined) await boundCost(trx, caller, { batchId, ...input.budget });
  await beginTaking(trx, caller, batchId, source, input.settled ?? null);
  await writeAudit(trx, {
    ...caller,
    action: 'batch.created',
    subject: batchId,
    detail: {
      importId: source.id,
      contacts: source.people,
      ...(input.settled === undefined || input.settled === null ? {} : { settled: input.settled }),
      policy: `${terms.policy.key}@${terms.policy.version}`,
      pack: `${terms.pack.key}@${terms.pack.version}`,
      ...(terms.negotiation === undefined
        ? {}
        : { negotiation: `${terms.negotiation.key}@${terms.negotiation.version}` }),
      ...(input.budget === undefined ? {} : { budgetMicros: input.budget.limitMicros.toString() }),
    },
  });
  await writeOutbox(trx, [{ accountId: caller.accountId, to: { batchId }, kind: 'start' }]);
  return batchId;
}

export type BatchAction = 'pause' | 'resume' | 'cancel';

const targetOf = { pause: 'paused', resume: 'running', cancel: 'cancelled' } as const;

/**
 * Pauses, resumes or cancels a batch: row, audit and signals in the caller's transaction. Repeating it changes nothing.
 * Throws `OperationRefused` for a batch that is over, or not the account's.
 */
export async function changeBatch(
  trx: Trx,
  caller: Caller,
  request: { readonly batchId: string; readonly action: BatchAction; readonly reason: string },
): Promise<void> {
  const { batchId, action, reason } = request;
  const row = await lockBatch(trx, batchId);
  if (row === undefined) throw refuse('batch_not_found');
  const state = targetOf[action];
  if (row.state === state) return;
  if (row.state === 'finished' || row.state === 'cancelled') throw batchIsOver(row.state);
  await setBatchState(trx, batchId, state);
  const cancelled = action === 'cancel' ? await cancelContacts(trx, caller.accountId, batchId) : {};
  if (action !== 'cancel') {
    await signalOpen(trx, caller.accountId, batchId, action === 'pause' ? 'batchPaused' : 'batchResumed');
  }
  await writeAudit(trx, {
    ...caller,
    action: `batch.${state === 'running' ? 'resumed' : state}`,
    subject: batchId,
    detail: { reason, ...cancelled },
  });
  await writeOutbox(trx, [
    { accountId: caller.accountId, to: { batchId }, signal: 'batchChanged', payload: {} },
  ]);
  if (action === 'resume') await wakeDispatchers(trx);
}

/** Nobody comes any more, planned contacts close here and now; those that have a workflow are notified, one outbox row each. */
async function cancelContacts(
  trx: Trx,
  accountId: string,
  batchId: string,
): Promise<{ readonly closed: number; readonly told: number }> {
  await endBatchImports(trx, batchId);
  const closed = await cancelPlanned(trx, batchId);
  return { closed, told: await signalOpen(trx, accountId, batchId, 'batchCancelled') };
}

/** Returns how many: the people of the day's group. */
async function signalOpen(trx: Trx, accountId: string, batchId: string, signal: string): Promise<number> {
  const open = await openContactIds(trx, batchId);
  await writeOutbox(
    trx,
    open.map((contactId) => ({ accountId, to: { contactId }, signal, payload: {} })),
  );
  return open.length;
}
