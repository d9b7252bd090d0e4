import type { CallOutcome } from '../events.ts';
import type { ContactOutcome, ContactRules } from '../state.ts';

/** What a call's outcome means for the contact. */
export type AfterCall =
  | { readonly kind: 'close'; readonly outcome: ContactOutcome }
  | {
      readonly kind: 'again';
      /** Never the same slot again (waves), or any slot after the pause (ladder, technical). */
      readonly sameSlot: boolean;
      readonly pauseMs: number;
      readonly phone: 'next' | 'drop';
    };

/** Facts: domain.md §2 "Retry"; the delay belongs to the person, not to the phone. */
export function afterCall(outcome: CallOutcome, rules: ContactRules): AfterCall {
  switch (outcome) {
    case 'promise':
    case 'answered':
    case 'completed':
    case 'interested':
    case 'refused':
    case 'already_paid':
    case 'callback_requested':
    case 'do_not_call':
      return { kind: 'close', outcome };
    case 'no_answer':
    case 'busy':
    case 'declined':
    case 'voicemail':
    case 'silent':
      return again(rules.mode === 'ladder', rules.noAnswerRetryMs, 'next');
    case 'operator_stopped':
      return { kind: 'close', outcome: 'stopped' };
    case 'technical':
      return again(true, rules.technicalRetryMs, 'next');
    case 'wrong_person':
      return again(rules.mode === 'ladder', rules.noAnswerRetryMs, 'drop');
    case 'invalid_destination':
      return again(true, 0, 'drop');
    default: {
      const unreachable: never = outcome;
      return unreachable;
    }
  }
}

function again(sameSlot: boolean, pauseMs: number, phone: 'next' | 'drop'): AfterCall {
  return { kind: 'again', sameSlot, pauseMs, phone };
}
