import type { Slot } from '../../domain/policy/rules/slot.ts';
import type { CallOutcome } from './events.ts';

/** The numbers of the batch's policy that `decide` compares with. Spans in ms. */
export interface ContactRules {
  /** `waves`: an unanswered call goes to the next slot. `ladder`: it is repeated after `noAnswerRetryMs`. */
  readonly mode: 'waves' | 'ladder';
  readonly maxAttempts: number;
  readonly callsPerDay: number;
  readonly silentDaysToExclude: number;
  readonly noAnswerRetryMs: number;
  readonly technicalRetryMs: number;
  /** Ring plus longest call: how long a placed call can last. */
  readonly longestCallMs: number;
  /** A contact that is still open at this instant is closed as expired. */
  readonly expiresAtMs: number;
  /** What follows a talk about money. Absent: the use case negotiates nothing. */
  readonly followUp?: FollowUpRules;
}

/** The numbers of the negotiation's stage that `decide` compares with. Spans in ms. */
export interface FollowUpRules {
  readonly brokenThen: 'call_again' | 'hand_over' | 'close';
  /** From this many broken agreements on, a person takes over. */
  readonly handOverAt: number;
  readonly refusalThen: 'call_again' | 'close';
  readonly refusalPauseMs: number;
  /** How long "I have paid" waits for the payment. */
  readonly verificationMs: number;
  /** How long calls may go on after an agreement was due, whatever the batch's own end. */
  readonly afterAgreementMs: number;
}

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

export interface Phone {
  readonly phoneId: string;
  readonly usable: boolean;
}

/** What the contact waits for. Every kind but `closed` names how it ends. */
export type Phase =
  /** The first activity reads people, rules and slots. */
  | { readonly kind: 'opening' }
  /** More slots are being computed. */
  | { readonly kind: 'planning'; readonly notBeforeMs: number; readonly avoidSlotKey: string | null }
  /** A request for a line is in the queue, or (suspended) waits for credit; ends by a grant or by the slot's end. */
  | {
      readonly kind: 'waiting';
      readonly requestId: string;
      readonly slot: Slot;
      readonly eligibleAtMs: number;
      readonly suspended: boolean;
      readonly rescheduled: boolean;
    }
  /** The dial activity runs; ends by its answer. */
  | {
      readonly kind: 'dialling';
      readonly attemptId: string;
      readonly requestId: string;
      readonly slot: Slot;
      readonly phoneId: string;
      readonly rescheduled: boolean;
    }
  /** The provider has the call; ends by its end. */
  | { readonly kind: 'calling'; readonly attemptId: string; readonly slot: Slot; readonly phoneId: string }
  /** The dial's answer was lost: the call may be ringing. Ends by finding it, or by the proof that there is none. */
  | {
      readonly kind: 'looking_up';
      readonly attemptId: string;
      readonly slot: Slot;
      readonly phoneId: string;
      readonly rescheduled: boolean;
      readonly lookUps: number;
      /** The provider is being asked. */
      readonly isAsking: boolean;
    }
  /** Paused by an operator. */
  | { readonly kind: 'holding' }
  /** An agreement is open: ends by a payment, or when it is due. */
  | { readonly kind: 'following' }
  /** The person says that they have paid: ends by the payment, by a colleague's word, or by its deadline. */
  | { readonly kind: 'verifying' }
  | { readonly kind: 'closed'; readonly outcome: ContactOutcome };

export type ContactOutcome =
  | 'promise'
  | 'answered'
  | 'completed'
  | 'interested'
  | 'refused'
  | 'already_paid'
  | 'callback_requested'
  | 'do_not_call'
  | 'excluded'
  | 'exhausted'
  | 'no_phone'
  | 'no_legal_time'
  | 'expired'
  | 'stopped'
  | 'cancelled'
  | 'paid'
  | 'promise_kept'
  | 'promise_broken'
  | 'dispute'
  | 'hardship'
  | 'legal'
  | 'removed';

/** The whole memory of one contact. JSON-plain; ids only, never a name, a number or an amount. */
export interface ContactState {
  /** The version that the run started with: see workflows/shared/logic-version.ts. */
  readonly logicVersion: number;
  readonly contactId: string;
  readonly run: number;
  readonly rules: ContactRules | null;
  readonly phase: Phase;
  readonly paused: boolean;
  readonly cancelled: boolean;
  readonly phones: readonly Phone[];
  /** Index of the phone to dial next. */
  readonly phoneIndex: number;
  readonly slots: readonly Slot[];
  /** A call that was asked for and has not been dialled yet. */
  readonly rescheduledTo: Slot | null;
  /** Dials that were placed or may have been. */
  readonly attempts: number;
  /** How the last call ended, for the operator's eyes. */
  readonly lastOutcome: CallOutcome | null;
  /** Requests for a line so far: makes each request id unique. */
  readonly requests: number;
  readonly callsByDay: Readonly<Record<string, number>>;
  /** Local days on which a phone rang and no human answered. */
  readonly silentDays: readonly string[];
  /** Local days on which another batch used up the person's limit. */
  readonly blockedDays: readonly string[];
  /** Open while the person's promise or plan is. */
  readonly agreement: AgreementRef | null;
  readonly brokenAgreements: number;
  /** Until then the person's word that they have paid is believed. */
  readonly verifyUntilMs: number | null;
  /** What ends this contact as soon as no call is under way. */
  readonly stop: ContactOutcome | null;
  /** The person asked to be called and no time is agreed on (any more): their call is the next one. */
  readonly askedToCall: boolean;
  /** Requests and payments that have been worked on; the newest ten. */
  readonly seen: readonly string[];
  /** The one deadline. Null: only a message can wake this contact. */
  readonly nextWakeAtMs: number | null;
}

export function initialState(contactId: string, run: number): ContactState {
  return {
    logicVersion: 1,
    contactId,
    run,
    rules: null,
    phase: { kind: 'opening' },
    paused: false,
    cancelled: false,
    phones: [],
    phoneIndex: 0,
    slots: [],
    rescheduledTo: null,
    attempts: 0,
    lastOutcome: null,
    requests: 0,
    callsByDay: {},
    silentDays: [],
    blockedDays: [],
    agreement: null,
    brokenAgreements: 0,
    verifyUntilMs: null,
    stop: null,
    askedToCall: false,
    seen: [],
    nextWakeAtMs: null,
  };
}

/** Messages that are remembered: one that comes again after ten others is not ours to fear. */
const seenKept = 10;

/** Remembers a message that may come twice (by answer and by signal); undefined when it has come before. */
export function seeing(state: ContactState, id: string): ContactState | undefined {
  if (state.seen.includes(id)) return undefined;
  return { ...state, seen: [...state.seen.slice(1 - seenKept), id] };
}
