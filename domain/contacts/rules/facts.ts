import type { RefusalReason } from '../../policy/rules/refusal.ts';
import type { Slot } from '../../policy/rules/slot.ts';
import type { ContactRules, Phone } from './contact-rules.ts';
import type { CallOutcome, StopReason } from './outcomes.ts';

/** A wish for another time as an outside system says it: a day and a time on the person's clock, or an instant. */
export interface RescheduleWish {
  /** 'YYYY-MM-DD'. */
  readonly date?: string;
  /** 'HH:mm'. */
  readonly time?: string;
  /** ISO 8601 with an offset, instead of both. */
  readonly at?: string;
}

/** Why the provider took no dial. */
export const DIAL_REJECTIONS = ['bad_request', 'unauthorised', 'no_provider_credit', 'rate_limited'] as const;

export type DialRejection = (typeof DIAL_REJECTIONS)[number];

export const AGREEMENT_RESULTS = ['settled', 'kept', 'open', 'partly_paid', 'broken', 'gone'] as const;
export const LINK_RESULTS = ['sent', 'refused', 'failed', 'unknown'] as const;
export const TASK_RESOLUTIONS = ['paid', 'resume', 'close'] as const;
/** Commands after whose failure the contact would wait for nothing: their failure is a fact. */
export const WAITED_FOR = ['OpenContact', 'PlanSlots', 'RecoverDial', 'CheckAgreement'] as const;

/** What the person agreed to. Amounts stay in the database. */
export interface AgreementRef {
  readonly agreementId: string;
  /** When the payment is looked for: the due day is over, and a transfer has had its time. */
  readonly checkAtMs: number;
  /** When the payment link is to be sent; null: it has been, or is not. */
  readonly linkAtMs: number | null;
  /** In words: 'mié 25-nov'. */
  readonly label: string;
}

export interface LineGranted {
  readonly requestId: string;
  readonly leaseId: string;
}

export interface CallFound {
  readonly attemptId: string;
}

export interface CallAbsent {
  readonly attemptId: string;
  /** False: no attempt counts, because the dial stopped before it was recorded, or the provider took none. */
  readonly dialled: boolean;
}

export interface CallEnded {
  readonly attemptId: string;
  readonly outcome: CallOutcome;
  readonly rang: boolean;
  readonly human: boolean;
  /** What was agreed on in it. */
  readonly agreement?: AgreementRef;
  /** When the person wants to be called, if that is allowed. */
  readonly callback?: Slot;
}

export interface RescheduleRequest {
  /** Computed by whoever asks, from the person's calendar: see domain/policy/rules/slots.ts `slotAt`. */
  readonly slot: Slot;
  /** Of the row in operation.reschedule_request: a request that comes twice is one. */
  readonly requestId?: string;
}

/** A wish of an outside system with access to Temporal: see docs/integration.md. */
export interface WishedReschedule {
  /** The sender's own id: the same one is the same wish. */
  readonly requestId: string;
  readonly wish: RescheduleWish;
}

export interface PaymentNews {
  readonly paymentId: string;
  /** Nothing is owed any more. */
  readonly settled: boolean;
}

export interface TaskResolved {
  readonly taskId: string;
  readonly resolution: (typeof TASK_RESOLUTIONS)[number];
}

export interface ContactOpened {
  /** The version of the logic that this run keeps. */
  readonly logicVersion: number;
  readonly rules: ContactRules;
  readonly phones: readonly Phone[];
  readonly slots: readonly Slot[];
  readonly batchPaused?: boolean;
}

/** Facts, in the past tense. `atMs` is the workflow's clock when the fact was taken from the mailbox. */
/** Whose amount does not cover a call: the account's balance, or what the batch may cost. */
export const SUSPENSION_REASONS = ['credit', 'budget'] as const;

export type SuspensionReason = (typeof SUSPENSION_REASONS)[number];

export type ContactFact =
  | ({ readonly type: 'ContactOpened' } & ContactOpened)
  | { readonly type: 'SlotsPlanned'; readonly slots: readonly Slot[] }
  | ({ readonly type: 'LineGranted' } & LineGranted)
  | {
      readonly type: 'LineSuspended';
      readonly requestId: string;
      /** What does not cover a call. Missing in histories from before a batch could have a budget: the balance. */
      readonly reason?: SuspensionReason;
    }
  | { readonly type: 'BatchCancelled' }
  | { readonly type: 'BatchPaused' }
  | { readonly type: 'BatchResumed' }
  | { readonly type: 'DialPlaced'; readonly attemptId: string }
  | {
      readonly type: 'DialRefused';
      readonly attemptId: string;
      readonly reason: RefusalReason;
      readonly notBeforeMs: number | null;
      /** Of reason 'stopped': why nobody calls the person any more. */
      readonly stop?: StopReason;
    }
  | { readonly type: 'DialRejected'; readonly attemptId: string; readonly reason: DialRejection }
  | { readonly type: 'DialOutcomeUnknown'; readonly attemptId: string }
  | ({ readonly type: 'CallFound' } & CallFound)
  | ({ readonly type: 'CallAbsent' } & CallAbsent)
  | ({ readonly type: 'CallEnded' } & CallEnded)
  | ({ readonly type: 'RescheduleRequested' } & RescheduleRequest)
  | ({ readonly type: 'RescheduleWished' } & WishedReschedule)
  /** It was answered with a rule and other times; nothing changes. */
  | { readonly type: 'WishRefused'; readonly requestId: string }
  | ({ readonly type: 'PaymentRecorded' } & PaymentNews)
  | { readonly type: 'PaymentReversed'; readonly paymentId: string }
  | {
      readonly type: 'AgreementChecked';
      readonly agreementId: string;
      readonly result: (typeof AGREEMENT_RESULTS)[number];
      /** What is due next, while it is open. */
      readonly next: AgreementRef | null;
    }
  | {
      readonly type: 'LinkAnswered';
      readonly agreementId: string;
      readonly result: (typeof LINK_RESULTS)[number];
      readonly notBeforeMs: number | null;
    }
  | ({ readonly type: 'TaskResolved' } & TaskResolved)
  | { readonly type: 'ContactStopped'; readonly reason: StopReason }
  | { readonly type: 'PauseRequested' }
  | { readonly type: 'ResumeRequested' }
  /** By an operator, or by a cancellation of the workflow itself. */
  | { readonly type: 'CancelRequested' }
  /** It failed for good; whoever waits for its answer tries again later. */
  | { readonly type: 'CommandFailed'; readonly command: (typeof WAITED_FOR)[number] }
  | { readonly type: 'DeadlineReached' };

export type ContactEvent = ContactFact & { readonly atMs: number };

export type EventOf<T extends ContactEvent['type']> = Extract<ContactEvent, { readonly type: T }>;
