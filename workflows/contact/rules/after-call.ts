import type { HandOver } from '../commands.ts';
import type { CallOutcome, ContactOutcome } from '../../../domain/contacts/rules/outcomes.ts';
import type { ContactRules } from '../../../domain/contacts/rules/contact-rules.ts';

/** What a call's outcome means for the contact. */
export type AfterCall =
  | { readonly kind: 'close'; readonly outcome: ContactOutcome; readonly handOver?: HandOver }
  | {
      readonly kind: 'again';
      /** Never the same slot again (waves), or any slot after the pause (ladder, technical). */
      readonly sameSlot: boolean;
      readonly pauseMs: number;
      readonly phone: 'next' | 'drop' | 'keep';
    }
  /** The person asked for the next call. */
  | { readonly kind: 'asked' }
  /** An agreement was made: wait for the payment. */
  | { readonly kind: 'follow' }
  /** They say that they have paid: wait for it, and have somebody look. */
  | { readonly kind: 'verify' };

/** What a call of this outcome leads to. A delay belongs to the person, not to the phone that was dialled. */
export function afterCall(outcome: CallOutcome, rules: ContactRules): AfterCall {
  const { followUp } = rules;
  switch (outcome) {
    case 'promise':
      return followUp === undefined ? { kind: 'close', outcome } : { kind: 'follow' };
    case 'already_paid':
      return followUp === undefined ? { kind: 'close', outcome } : { kind: 'verify' };
    case 'callback_requested':
      return { kind: 'asked' };
    case 'answered':
    case 'refused':
      return followUp?.refusalThen === 'call_again'
        ? { kind: 'again', sameSlot: true, pauseMs: followUp.refusalPauseMs, phone: 'keep' }
        : { kind: 'close', outcome };
    case 'completed':
    case 'interested':
    case 'do_not_call':
      return { kind: 'close', outcome };
    case 'dispute':
    case 'hardship':
    case 'legal':
      return { kind: 'close', outcome, handOver: outcome };
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
