import type { RefusalReason } from '../../domain/policy/rules/refusal.ts';
import type { Slot } from '../../domain/policy/rules/slot.ts';
import type { AgreementRef, ContactRules, Phone } from './state.ts';

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
  'dispute',
  'hardship',
  'legal',
] as const;

/** How a call ended, as the use case read it. */
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** Why nobody calls or writes to a person any more. */
export type StopReason =
  'do_not_call' | 'legal' | 'insolvency' | 'dispute' | 'hardship' | 'removed' | 'deceased';

/** A wish for another time as an outside system says it: a day and a time on the person's clock, or an instant. */
export interface RescheduleWish {
  /** 'YYYY-MM-DD'. */
  readonly date?: string;
  /** 'HH:mm'. */
  readonly time?: string;
  /** ISO 8601 with an offset, instead of both. */
  readonly at?: string;
}

export type DialRejection = 'bad_request' | 'unauthorised' | 'no_provider_credit' | 'rate_limited';

/** Facts, in the past tense. `atMs` is the workflow's clock when the fact was taken from the mailbox. */
export type ContactFact =
  | {
      readonly type: 'ContactOpened';
      /** Absent in histories from before version 2. */
      readonly logicVersion?: number;
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
      /** What was agreed on in it. */
      readonly agreement?: AgreementRef;
      /** When the person wants to be called, if that is allowed. */
      readonly callback?: Slot;
    }
  | {
      readonly type: 'RescheduleRequested';
      readonly slot: Slot;
      /** A request that comes twice (by answer and by signal) is one. */
      readonly requestId?: string;
    }
  | { readonly type: 'RescheduleWished'; readonly requestId: string; readonly wish: RescheduleWish }
  /** It was answered with a rule and other times; nothing changes. */
  | { readonly type: 'WishRefused'; readonly requestId: string }
  | { readonly type: 'PaymentRecorded'; readonly paymentId: string; readonly settled: boolean }
  | { readonly type: 'PaymentReversed'; readonly paymentId: string }
  | {
      readonly type: 'AgreementChecked';
      readonly agreementId: string;
      readonly result: 'settled' | 'kept' | 'open' | 'partly_paid' | 'broken' | 'gone';
      /** What is due next, while it is open. */
      readonly next: AgreementRef | null;
    }
  | {
      readonly type: 'LinkAnswered';
      readonly agreementId: string;
      readonly result: 'sent' | 'refused' | 'failed' | 'unknown';
      readonly notBeforeMs: number | null;
    }
  | {
      readonly type: 'TaskResolved';
      readonly taskId: string;
      readonly resolution: 'paid' | 'resume' | 'close';
    }
  | { readonly type: 'ContactStopped'; readonly reason: StopReason }
  | { readonly type: 'PauseRequested' }
  | { readonly type: 'ResumeRequested' }
  | { readonly type: 'CancelRequested' }
  | { readonly type: 'DeadlineReached' };

export type ContactEvent = ContactFact & { readonly atMs: number };

export type EventOf<T extends ContactEvent['type']> = Extract<ContactEvent, { readonly type: T }>;
