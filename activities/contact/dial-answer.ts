import type { Trx } from '../../db/client.ts';
import { lockCallAndPerson, markPlaced, markState, writeAttemptEvent } from '../../domain/calls/queries.ts';
import { writeNote } from '../../domain/contacts/queries.ts';
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
      {
        const { providerCallId } = answer;
        const checkAfterMs = timing.runningCheckMs;
        const at = await markPlaced(trx, {
          accountId,
          attemptId,
          providerCallId,
          checkAfterMs,
          kind: 'placed',
        });
        if (at !== undefined) await tellPlaced(trx, { ...input, at });
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
  // The person's lock, as in the gate: their next dial waits, and finds a call that was none instead of one that runs.
  await lockCallAndPerson(trx, input.attemptId);
  if (!(await markState(trx, input.attemptId, ['placing'], 'rejected'))) return;
  await writeAttemptEvent(trx, input.accountId, input.attemptId, 'rejected', {
    reason: answer.reason,
    httpStatus: answer.httpStatus,
  });
  await releaseLease(trx, input.attemptId, `rejected: ${answer.reason}`);
  await writeNote(trx, input.contactId, input.run, { ...input.note, attempts: input.number - 1 });
}

function fact(one: Answer['deliveries'][number]['fact']): Answer {
  return { deliveries: [{ fact: one }] };
}
