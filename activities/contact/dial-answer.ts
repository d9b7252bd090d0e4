import type { Trx } from '../../db/client.ts';
import { lockCallAndPerson, markPlaced, markRejected, markUnknown } from '../../domain/calls/queries.ts';
import { notifyContact } from '../../domain/calls/notify-contact.ts';
import { writeProjection } from '../../domain/contacts/queries.ts';
import { releaseLease } from '../../domain/lines/queries-lines.ts';
import { emitPlaced } from '../../domain/calls/emit-placed.ts';
import type { CallTiming } from '../../domain/lines/rules/timing.ts';
import type { PlaceCallAnswer } from '../../domain/calls/voice-port.ts';
import type { Answer, DialInput } from './types.ts';

/**
 * What the provider answered to the POST, on record, and as the contact's fact. A call that is taken for unknown already
 * has a contact that gave this answer up: it learns it through the outbox.
 */
export async function writeAnswer(
  trx: Trx,
  input: DialInput,
  answer: PlaceCallAnswer,
  timing: CallTiming,
): Promise<Answer> {
  const { attemptId, accountId } = input;
  switch (answer.kind) {
    case 'placed':
      await writePlaced(trx, input, answer.providerCallId, timing);
      return fact({ type: 'DialPlaced', attemptId });
    case 'unknown':
      await markUnknown(trx, {
        accountId,
        attemptId,
        detail: answer.detail,
        checkAfterMs: timing.unknownCheckMs,
      });
      return fact({ type: 'DialOutcomeUnknown', attemptId });
    case 'rejected':
      // A webhook may have brought the call that this answer denies: then the contact reads the record, and waits for
      // the end instead of dialling beside it.
      return (await undoAttempt(trx, input, answer))
        ? fact({ type: 'DialRejected', attemptId, reason: answer.reason })
        : fact({ type: 'DialOutcomeUnknown', attemptId });
    default: {
      const unreachable: never = answer;
      return unreachable;
    }
  }
}

async function writePlaced(
  trx: Trx,
  input: DialInput,
  providerCallId: string,
  timing: CallTiming,
): Promise<void> {
  const { attemptId, accountId } = input;
  const checkAfterMs = timing.runningCheckMs;
  const marked = await markPlaced(trx, {
    accountId,
    attemptId,
    providerCallId,
    checkAfterMs,
    kind: 'placed',
  });
  if (marked === undefined) return;
  await emitPlaced(trx, { ...input, at: marked.dialledAt });
  if (marked.was === 'unknown') {
    await notifyContact(trx, input, { signal: 'callFound', payload: { attemptId } });
  }
}

/** The provider's own no proves that no phone rang: line and hold go back, and it counts against no limit. False: it is known better. */
async function undoAttempt(
  trx: Trx,
  input: DialInput,
  answer: Extract<PlaceCallAnswer, { kind: 'rejected' }>,
): Promise<boolean> {
  const { attemptId, accountId } = input;
  const { reason, httpStatus } = answer;
  // The person's lock, as in the gate: their next dial waits, and finds a call that was none instead of one that runs.
  const locked = await lockCallAndPerson(trx, attemptId);
  if (!(await markRejected(trx, accountId, attemptId, { reason, httpStatus }))) return false;
  await releaseLease(trx, attemptId, `rejected: ${reason}`);
  await writeProjection(trx, input.contactId, input.run, { ...input.projection, attempts: input.number - 1 });
  if (locked?.state === 'unknown') {
    await notifyContact(trx, input, { signal: 'callAbsent', payload: { attemptId, dialled: false } });
  }
  return true;
}

function fact(one: Answer['deliveries'][number]['fact']): Answer {
  return { deliveries: [{ fact: one }] };
}
