import type { Trx } from '../../db/client.ts';
import { lockBatchOf, lockRun, raiseRun, reopenBatch } from './queries-runs.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import { readSubject, requireWanted, type Subject } from './subject.ts';
import { refuse } from '../shared/refused.ts';

/**
 * Opens a closed contact for a new run, in the caller's transaction, with the start of its workflow: that waits for the end of
 * the old one, which comes a moment after its row's. Throws `OperationRefused` when it may not.
 */
export async function retryContact(
  trx: Trx,
  caller: Caller,
  { contactId, reason }: { readonly contactId: string; readonly reason: string },
): Promise<{ readonly run: number }> {
  // The batch first, as its own workflow does: it must not finish between our look and our change.
  await lockBatchOf(trx, contactId);
  await lockRun(trx, contactId);
  const subject = await readSubject(trx, contactId);
  requireRetryable(subject);
  const run = subject.run + 1;
  await raiseRun(trx, contactId, { run, state: 'waiting', waitingFor: 'Se prepara' });
  await writeAudit(trx, {
    ...caller,
    action: 'contact.retried',
    subject: contactId,
    detail: { reason, run },
  });
  if (subject.batchState === 'finished') {
    await reopenBatch(trx, subject.batchId);
    await writeAudit(trx, {
      ...caller,
      action: 'batch.reopened',
      subject: subject.batchId,
      detail: { contactId },
    });
  }
  const { accountId } = caller;
  await writeOutbox(trx, [
    { accountId, to: { contactId }, kind: 'start' },
    { accountId, to: { batchId: subject.batchId }, signal: 'batchChanged', payload: {} },
  ]);
  return { run };
}

function requireRetryable(subject: Subject): void {
  if (subject.state !== 'closed') {
    throw refuse('contact_open');
  }
  if (subject.batchState !== 'running' && subject.batchState !== 'finished') {
    throw refuse(subject.batchState === 'paused' ? 'batch_paused' : 'batch_cancelled');
  }
  requireWanted(subject);
}
