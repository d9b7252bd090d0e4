import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { createTurnActivities } from '../../activities/contact/turn.ts';
import type { ContactDeps } from '../../domain/contacts/read-contact.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { writeRefusal } from '../../domain/contacts/queries.ts';
import { writeAudit } from '../../domain/shared/queries-audit.ts';
import { withdrawRequest } from '../../domain/lines/queries-lines.ts';
import { startContact } from '../../domain/contacts/start-contact.ts';
import { changeBatch } from '../../domain/batches/batches.ts';
import { pauseUpdate } from '../../workflows/contact/contract.ts';
import type { ContactOutcome } from '../../domain/contacts/rules/outcomes.ts';
import type { contact } from '../../workflows/contact/workflow.ts';
import { contactWorkflowId } from '../../workflows/shared/ids.ts';
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

interface OpenRow {
  readonly id: string;
  readonly account_id: string;
  readonly batch_id: string;
  readonly state: string;
  readonly run: number;
  readonly ordinal: number;
  readonly use_case: string;
  /** A human answered since the contact was opened, or has an open agreement. */
  readonly spoken: boolean;
}

/**
 * Brings rows and workflows together after a restore. Temporal may be ahead of the copy (it survived), or empty (it is
 * lost): each contact that is not closed is looked at by its workflow. Before any worker runs: a batch's own workflow would
 * start what it finds open, with the ids of requests that the old run has used.
 */
