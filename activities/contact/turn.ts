import { lockClosing } from '../../domain/batches/queries.ts';
import { openRequestsOf } from '../../domain/lines/queries-lines.ts';
import { lastAttemptOf } from '../../domain/calls/queries.ts';
import { closeOpenAgreement } from '../../domain/negotiation/queries.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { closeContactRow, hasOpen, writeNote, writeRefusal } from '../../domain/contacts/queries.ts';
import { writeAudit } from '../../domain/shared/queries-audit.ts';
import { writeEvent } from '../../domain/shared/queries-events.ts';
import { requestLine, withdrawRequest } from '../../domain/lines/queries-lines.ts';
import { writeOutbox } from '../../domain/shared/queries-outbox.ts';
import { openTask } from '../../domain/tasks/tasks.ts';
import { grantInRehearsal } from './rehearsal.ts';
import { instantOf, isLive, type LoadedContact, loadContact } from '../../domain/contacts/read-contact.ts';
import { type ContactDeps } from './deps.ts';
import type { Answer, CloseContactInput, ContactActivities, ContactRef, HoldContactInput } from './types.ts';

type TurnActivities = Pick<ContactActivities, 'requestLine' | 'holdContact' | 'closeContact'>;

/** Into the queue, out of it, and the end: one transaction each, all safe to repeat. */
export function createTurnActivities(deps: ContactDeps): TurnActivities {
  const { app } = deps;
  return {
    async requestLine(input): Promise<Answer> {
      const isQueued = await inAccount(app, input.accountId, async (trx) => {
        if (input.missedRequestId !== null) {
          await writeMissed(trx, input, input.missedRequestId, await loadContact(trx, input.contactId));
        }
        if (input.replacedRequestId !== null)
          await withdrawRequest(trx, input.replacedRequestId, 'withdrawn');
        const request = {
          id: input.requestId,
          accountId: input.accountId,
          batchId: input.batchId,
          contactId: input.contactId,
          waveKey: input.slot.key,
          priority: input.priority,
          eligibleAtMs: input.eligibleAtMs,
          deadlineAtMs: input.slot.closesAtMs,
        };
        // Not of a batch that was cancelled while this contact was on the phone.
        return requestLine(trx, request, { run: input.run, ...input.note });
      });
      if (!isQueued) return { deliveries: [{ fact: { type: 'BatchCancelled' } }] };
      return isLive(input) ? { deliveries: [] } : grantInRehearsal(deps, input);
    },

    async holdContact(input) {
      await inAccount(app, input.accountId, async (trx) => {
        if (input.missedRequestId !== null) {
          await writeMissed(trx, input, input.missedRequestId, await loadContact(trx, input.contactId));
        }
        if (input.withdrawnRequestId !== null)
          await withdrawRequest(trx, input.withdrawnRequestId, 'withdrawn');
        await handOver(trx, input, await instantOf(trx, input));
        await writeNote(trx, input.contactId, input.run, input.note);
      });
    },

    async closeContact(input) {
      await inAccount(app, input.accountId, async (trx) => {
        if (input.missedRequestId !== null) {
          await writeMissed(trx, input, input.missedRequestId, await loadContact(trx, input.contactId));
        }
        await withdrawOpen(trx, input.contactId);
        const at = await instantOf(trx, input);
        if (!(await closeContactRow(trx, input.contactId, input.run, input.outcome, input.note, at))) return;
        // A promise of a cancelled batch stays on record; any other that nobody follows any more does not.
        if (input.outcome !== 'promise') await closeOpenAgreement(trx, input.contactId, 'withdrawn', at);
        await handOver(trx, input, at);
        await writeAudit(trx, {
          accountId: input.accountId,
          actor: 'contact workflow',
          action: 'contact.closed',
          subject: input.contactId,
          detail: { outcome: input.outcome, attempts: input.note.attempts },
        });
        await writeEvent(trx, {
          accountId: input.accountId,
          type: 'contact.closed',
          subject: input.contactId,
          occurredAt: at,
          data: {
            contact_id: input.contactId,
            batch_id: input.batchId,
            outcome: input.outcome,
            attempts: input.note.attempts,
          },
        });
        // A rehearsal has no batch workflow: its own one waits for the contact.
        if (isLive(input)) await tellBatchWhenDone(trx, input);
      });
    },
  };
}

/** A task for a person, with the call that it comes from. */
async function handOver(trx: Trx, ref: HoldContactInput | CloseContactInput, at: Date): Promise<void> {
  if (ref.handOver === undefined) return;
  const { personId } = await loadContact(trx, ref.contactId);
  const attemptId = await lastAttemptOf(trx, ref.contactId);
  await openTask(trx, {
    accountId: ref.accountId,
    personId,
    contactId: ref.contactId,
    attemptId,
    kind: ref.handOver,
    context: { attempts: ref.note.attempts, state: ref.note.waitingFor },
    // One of a kind in a run: a contact that waits for a payment is held again and again.
    dedupeKey: `${ref.contactId}:${ref.run}:${ref.handOver}`,
    openedAt: at,
  });
}

/** The slot ended before a line was free: a refusal with its reason, not an attempt. */
async function writeMissed(
  trx: Trx,
  ref: ContactRef,
  requestId: string,
  loaded: LoadedContact,
): Promise<void> {
  const missed = await withdrawRequest(trx, requestId, 'missed');
  if (missed === undefined) return;
  const [reason, rule] =
    loaded.batchState === 'paused'
      ? ['batch_paused', 'the batch was paused']
      : missed.was === 'suspended'
        ? ['no_credit', 'the balance did not cover the worst case of one call']
        : ['no_line', 'the slot ended before a line was free'];
  await writeRefusal(trx, {
    accountId: ref.accountId,
    batchId: ref.batchId,
    contactId: ref.contactId,
    requestId,
    waveKey: missed.waveKey,
    reason,
    rule,
    at: await instantOf(trx, ref),
  });
}

/** Whatever the contact still has in the queue, with a line that was granted meanwhile. */
async function withdrawOpen(trx: Trx, contactId: string): Promise<void> {
  const open = await openRequestsOf(trx, contactId);
  for (const id of open) await withdrawRequest(trx, id, 'withdrawn');
}

async function tellBatchWhenDone(trx: Trx, ref: ContactRef): Promise<void> {
  // The last two contacts may close in the same instant, and each would see the other still open.
  await lockClosing(trx, ref.batchId);
  if (await hasOpen(trx, ref.batchId)) return;
  await writeOutbox(trx, [
    {
      accountId: ref.accountId,
      to: { batchId: ref.batchId },
      signal: 'batchChanged',
      payload: {},
    },
  ]);
}
