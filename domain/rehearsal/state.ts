import { ownAccount } from '../shared/queries-account.ts';
import { countClosed, finishRehearsal, readRehearsal } from './queries.ts';
import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { type Database, inAccount } from '../../db/client.ts';
import { parseReport } from './report/parse.ts';
import type { RehearsalReport } from './report/types.ts';
import { refuse } from '../shared/refused.ts';
import { readReport } from './report.ts';
import { rehearsalWorkflowId } from '../temporal/rules/ids.ts';

export interface RehearsalView {
  readonly id: string;
  readonly state: 'running' | 'finished' | 'failed';
  readonly importId: string;
  readonly policy: string;
  readonly pack: string;
  readonly seed: string;
  readonly startsAt: Date;
  readonly contacts: number;
  readonly closed: number;
  readonly failure: string | null;
  readonly report: RehearsalReport | null;
}

export interface RehearsalReadDeps {
  readonly app: Database;
  readonly temporal: Client;
}

/**
 * A rehearsal as it stands. The first look after its end writes the report down. Throws `OperationRefused` for one that
 * is not the account's, and for one that has expired.
 */
export async function viewRehearsal(
  deps: RehearsalReadDeps,
  accountId: string,
  id: string,
): Promise<RehearsalView> {
  const row = await inAccount(deps.app, accountId, (trx) => readRehearsal(trx, id));
  if (row === undefined) throw refuse('rehearsal_not_found');
  const { rehearsal_account_id: ownAccountId } = row;
  if (ownAccountId === null) throw refuse('rehearsal_expired', { seed: row.seed });
  const view = {
    id,
    importId: row.import_id,
    policy: row.policy,
    pack: row.pack,
    seed: row.seed,
    startsAt: row.starts_at,
    contacts: row.contacts,
  };
  if (row.state !== 'running') {
    const report = row.report === null ? null : parseReport(row.report);
    return { ...view, state: row.state, closed: row.contacts, failure: row.failure, report };
  }
  const ended = await endOf(deps.temporal, id);
  if (ended === undefined) {
    const closed = await countClosed(deps.app, ownAccountId);
    return { ...view, state: 'running', closed, failure: null, report: null };
  }
  const report =
    ended.failure === null
      ? await inAccount(deps.app, ownAccountId, async (trx) => {
          const { zone } = await ownAccount(trx);
          const { batch_id: batchId, starts_at: startsAt, seed, policy, pack } = row;
          return readReport(trx, { seed, policy, pack, startsAt, zone, batchId });
        })
      : null;
  const state = report === null ? 'failed' : 'finished';
  await inAccount(deps.app, accountId, (trx) =>
    finishRehearsal(trx, id, {
      state,
      failure: ended.failure,
      report: report === null ? null : JSON.stringify(report),
    }),
  );
  return { ...view, state, closed: row.contacts, failure: ended.failure, report };
}

/** How its workflow ended; undefined while it runs. */
async function endOf(temporal: Client, id: string): Promise<{ readonly failure: string | null } | undefined> {
  const handle = temporal.workflow.getHandle(rehearsalWorkflowId(id));
  try {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') return undefined;
    await handle.result();
    return { failure: null };
  } catch (error) {
    if (error instanceof WorkflowFailedError) return { failure: error.cause?.message ?? error.message };
    // Started, and forgotten by the server: older than it keeps.
    if (error instanceof WorkflowNotFoundError)
      return { failure: 'the Temporal server does not know it any more' };
    throw error;
  }
}
