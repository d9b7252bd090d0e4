import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowExecutionInfo, WorkflowHandle } from '@temporalio/client';
import type { Logger } from 'pino';
import { type Database, inAccount } from '../db/client.ts';
import { findBatchRun } from '../domain/batches/queries.ts';
import { closedBefore, findRun } from '../domain/contacts/queries-runs.ts';
import { restartContact } from '../domain/contacts/restart-contact.ts';
import { findImportRun } from '../domain/imports/queries-runs.ts';
import { findTableFileRun } from '../domain/integrations/queries-table-files.ts';
import { type OutboxMessage, writeOutbox } from '../domain/shared/queries-outbox.ts';
import { readWorkflowId, type WorkflowAddress } from '../domain/temporal/rules/ids.ts';
import { type Loop, startLoop } from './loop.ts';

export interface LostRunDeps {
  readonly app: Database;
  readonly system: Database;
  readonly client: Client;
  readonly logger: Logger;
}

export interface HealedRuns {
  /** Their row was open and nobody lived it: they begin anew. */
  readonly begunAnew: number;
  /** Reset after their end: what lives again is ended, for its row is closed. */
  readonly ended: number;
}

const actor = 'lost-run sweeper';
const pauseSeconds = 60;
/** A list of the server may lag behind what is true. */
const overlapMs = 120_000;
/** At a worker's start: what happened while no worker ran. */
const firstLookMs = 7 * 86_400_000;
const pageSize = 500;

/**
 * Finds what somebody terminated or reset in the Temporal UI, and what failed there, although its row is open. A contact would else
 * be called no more until something is sent to it, a batch or an import never go on. Several workers may look: one heals.
 */
export function startLostRunSweeper(deps: LostRunDeps): Loop {
  let sinceMs = Date.now() - firstLookMs;
  return startLoop('lost-runs', deps.logger, async (isStopping) => {
    const beganMs = Date.now();
    const healed = await sweepLostRuns(deps, sinceMs);
    if (healed.begunAnew + healed.ended > 0) deps.logger.warn({ ...healed }, 'workflows were lost');
    sinceMs = beganMs - overlapMs;
    for (let seconds = 0; seconds < pauseSeconds && !isStopping(); seconds += 1) await sleep(1_000);
  });
}

/** One look at what has ended, or begun, since that instant. */
export async function sweepLostRuns(deps: LostRunDeps, sinceMs: number): Promise<HealedRuns> {
  const since = new Date(sinceMs).toISOString();
  let begunAnew = 0;
  const lost = `WorkflowType IN ('contact', 'batch', 'import') AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')`;
  for await (const run of deps.client.workflow.list({
    query: `${lost} AND CloseTime >= '${since}'`,
    pageSize,
  })) {
    if (await isHealed(deps, run)) begunAnew += 1;
  }
  return { begunAnew, ended: await endResetRuns(deps, since) };
}

/** True: it has been begun anew. */
async function isHealed(deps: LostRunDeps, lost: WorkflowExecutionInfo): Promise<boolean> {
  const address = readWorkflowId(lost.workflowId);
  if (address === undefined) return false;
  const handle = deps.client.workflow.getHandle(lost.workflowId);
  switch (address.kind) {
    case 'contact':
      return isContactHealed(deps, lost, address, handle);
    case 'batch': {
      const batch = await findBatchRun(deps.system, address);
      if (batch?.state !== 'running' && batch?.state !== 'paused') return false;
      if (await isRunning(handle)) return false;
      const { accountId, batchId } = batch;
      return start(deps, { accountId, to: { batchId }, kind: 'start' });
    }
    case 'import': {
      const file =
        (await findImportRun(deps.system, address)) ?? (await findTableFileRun(deps.system, address));
      if (file?.state !== 'waiting' && file?.state !== 'reading') return false;
      if (await isRunning(handle)) return false;
      const { accountId } = file;
      return start(deps, { accountId, to: { importId: address.importId }, kind: 'start' });
    }
    default: {
      const unreachable: never = address;
      return unreachable;
    }
  }
}

async function isContactHealed(
  deps: LostRunDeps,
  lost: WorkflowExecutionInfo,
  address: Extract<WorkflowAddress, { readonly kind: 'contact' }>,
  handle: WorkflowHandle,
): Promise<boolean> {
  const contact = await findRun(deps.system, address);
  if (contact?.mode !== 'live' || contact.state === 'planned' || contact.state === 'closed') return false;
  if (runOf(lost) < contact.run) return false;
  const latest = await handle.describe();
  const isReset = latest.status.name === 'RUNNING';
  if (isReset) {
    // Somebody has begun it anew since: that run has a higher number.
    if (runOf(latest) > runOf(lost)) return false;
    // It would go on from what it knew then: without the promise, the calls and the turns that came after.
    await handleOf(deps, latest).terminate('reset: the contact begins anew in a further run');
  }
  const { accountId, contactId } = contact;
  const why = isReset ? 'its workflow was reset' : `its workflow was ${lost.status.name.toLowerCase()}`;
  return inAccount(deps.app, accountId, async (trx) => {
    if ((await restartContact(trx, contact, { actor, reason: why })) === undefined) return false;
    await writeOutbox(trx, [{ accountId, to: { contactId }, kind: 'start' }]);
    return true;
  });
}

/** What was reset after its end would live beside a closed row, and a retry would wait for its end for ever. */
async function endResetRuns(deps: LostRunDeps, since: string): Promise<number> {
  const query = `WorkflowType = 'contact' AND ExecutionStatus = 'Running' AND StartTime >= '${since}'`;
  let ended = 0;
  let page: WorkflowExecutionInfo[] = [];
  const flush = async (): Promise<void> => {
    ended += await endThoseClosed(deps, page);
    page = [];
  };
  for await (const run of deps.client.workflow.list({ query, pageSize })) {
    page.push(run);
    if (page.length === pageSize) await flush();
  }
  await flush();
  return ended;
}

async function endThoseClosed(deps: LostRunDeps, runs: readonly WorkflowExecutionInfo[]): Promise<number> {
  const contacts = runs.flatMap((run) => {
    const address = readWorkflowId(run.workflowId);
    return address?.kind === 'contact' ? [{ ...address, at: run.startTime, run }] : [];
  });
  if (contacts.length === 0) return 0;
  const closed = await closedBefore(deps.system, contacts);
  for (const place of closed) {
    const run = contacts[place]?.run;
    if (run !== undefined)
      await handleOf(deps, run).terminate('reset: the contact is closed, retry it instead');
  }
  return closed.length;
}

type Named = Pick<WorkflowExecutionInfo, 'workflowId' | 'runId'>;

/** Of this run and no later one. */
function handleOf({ client }: LostRunDeps, { workflowId, runId }: Named): WorkflowHandle {
  return client.workflow.getHandle(workflowId, runId);
}

function runOf({ memo }: Pick<WorkflowExecutionInfo, 'memo'>): number {
  return typeof memo?.['run'] === 'number' ? memo['run'] : 1;
}

async function isRunning(handle: WorkflowHandle): Promise<boolean> {
  return (await handle.describe()).status.name === 'RUNNING';
}

async function start({ app }: LostRunDeps, message: OutboxMessage): Promise<true> {
  await inAccount(app, message.accountId, (trx) => writeOutbox(trx, [message]));
  return true;
}
