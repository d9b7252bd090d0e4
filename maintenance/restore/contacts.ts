import { modeOf } from '../../domain/shared/queries-account.ts';
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { createTurnActivities } from '../../activities/contact/turn.ts';
import type { ContactDeps } from '../../activities/contact/deps.ts';
import { type Database, inAccount } from '../../db/client.ts';
import type { ContactRun } from '../../domain/contacts/queries-runs.ts';
import { restartContact } from '../../domain/contacts/restart-contact.ts';
import { startContact } from '../../domain/contacts/start-contact.ts';
import { changeBatch } from '../../domain/batches/batches.ts';
import type { ContactOutcome } from '../../domain/contacts/rules/outcomes.ts';
import type { contact } from '../../workflows/contact/workflow.ts';
import { contactWorkflowId } from '../../domain/temporal/rules/ids.ts';
import { restoreActor } from './copy-in.ts';

export interface ContactsDeps extends ContactDeps {
  readonly owner: Database;
  readonly client: Client;
  readonly taskQueue: string;
}

export interface ReconciledContacts {
  /** Their workflow goes on as if nothing had been. */
  readonly kept: number;
  /** Their workflow had ended after the copy: their row says so now. */
  readonly closed: number;
  /** Their workflow is gone and nobody was spoken with: they begin anew, with every limit still counted. */
  readonly restarted: number;
  /** Their workflow is gone and somebody was spoken with: they begin anew, and `resume` leaves them paused. */
  readonly spoken: readonly string[];
}

/** `spoken`: a human answered since the contact was opened, or has an open agreement. */
type OpenRow = ContactRun & { readonly spoken: boolean };

/** Contacts that are not closed, of batches that may go on. No rehearsal's: it ended with the clock that it lived on. */
export async function readOpenContacts(owner: Database): Promise<readonly OpenRow[]> {
  const { rows } = await sql<OpenRow>`
    select k.id as "contactId", k.account_id as "accountId", k.batch_id as "batchId", k.state, k.run,
           k.ordinal as number, b.use_case as "useCase", ${modeOf('a')} as mode, b.state as "batchState",
           a.slug as "accountSlug", b.slug as "batchSlug",
           exists (select from core.agreement g where g.contact_id = k.id and g.state = 'open')
           or exists (select from operation.attempt a join operation.call c on c.attempt_id = a.id
                       where a.contact_id = k.id and c.human and a.attempted_at >= k.opened_at) as spoken
      from core.contact k join core.batch b on b.id = k.batch_id join catalogue.account a on a.id = k.account_id
     where a.kind <> 'rehearsal' and b.state in ('running', 'paused') and k.state <> 'closed'
     order by k.batch_id, k.ordinal`.execute(owner);
  return rows;
}

/**
 * Brings rows and workflows together after a restore. Temporal may be ahead of the copy (it survived), or empty (it is
 * lost): each contact that is not closed is looked at by its workflow. Before any worker runs: a batch's own workflow would
 * start what it finds open, with the ids of requests that the old run has used.
 */
export async function reconcileContacts(deps: ContactsDeps): Promise<ReconciledContacts> {
  const rows = await readOpenContacts(deps.owner);
  let [kept, closed, restarted] = [0, 0, 0];
  const spoken: string[] = [];
  for (const row of rows) {
    const life = await lifeOf(deps.client, row);
    if (life.kind === 'none' && row.state === 'planned') continue;
    if (life.kind !== 'none' && row.state === 'planned') await openRow(deps.owner, row, life.startedAt);
    switch (life.kind) {
      case 'running':
        await keepRun(deps.owner, row, life.run);
        kept += 1;
        break;
      case 'completed':
        await closeRow(deps, row, life);
        closed += 1;
        break;
      case 'none':
        await beginAnew(deps, row);
        if (row.spoken) spoken.push(row.contactId);
        else restarted += 1;
        break;
      default: {
        const unreachable: never = life;
        return unreachable;
      }
    }
  }
  return { kept, closed, restarted, spoken };
}

type Life =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly startedAt: Date; readonly run: number }
  | {
      readonly kind: 'completed';
      readonly startedAt: Date;
      readonly endedAt: Date;
      readonly outcome: ContactOutcome;
      readonly attempts: number;
    };

const notFound = 'WorkflowNotFoundError';

