import { lockClosing } from '../../domain/batches/queries.ts';
import { lastAttemptOf } from '../../domain/calls/queries.ts';
import { closeOpenAgreement } from '../../domain/negotiation/queries.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { closeContactRow, hasOpen, writeProjection, writeRefusal } from '../../domain/contacts/queries.ts';
import { writeAudit } from '../../domain/shared/queries-audit.ts';
import { writeEvent } from '../../domain/shared/queries-events.ts';
import { isLateStep, openTurns, requestLine, withdrawRequest } from '../../domain/lines/queries-lines.ts';
import { writeOutbox } from '../../domain/shared/queries-outbox.ts';
import { openTask } from '../../domain/tasks/tasks.ts';
import { grantInRehearsal } from './rehearsal.ts';
import { instantOf, isLive, loadContact } from '../../domain/contacts/read-contact.ts';
import { supersedeTurns } from '../../domain/contacts/supersede-turns.ts';
import { type ContactDeps } from './deps.ts';
import type {
  Answer,
  CloseContactInput,
  ContactActivities,
  ContactRef,
  HoldContactInput,
  TurnRef,
} from './types.ts';

type TurnActivities = Pick<ContactActivities, 'requestLine' | 'holdContact' | 'closeContact'>;

/** Into the queue, out of it, and the end: one transaction each, all safe to repeat. */
export function createTurnActivities(deps: ContactDeps): TurnActivities {
  const { app } = deps;
  return {
    async requestLine(input): Promise<Answer> {
      const asked = await unlessLate(app, input, async (trx) => {
        const { contactId, missedRequestId, replacedRequestId, slot } = input;
        if (missedRequestId !== null) await writeMissed(trx, input, missedRequestId);
        if (replacedRequestId !== null) await takeBack(trx, input, replacedRequestId);
        const request = {
          id: input.requestId,
          accountId: input.accountId,
          batchId: input.batchId,
          contactId,
          waveKey: slot.key,
          priority: input.priority,
          eligibleAtMs: input.eligibleAtMs,
          deadlineAtMs: slot.closesAtMs,
        };
        // Not of a batch that was cancelled while this contact was on the phone.
        const requested = await requestLine(
          trx,
          request,
          { run: input.run, ...input.projection },
          input.step,
        );
        if (requested.kind === 'late') throw new LateStep();
        if (requested.kind === 'queued' && requested.hasOthers) {
          await supersede(trx, input, input.requestId, await instantOf(trx, input));
        }
        return requested.kind;
      });
      if (asked === 'over') return { deliveries: [{ fact: { type: 'BatchCancelled' } }] };
      return asked === 'late' || isLive(input) ? { deliveries: [] } : grantInRehearsal(deps, input);
    },

    async holdContact(input) {
      await unlessLate(app, input, async (trx) => {
        if (await isLateStep(trx, input.contactId, input.step)) throw new LateStep();
        const { missedRequestId, withdrawnRequestId } = input;
        if (missedRequestId !== null) await writeMissed(trx, input, missedRequestId);
        if (withdrawnRequestId !== null) await takeBack(trx, input, withdrawnRequestId);
        const at = await instantOf(trx, input);
        await supersede(trx, input, input.waitsForRequestId, at);
        await handOver(trx, input, at);
        await writeProjection(trx, input.contactId, input.run, input.projection);
      });
    },

    async closeContact(input) {
      await unlessLate(app, input, async (trx) => {
        if (await isLateStep(trx, input.contactId, input.step)) throw new LateStep();
        if (input.missedRequestId !== null) await writeMissed(trx, input, input.missedRequestId);
        await takeBack(trx, input);
        const at = await instantOf(trx, input);
        if (!(await closeContactRow(trx, input.contactId, input.run, input.outcome, input.projection, at)))
          return;
        // A promise of a cancelled batch stays on record; any other that nobody follows any more does not.
        if (input.outcome !== 'promise') await closeOpenAgreement(trx, input.contactId, 'withdrawn', at);
        await handOver(trx, input, at);
        await writeAudit(trx, {
          accountId: input.accountId,
          actor: 'contact workflow',
          action: 'contact.closed',
          subject: input.contactId,
          detail: { outcome: input.outcome, attempts: input.projection.attempts },
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
            attempts: input.projection.attempts,
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
    context: { attempts: ref.projection.attempts, state: ref.projection.waitingFor },
    // One of a kind in a run: a contact that waits for a payment is held again and again.
    dedupeKey: `${ref.contactId}:${ref.run}:${ref.handOver}`,
    openedAt: at,
  });
}

/** The slot ended before a line was free: a refusal with its reason, not an attempt. */
async function writeMissed(trx: Trx, ref: ContactRef, requestId: string): Promise<void> {
  const missed = await withdrawRequest(trx, requestId, 'missed');
  if (missed === undefined) return;
  const { batchState } = await loadContact(trx, ref.contactId);
  const [reason, rule] =
    batchState === 'paused'
      ? ['batch_paused', 'the batch was paused']
      : missed.was === 'suspended'
        ? missed.suspendedFor === 'budget'
          ? ['no_budget', 'what is left of the budget of the batch did not cover the worst case of one call']
          : ['no_credit', 'the balance did not cover the worst case of one call']
        : ['no_line', 'the slot ended before a line was free'];
  const { accountId, batchId, contactId } = ref;
  const { waveKey } = missed;
  const at = await instantOf(trx, ref);
  await writeRefusal(trx, { accountId, batchId, contactId, requestId, waveKey, reason, rule, at });
}

/** What no step of the workflow names. */
async function supersede(trx: Trx, ref: ContactRef, keepId: string | null, at: Date): Promise<void> {
  const rule = 'the step that asked for it was lost, and the next one decided otherwise';
  await supersedeTurns(trx, ref, { rule, at, keepId });
}

/**
 * Out of the queue, with a line that was granted meanwhile: this one, or whatever the contact has in it. A turn whose slot is over
 * by now (a workflow that could not run for a while) has come due, and has its reason.
 */
async function takeBack(trx: Trx, ref: ContactRef, only?: string): Promise<void> {
  const open = await openTurns(trx, ref.contactId);
  const turns = open.filter(({ requestId }) => only === undefined || requestId === only);
  if (turns.length === 0) return;
  const at = await instantOf(trx, ref);
  for (const { requestId, deadlineAt } of turns) {
    if (deadlineAt < at) await writeMissed(trx, ref, requestId);
    else await withdrawRequest(trx, requestId, 'withdrawn');
  }
}

/** A worker that was frozen goes on with a task that another one has taken again since. Nothing of it is written. */
class LateStep extends Error {}

async function unlessLate<T>(
  app: Database,
  { accountId }: TurnRef,
  work: (trx: Trx) => Promise<T>,
): Promise<T | 'late'> {
  try {
    return await inAccount(app, accountId, work);
  } catch (error) {
    if (error instanceof LateStep) return 'late';
    throw error;
  }
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
