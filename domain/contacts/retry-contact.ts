import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { sql } from 'kysely';
import { inAccount, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import { batchWorkflowId, contactWorkflowId } from '../../workflows/shared/ids.ts';
import { startBatch, type StartDeps } from '../batches/batches.ts';
import { type Caller } from '../shared/caller.ts';
import { doNotCall, readSubject, type Subject } from './subject.ts';
import type { ContactDeps } from './contacts.ts';
import { OperationRefused } from '../shared/refused.ts';
import { startContact } from './start-contact.ts';
import { askTemporal } from '../temporal/temporal-call.ts';

/** How long whoever asks waits for the start. */
const startWithinMs = 10_000;

/**
 * Opens a closed contact for a new run, in the caller's transaction. Its workflow is started after the commit by
 * `startRetried`; the batch's workflow would start it as well. Throws `OperationRefused` when it may not.
 */
export async function retryContact(
  trx: Trx,
  caller: Caller,
  { contactId, reason }: { readonly contactId: string; readonly reason: string },
): Promise<{ readonly run: number }> {
  const { batchId } = await readSubject(trx, contactId);
  // The batch first, as its own workflow does: it must not finish between our look and our change.
  await trx.selectFrom('core.batch').select('id').where('id', '=', batchId).forUpdate().execute();
  await trx.selectFrom('core.contact').select('id').where('id', '=', contactId).forUpdate().execute();
  const subject = await readSubject(trx, contactId);
  requireRetryable(subject);
  const run = subject.run + 1;
  await trx
    .updateTable('core.contact')
    .set({
      state: 'waiting',
      outcome: null,
      closed_at: null,
      next_at: null,
      attempts: 0,
      run,
      waiting_for: 'Se prepara',
      // The calendar of the new run begins now: the old one's last day may be over.
      opened_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', contactId)
    .execute();
  await writeAudit(trx, {
    ...caller,
    action: 'contact.retried',
    subject: contactId,
    detail: { reason, run },
  });
  if (subject.batchState === 'finished') {
    await trx
      .updateTable('core.batch')
      .set({ state: 'running', finished_at: null })
      .where('id', '=', subject.batchId)
      .execute();
    await writeAudit(trx, {
      ...caller,
      action: 'batch.reopened',
      subject: subject.batchId,
      detail: { contactId },
    });
  }
  // Should this process die before it starts the contact, the batch does.
  await writeOutbox(trx, [
    {
      accountId: caller.accountId,
      workflowId: batchWorkflowId(subject.batchId),
      signal: 'batchChanged',
      payload: {},
    },
  ]);
  return { run };
}

function requireRetryable(subject: Subject): void {
  if (subject.state !== 'closed') {
    throw new OperationRefused(
      'conflict',
      'contact_open',
      'The contact is open: there is nothing to repeat. Use /reschedule to move its next call.',
      'El contacto está abierto: no hay nada que repetir. Use /reschedule para mover su próxima llamada.',
    );
  }
  if (subject.batchState !== 'running' && subject.batchState !== 'finished') {
    throw new OperationRefused(
      'conflict',
      `batch_${subject.batchState}`,
      `The batch is ${subject.batchState}: its contacts cannot be called again.`,
      `La tanda está ${subject.batchState === 'paused' ? 'en pausa' : 'cancelada'}: sus contactos no se llaman de nuevo.`,
    );
  }
  if (subject.realm !== 'live') {
    throw new OperationRefused(
      'conflict',
      'rehearsal',
      'The contact belongs to a rehearsal.',
      'El contacto es de un ensayo.',
    );
  }
  if (subject.doNotCall) throw doNotCall();
}

/** Starts the workflows that a committed retry needs. Harmless when they run: for repeated requests too. */
export async function startRetried(
  deps: ContactDeps & StartDeps,
  accountId: string,
  contactId: string,
): Promise<void> {
  const subject = await inAccount(deps.app, accountId, (trx) => readSubject(trx, contactId));
  // A repeated request whose contact has come to its end since: nothing is to be started.
  if (subject.state === 'closed' || subject.batchState === 'cancelled') return;
  const { batchId, useCase, run, realm, ordinal: position } = subject;
  await askTemporal(deps.temporal, startWithinMs, () =>
    oldRunEnded(deps.temporal, contactWorkflowId(accountId, batchId, contactId), subject.openedAt),
  );
  await startBatch(deps, { accountId, batchId, useCase });
  const start = { accountId, batchId, contactId, run, realm, useCase, position, taskQueue: deps.taskQueue };
  await askTemporal(deps.temporal, startWithinMs, () => startContact(deps.temporal, start));
}

const lookPauseMs = 100;
const looks = 30;

/**
 * A contact closes its row a moment before its workflow ends: a start in between would be taken for the old run, and
 * lost. Bounded: should the clocks disagree for longer, the batch's workflow starts the contact later.
 */
async function oldRunEnded(temporal: Client, workflowId: string, openedAt: Date | null): Promise<void> {
  const handle = temporal.workflow.getHandle(workflowId);
  for (let look = 0; look < looks; look += 1) {
    try {
      const { status, startTime } = await handle.describe();
      if (status.name !== 'RUNNING' || openedAt === null || startTime >= openedAt) return;
    } catch (error) {
      // One that closed before it had a workflow.
      if (error instanceof WorkflowNotFoundError) return;
      throw error;
    }
    await sleep(lookPauseMs);
  }
}
