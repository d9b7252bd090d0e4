import type { ContactRules, Phone } from '../../domain/contacts/rules/contact-rules.ts';
import type { AgreementRef } from '../../domain/contacts/rules/facts.ts';
import { OLDEST_LOGIC_VERSION } from '../../domain/contacts/rules/logic-version.ts';
import type { CallOutcome, ContactOutcome } from '../../domain/contacts/rules/outcomes.ts';
import type { Slot } from '../../domain/policy/rules/slot.ts';

/** What the contact waits for. Every kind but `closed` names how it ends. */
export type Phase =
  /** The first activity reads people, rules and slots. */
  | { readonly kind: 'opening' }
  /** More slots are being computed. */
  | { readonly kind: 'planning'; readonly notBeforeMs: number; readonly avoidSlotKey: string | null }
  /** A request for a line is in the queue, or (suspended) waits for credit or a larger budget; ends by a grant or by the slot's end. */
  | {
      readonly kind: 'waiting';
      readonly requestId: string;
      readonly slot: Slot;
      readonly eligibleAtMs: number;
      readonly suspended: boolean;
      /** The batch may cost no more; without it, what is suspended waits for credit. */
      readonly overBudget?: true;
      /** The slot was asked for: by the person, or by somebody on their behalf. */
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
  /** The dial's answer was lost: the call may be ringing. Ends by a signal: it was found, it has ended, it never was. */
  | {
      readonly kind: 'unconfirmed';
      readonly attemptId: string;
      readonly slot: Slot;
      readonly phoneId: string;
      readonly rescheduled: boolean;
    }
  /** Paused by an operator. */
  | { readonly kind: 'holding' }
  /** An agreement is open: ends by a payment, or when it is due. */
  | { readonly kind: 'following' }
  /** The person says that they have paid: ends by the payment, by a colleague's word, or by its deadline. */
  | { readonly kind: 'verifying' }
  | { readonly kind: 'closed'; readonly outcome: ContactOutcome };

/** The whole memory of one contact. JSON-plain; ids only, never a name, a number or an amount. */
export interface ContactState {
  /** The version that the run started with: see domain/contacts/rules/logic-version.ts. */
  readonly logicVersion: number;
  readonly contactId: string;
  readonly run: number;
  readonly rules: ContactRules | null;
  readonly phase: Phase;
  readonly paused: boolean;
  /** Nobody is called while the whole batch is; the dispatcher and the gate see to that, this is for the eyes. */
  readonly batchPaused: boolean;
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
  /** The last local day on which the person took a call: no other call of it makes it silent. */
  readonly answeredDay: string | null;
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
  /** The last agreement was broken, and what follows from it waits for a call that is owed. */
  readonly isPromiseBroken: boolean;
  /** No dial before this instant, whatever else would allow one. */
  readonly restUntilMs: number;
  /** Dials in a row that the provider did not take. */
  readonly rejections: number;
  /** Lines in a row on which nobody dialled. */
  readonly undialled: number;
  /** The one deadline. Null: only a message can wake this contact. */
  readonly nextWakeAtMs: number | null;
}

export function initialState(contactId: string, run: number): ContactState {
  return {
    logicVersion: OLDEST_LOGIC_VERSION,
    contactId,
    run,
    rules: null,
    phase: { kind: 'opening' },
    paused: false,
    batchPaused: false,
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
    answeredDay: null,
    blockedDays: [],
    agreement: null,
    brokenAgreements: 0,
    verifyUntilMs: null,
    stop: null,
    askedToCall: false,
    isPromiseBroken: false,
    restUntilMs: 0,
    rejections: 0,
    undialled: 0,
    nextWakeAtMs: null,
  };
}
