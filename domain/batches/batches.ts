import type { Caller } from '../shared/caller.ts';
import { type Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { sql } from 'kysely';
import type { Database, Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { wakeDispatchers } from '../shared/queries-notify.ts';
import { OUTBOX_CHANNEL, writeOutbox } from '../shared/queries-outbox.ts';
import type { BatchState } from '../../db/schema/schema.ts';
import { loadImport } from '../imports/load.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import type { batch } from '../../workflows/batch/workflow.ts';
import { batchWorkflowId, contactWorkflowId } from '../../workflows/shared/ids.ts';
import {
  accountAttribute,
  batchAttribute,
  useCaseAttribute,
} from '../../workflows/shared/search-attributes.ts';
import { chooseTerms, type TermsRequest } from './terms.ts';
import { notFound, OperationRefused } from '../shared/refused.ts';
import { askTemporal } from '../temporal/temporal-call.ts';

export interface NewBatch extends TermsRequest {
  readonly name: string;
  readonly groupSize: number | undefined;
}

/**
 * Makes a batch of a stored import: people, phones, contacts and debts in the caller's transaction, set-based. Its
 * workflow is started after the commit by `startBatch`. Throws `OperationRefused` when the account may not.
 */
export async function createBatch(trx: Trx, caller: Caller, input: NewBatch): Promise<string> {
  // The lock makes a second request for the same import wait here, and then see the first one's batch.
  const source = await trx
    .selectFrom('core.import')
    .select(['id', 'use_case', 'contacts'])
    .where('id', '=', input.importId)
    .forUpdate()
    .executeTakeFirst();
  if (source === undefined) throw notFound('import', 'esa carga');
  await requireUnused(trx, source.id);
  const terms = await chooseTerms(trx, input, source.use_case);
  const { id: batchId } = await trx
    .insertInto('core.batch')
    .values({
      account_id: caller.accountId,
      name: input.name,
      use_case: source.use_case,
      policy_key: terms.policy.key,
      policy_version: terms.policy.version,
      pack_key: terms.pack.key,
      pack_version: terms.pack.version,
      pool_id: terms.poolId,
      negotiation_id: terms.negotiation?.id ?? null,
      import_id: source.id,
      group_size: input.groupSize ?? terms.policy.groupSize,
      zone: terms.zone,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const loaded = await loadImport(trx, { batchId, importId: source.id });
  await writeAudit(trx, {
    ...caller,
    action: 'batch.created',
    subject: batchId,
    detail: {
      importId: source.id,
      ...loaded,
      policy: `${terms.policy.key}@${terms.policy.version}`,
      pack: `${terms.pack.key}@${terms.pack.version}`,
      ...(terms.negotiation === undefined
        ? {}
        : { negotiation: `${terms.negotiation.key}@${terms.negotiation.version}` }),
    },
  });
  return batchId;
}

async function requireUnused(trx: Trx, importId: string): Promise<void> {
  const earlier = await trx
    .selectFrom('core.batch')
    .select('id')
    .where('import_id', '=', importId)
    .where('realm', '=', 'live')
    .executeTakeFirst();
  if (earlier === undefined) return;
  throw new OperationRefused(
    'conflict',
    'import_has_batch',
    `This import has a batch already: ${earlier.id}. Its people would be called twice as often.`,
    `Esta carga ya tiene una tanda: ${earlier.id}. Sus personas recibirían el doble de llamadas.`,
    { extra: { batch_id: earlier.id } },
  );
}

export interface StartDeps {
  readonly temporal: Client;
  readonly taskQueue: string;
}

const startWithinMs = 10_000;

/** Starts the workflow of a batch that has none. Harmless when it runs. */
export async function startBatch(
  { temporal, taskQueue }: StartDeps,
  row: { readonly accountId: string; readonly batchId: string; readonly useCase: string },
): Promise<void> {
  const { accountId, batchId, useCase } = row;
  await askTemporal(temporal, startWithinMs, () =>
    temporal.workflow.start<typeof batch>('batch', {
      workflowId: batchWorkflowId(batchId),
      taskQueue,
      args: [{ accountId, batchId }],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      // A finished batch that a retry has opened again gets a new run.
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `Tanda · ${useCaseByKey(useCase)?.title.es ?? useCase}`,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: accountAttribute, value: accountId },
        { key: batchAttribute, value: batchId },
        { key: useCaseAttribute, value: useCase },
      ]),
    }),
  );
}

/**
 * Starts the workflow of every batch that should have one. For the worker's boot: an API that died between the commit
 * of a batch and its start leaves a batch that nobody works. Returns how many batches it looked at.
 */
export async function ensureBatchWorkflows(system: Database, deps: StartDeps): Promise<number> {
  const open = await system
    .selectFrom('core.batch')
    .select(['id', 'account_id', 'use_case'])
    .where('state', 'in', ['running', 'paused'])
    .where('realm', '=', 'live')
    .orderBy('created_at')
    .execute();
  for (const { id, account_id, use_case } of open) {
    await startBatch(deps, { accountId: account_id, batchId: id, useCase: use_case });
  }
  return open.length;
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
  const row = await trx
    .selectFrom('core.batch')
    .select(['state', 'realm'])
    .where('id', '=', batchId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound('batch', 'esa tanda');
  const state = targetOf[action];
  if (row.state === state) return;
  if (row.state === 'finished' || row.state === 'cancelled') throw batchIsOver(row.state);
  await trx.updateTable('core.batch').set({ state }).where('id', '=', batchId).execute();
  const cancelled = action === 'cancel' ? await cancelContacts(trx, caller.accountId, batchId) : {};
  await writeAudit(trx, {
    ...caller,
    action: `batch.${state === 'running' ? 'resumed' : state}`,
    subject: batchId,
    detail: { reason, ...cancelled },
  });
  await writeOutbox(trx, [
    {
      accountId: caller.accountId,
      workflowId: batchWorkflowId(batchId),
      signal: 'batchChanged',
      payload: {},
    },
  ]);
  if (action === 'resume') await wakeDispatchers(trx);
}

/** The answer to a change of a batch that no change can reach any more. */
export function batchIsOver(state: Extract<BatchState, 'finished' | 'cancelled'>): OperationRefused {
  const es = state === 'finished' ? 'terminó' : 'fue cancelada';
  return new OperationRefused('conflict', `batch_${state}`, `The batch is ${state}.`, `La tanda ya ${es}.`);
}

/** Planned contacts close here and now; those that have a workflow are told, one outbox row each, in one statement. */
async function cancelContacts(
  trx: Trx,
  accountId: string,
  batchId: string,
): Promise<{ readonly closed: number; readonly told: number }> {
  const closed = await trx
    .updateTable('core.contact')
    .set({
      state: 'closed',
      outcome: 'cancelled',
      closed_at: sql<Date>`clock_timestamp()`,
      waiting_for: 'Cerrado: cancelado · 0 intentos',
      next_at: null,
    })
    .where('batch_id', '=', batchId)
    .where('state', '=', 'planned')
    .executeTakeFirst();
  const told = await sql`
    insert into operation.outbox (account_id, workflow_id, signal, payload)
    select account_id, ${contactWorkflowId(accountId, batchId, '')} || id, 'batchCancelled', '{}'::jsonb
      from core.contact
     where batch_id = ${batchId} and state <> 'closed'`.execute(trx);
  await sql`select pg_notify(${OUTBOX_CHANNEL}, '')`.execute(trx);
  return { closed: Number(closed.numUpdatedRows), told: Number(told.numAffectedRows ?? 0n) };
}