export async function reconcileContacts(deps: ContactsDeps): Promise<ReconciledContacts> {
  const { rows } = await sql<OpenRow>`
    select k.id, k.account_id, k.batch_id, k.state, k.run, k.ordinal, b.use_case,
           exists (select from core.agreement g where g.contact_id = k.id and g.state = 'open')
           or exists (select from operation.attempt a join operation.call c on c.attempt_id = a.id
                       where a.contact_id = k.id and c.human and a.attempted_at >= k.opened_at) as spoken
      from core.contact k join core.batch b on b.id = k.batch_id
     where b.realm = 'live' and b.state in ('running', 'paused') and k.state <> 'closed'
     order by k.batch_id, k.ordinal`.execute(deps.owner);
  let [kept, closed, restarted] = [0, 0, 0];
  const spoken: string[] = [];
  for (const row of rows) {
    const life = await lifeOf(deps.client, row);
    if (life.kind === 'none' && row.state === 'planned') continue;
    if (life.kind !== 'none' && row.state === 'planned') await openRow(deps.owner, row, life.startedAt);
    switch (life.kind) {
      case 'running':
        kept += 1;
        break;
      case 'completed':
        await closeRow(deps, row, life);
        closed += 1;
        break;
      case 'none':
        await beginAnew(deps, row);
        if (row.spoken) spoken.push(row.id);
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
  | { readonly kind: 'running'; readonly startedAt: Date }
  | {
      readonly kind: 'completed';
      readonly startedAt: Date;
      readonly endedAt: Date;
      readonly outcome: ContactOutcome;
      readonly attempts: number;
    };

const notFound = 'WorkflowNotFoundError';

async function lifeOf(client: Client, row: OpenRow): Promise<Life> {
  const handle = client.workflow.getHandle<typeof contact>(workflowIdOf(row));
  try {
    const { status, startTime: startedAt, closeTime: endedAt } = await handle.describe();
    if (status.name === 'RUNNING') return { kind: 'running', startedAt };
    if (status.name !== 'COMPLETED' || endedAt === undefined) return { kind: 'none' };
    const { outcome, attempts } = await handle.result();
    if (!isOutcome(outcome))
      throw new Error(`contact ${row.id} ended with "${outcome}", which is no outcome`);
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

function workflowIdOf(row: Pick<OpenRow, 'id' | 'account_id' | 'batch_id'>): string {
  return contactWorkflowId(row.account_id, row.batch_id, row.id);
}

/** It was opened after the copy. */
async function openRow(owner: Database, row: OpenRow, at: Date): Promise<void> {
  await owner
    .updateTable('core.contact')
    .set({ state: 'waiting', opened_at: at, waiting_for: 'Se prepara' })
    .where('id', '=', row.id)
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
    accountId: row.account_id,
    batchId: row.batch_id,
    contactId: row.id,
    run: row.run,
    realm: 'live',
    nowMs: endedAt.getTime(),
    outcome,
    missedRequestId: null,
    note: { state: 'closed', waitingFor: 'Cerrado', attempts, nextAtMs: null },
  });
  await deps.owner
    .updateTable('core.contact')
    .set({ closed_at: endedAt })
    .where('id', '=', row.id)
    .where('state', '=', 'closed')
    .execute();
}

/** A further run: the ids of the old one's requests are taken. */
async function beginAnew(deps: ContactsDeps, row: OpenRow): Promise<void> {
  const run = row.run + 1;
  await inAccount(deps.owner, row.account_id, async (trx) => {
    await withdrawAll(trx, row);
    await trx
      .updateTable('core.contact')
      .set({
        state: 'waiting',
        run,
        attempts: 0,
        next_at: null,
        waiting_for: 'Se prepara',
        opened_at: sql<Date>`clock_timestamp()`,
      })
      .where('id', '=', row.id)
      .execute();
    await writeAudit(trx, {
      accountId: row.account_id,
      actor: restoreActor,
      action: 'contact.retried',
      subject: row.id,
      detail: { run, reason: 'its workflow was lost', spoken: row.spoken },
    });
  });
  await startContact(deps.client, {
    accountId: row.account_id,
    batchId: row.batch_id,
    contactId: row.id,
    run,
    realm: 'live',
    useCase: row.use_case,
    position: row.ordinal,
    taskQueue: deps.taskQueue,
  });
}

/** Whatever the old run still has in the queue: nobody would take the line. Each with its reason in a row. */
async function withdrawAll(trx: Trx, row: OpenRow): Promise<void> {
  const open = await trx
    .selectFrom('core.line_request as r')
    .leftJoin('core.line_lease as l', 'l.request_id', 'r.id')
    .select(['r.id', 'r.wave_key'])
    .where('r.contact_id', '=', row.id)
    .where('r.state', 'in', ['waiting', 'suspended', 'granted'])
    .where('l.attempt_id', 'is', null)
    .execute();
  for (const { id, wave_key: waveKey } of open) {
    await withdrawRequest(trx, id, 'withdrawn');
    await writeRefusal(trx, {
      accountId: row.account_id,
      batchId: row.batch_id,
      contactId: row.id,
      requestId: id,
      waveKey,
      reason: 'worker_died',
      rule: 'the workflow was lost, and begins anew',
      at: new Date(),
      realm: 'live',
    });
  }
}

async function holdFor(client: Client, row: Pick<OpenRow, 'id' | 'account_id' | 'batch_id'>): Promise<void> {
  const reason =
    'Restaurado de un respaldo: ya se habló con esta persona (restored: somebody was spoken with)';
  await client.workflow.getHandle<typeof contact>(workflowIdOf(row)).executeUpdate(pauseUpdate, {
    args: [{ reason }],
  });
}

/** Contacts that began anew although somebody was spoken with: paused until a person decides. Needs a worker. */
export async function pauseSpoken({
  owner,
  client,
}: Pick<ContactsDeps, 'owner' | 'client'>): Promise<number> {
  const { rows } = await sql<Pick<OpenRow, 'id' | 'account_id' | 'batch_id'>>`
    select k.id, k.account_id, k.batch_id from core.contact k
      join operation.audit a on a.account_id = k.account_id and a.subject = k.id::text
     where a.actor = ${restoreActor} and a.action = 'contact.retried' and (a.detail ->> 'spoken')::boolean
       and (a.detail ->> 'run')::int = k.run and k.state not in ('closed', 'paused')`.execute(owner);
  for (const row of rows) await holdFor(client, row);
  return rows.length;
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
