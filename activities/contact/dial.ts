import { inAccount } from '../../db/client.ts';
import { clearDial } from '../../domain/calls/clear-dial.ts';
import { isLive } from '../../domain/contacts/read-contact.ts';
import { type ContactDeps } from './deps.ts';
import { callTiming } from '../../domain/lines/rules/timing.ts';
import { writeAnswer } from './dial-answer.ts';
import { dialInRehearsal } from './rehearsal.ts';
import type { Answer, ContactActivities } from './types.ts';

export function createDialActivity(deps: ContactDeps): Pick<ContactActivities, 'dial'> {
  const { timing = callTiming } = deps;
  return {
    async dial(input) {
      // Taken before the gate: however long that takes, the window is never longer than it says. Both clocks, because
      // the wall clock can be set back and the monotonic one stands still while the machine sleeps.
      const started = { monotonicMs: performance.now(), wallMs: Date.now() };
      const passed = await inAccount(deps.app, input.accountId, (trx) => clearDial(trx, input, timing));
      if (passed.kind === 'refused') {
        return fact({
          type: 'DialRefused',
          attemptId: input.attemptId,
          reason: passed.reason,
          notBeforeMs: passed.notBeforeMs,
          ...(passed.stop === undefined ? {} : { stop: passed.stop }),
        });
      }
      if (!isLive(input)) return dialInRehearsal(deps, input, passed.request);
      const leftMs = Math.floor(timing.dialWindowMs - elapsedMs(started));
      // A worker that was frozen between the gate and here wakes up into this line, not into a dial.
      if (leftMs <= 0) return fact({ type: 'DialOutcomeUnknown', attemptId: input.attemptId });
      const answer = await deps.voice.placeCall(passed.request, AbortSignal.timeout(leftMs));
      return inAccount(deps.app, input.accountId, (trx) => writeAnswer(trx, input, answer, timing));
    },
  };
}

function elapsedMs(started: { readonly monotonicMs: number; readonly wallMs: number }): number {
  return Math.max(performance.now() - started.monotonicMs, Date.now() - started.wallMs);
}

function fact(one: Answer['deliveries'][number]['fact']): Answer {
  return { deliveries: [{ fact: one }] };
}
