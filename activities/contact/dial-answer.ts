import { databaseNow, type Trx } from '../../db/client.ts';
import { markPlaced, markState, writeAttemptEvent } from '../../domain/calls/queries.ts';
import { countDialOf, writeNote } from '../../domain/contacts/queries.ts';
import { releaseLease } from '../../domain/lines/queries-lines.ts';
import { tellPlaced } from '../../domain/calls/tell.ts';
import type { CallTiming } from '../../domain/lines/rules/timing.ts';
import type { PlaceCallAnswer } from '../../domain/calls/voice-port.ts';
import type { Answer, DialInput } from './types.ts';

/** What the provider answered to the POST, on record, and as the contact's fact. */
export async function writeAnswer(
  trx: Trx,
  input: DialInput,
  answer: PlaceCallAnswer,
  timing: CallTiming,
): Promise<Answer> {
  const { attemptId, accountId } = input;
  switch (answer.kind) {
    case 'placed':
      if (await markPlaced(trx, attemptId, answer.providerCallId, timing.runningCheckMs)) {
        await writeAttemptEvent(trx, accountId, attemptId, 'placed', { callId: answer.providerCallId });
        await tellPlaced(trx, { ...input, at: await databaseNow(trx) });
      }
      return fact({ type: 'DialPlaced', attemptId });
    case 'unknown':
      if (await markState(trx, attemptId, ['placing'], 'unknown')) {
        await writeAttemptEvent(trx, accountId, attemptId, 'unknown', { detail: answer.detail });
      }
      return fact({ type: 'DialOutcomeUnknown', attemptId });
    case 'rejected':
      await undoAttempt(trx, input, answer);
      return fact({ type: 'DialRejected', attemptId, reason: answer.reason });
    default: {
      const unreachable: never = answer;
      return unreachable;
    }
  }
}

/** The provider's own no proves that no phone rang: line and hold go back, and it counts against no limit. */
async function undoAttempt(
  trx: Trx,
  input: DialInput,
  answer: Extract<PlaceCallAnswer, { kind: 'rejected' }>,
): Promise<void> {
  if (!(await markState(trx, input.attemptId, ['placing'], 'rejected'))) return;
  await writeAttemptEvent(trx, input.accountId, input.attemptId, 'rejected', {
    reason: answer.reason,
    httpStatus: answer.httpStatus,
  });
  // The day before the balance, as in the gate: the other way round a refusal of the same person's gate, which gives
  // its hold back, and this would wait for each other.
  await countDialOf(trx, input.attemptId, -1);
  await releaseLease(trx, input.attemptId, `rejected: ${answer.reason}`);
  await writeNote(trx, input.contactId, input.run, { ...input.note, attempts: input.number - 1 });
}

function fact(one: Answer['deliveries'][number]['fact']): Answer {
  return { deliveries: [{ fact: one }] };
}
