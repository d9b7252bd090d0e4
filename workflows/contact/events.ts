import type { RefusalReason } from '../../rules/refusal.ts';
import type { Slot } from '../../rules/slot.ts';
import type { ContactRules, Phone } from './state.ts';

export const CALL_OUTCOMES = [
  'promise',
  'answered',
  'completed',
  'interested',
  'refused',
  'already_paid',
  'callback_requested',
  'do_not_call',
  'wrong_person',
  'voicemail',
  'silent',
  'no_answer',
  'busy',
  'declined',
  'technical',
  'invalid_destination',
  'operator_stopped',
] as const;

/** How a call ended, as the use case read it. */
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

export type DialRejection = 'bad_request' | 'unauthorised' | 'no_provider_credit' | 'rate_limited';

/** Facts, in the past tense. `atMs` is the workflow's clock when the fact was taken from the mailbox. */
export type ContactFact =
  | {
      readonly type: 'ContactOpened';
      readonly rules: ContactRules;
      readonly phones: readonly Phone[];
      readonly slots: readonly Slot[];
    }
  | { readonly type: 'SlotsPlanned'; readonly slots: readonly Slot[] }
  | { readonly type: 'LineGranted'; readonly requestId: string; readonly leaseId: string }
  | { readonly type: 'LineSuspended'; readonly requestId: string }
  | { readonly type: 'BatchCancelled' }
  | { readonly type: 'DialPlaced'; readonly attemptId: string }
  | {
      readonly type: 'DialRefused';
      readonly attemptId: string;
      readonly reason: RefusalReason;
      readonly notBeforeMs: number | null;
    }
  | { readonly type: 'DialRejected'; readonly attemptId: string; readonly reason: DialRejection }
  | { readonly type: 'DialOutcomeUnknown'; readonly attemptId: string }
  | { readonly type: 'CallFound'; readonly attemptId: string }
  | { readonly type: 'CallNotFoundYet'; readonly attemptId: string }
  | { readonly type: 'CallAbsent'; readonly attemptId: string; readonly dialled: boolean }
  | {
      readonly type: 'CallEnded';
      readonly attemptId: string;
      readonly outcome: CallOutcome;
      readonly rang: boolean;
      readonly human: boolean;
    }
  | { readonly type: 'RescheduleRequested'; readonly slot: Slot }
  | { readonly type: 'PauseRequested' }
  | { readonly type: 'ResumeRequested' }
  | { readonly type: 'CancelRequested' }
  | { readonly type: 'DeadlineReached' };

export type ContactEvent = ContactFact & { readonly atMs: number };