async function lifeOf(client: Client, row: OpenRow): Promise<Life> {
  const handle = client.workflow.getHandle<typeof contact>(contactWorkflowId(row));
  try {
    const { status, startTime: startedAt, closeTime: endedAt, memo } = await handle.describe();
    const run = typeof memo?.['run'] === 'number' ? memo['run'] : row.run;
    if (status.name === 'RUNNING') return { kind: 'running', startedAt, run };
    if (status.name !== 'COMPLETED' || endedAt === undefined) return { kind: 'none' };
    const { outcome, attempts } = await handle.result();
    if (!isOutcome(outcome))
      throw new Error(`contact ${row.contactId} ended with "${outcome}", which is no outcome`);
    return { kind: 'completed', startedAt, endedAt, outcome, attempts };
  } catch (error) {
    if (error instanceof Error && error.name === notFound) return { kind: 'none' };
    throw error;
  }
}

/** Every one of them, or this does not compile. */
const outcomes: Readonly<Record<ContactOutcome, true>> = {
  promise: true,
  answered: true,
  completed: true,
  interested: true,
  refused: true,
  already_paid: true,
  callback_requested: true,
  do_not_call: true,
  excluded: true,
  exhausted: true,
  no_phone: true,
  no_legal_time: true,
  expired: true,
  stopped: true,
  cancelled: true,
  paid: true,
  promise_kept: true,
  promise_broken: true,
  dispute: true,
  hardship: true,
  legal: true,
  removed: true,
};

function isOutcome(text: string): text is ContactOutcome {
  return Object.hasOwn(outcomes, text);
}

/** It was retried after the copy: its workflow writes as the later run. */
async function keepRun(owner: Database, { contactId }: OpenRow, run: number): Promise<void> {
  await owner
    .updateTable('core.contact')
    .set({ run })
    .where('id', '=', contactId)
    .where('run', '<', run)
    .execute();
}

/** It was opened after the copy. */
async function openRow(owner: Database, row: OpenRow, at: Date): Promise<void> {
  await owner
    .updateTable('core.contact')
    .set({ state: 'waiting', opened_at: at, waiting_for: 'Se prepara' })
    .where('id', '=', row.contactId)
    .where('state', '=', 'planned')
    .execute();
}

/** As its own workflow did after the copy, and at that instant: by today's it would seem to have let turns pass. */
async function closeRow(
  deps: ContactsDeps,
  row: OpenRow,
  { outcome, attempts, endedAt }: Extract<Life, { kind: 'completed' }>,
): Promise<void> {
  await createTurnActivities(deps).closeContact({
    accountId: row.accountId,
    batchId: row.batchId,
    contactId: row.contactId,
    run: row.run,
    mode: 'live',
    nowMs: endedAt.getTime(),
    outcome,
    missedRequestId: null,
    projection: { state: 'closed', waitingFor: 'Cerrado', attempts, nextAtMs: null },
    step: null,
  });
  await deps.owner
    .updateTable('core.contact')
    .set({ closed_at: endedAt })
    .where('id', '=', row.contactId)
    .where('state', '=', 'closed')
    .execute();
}

/** A further run: the ids of the old one's requests are taken. */
async function beginAnew(deps: ContactsDeps, row: OpenRow): Promise<void> {
  const why = { actor: restoreActor, reason: 'its workflow was lost' };
  const restarted = await inAccount(deps.owner, row.accountId, (trx) => restartContact(trx, row, why));
  if (restarted === undefined) return;
  const { run, paused } = restarted;
  await startContact(deps, { ...row, run, state: paused ? 'paused' : 'waiting' });
}

/**
 * Contacts that began anew although somebody was spoken with start paused, until a person decides. Returns how many wait so: by
 * their audit rows, so that a second run says the same.
 */
export async function countSpoken(owner: Database): Promise<number> {
  const { rows } = await sql<{ waiting: bigint }>`
    select count(*) as waiting from core.contact k
      join operation.audit a on a.account_id = k.account_id and a.subject = k.id::text
     where a.actor = ${restoreActor} and a.action = 'contact.retried' and (a.detail ->> 'spoken')::boolean
       and (a.detail ->> 'run')::int = k.run and k.state = 'paused'`.execute(owner);
  return Number(rows[0]?.waiting ?? 0);
}

/** Every batch that the restore has paused, and nobody has touched since, goes on. Returns how many. */
export async function resumeBatches(owner: Database): Promise<number> {
  const { rows } = await sql<{ id: string; account_id: string }>`
    select b.id, b.account_id from core.batch b
     where b.state = 'paused' and (
       select a.actor from operation.audit a
        where a.account_id = b.account_id and a.subject = b.id::text and a.action like 'batch.%'
        order by a.id desc limit 1) = ${restoreActor}`.execute(owner);
  for (const { id: batchId, account_id: accountId } of rows) {
    const caller = { accountId, actor: restoreActor };
    await inAccount(owner, accountId, (trx) =>
      changeBatch(trx, caller, { batchId, action: 'resume', reason: 'reconciled after a restore' }),
    );
  }
  return rows.length;
}
