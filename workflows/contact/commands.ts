import type { Slot } from '../../domain/policy/rules/slot.ts';
import type { RescheduleWish } from '../../domain/contacts/rules/facts.ts';
import type { ContactOutcome } from '../../domain/contacts/rules/outcomes.ts';

/** What a person is asked to do when the contact cannot go on by itself. */
export type HandOver =
  | 'verify_payment'
  | 'dispute'
  | 'hardship'
  | 'legal'
  | 'broken_promise'
  | 'person_asked'
  | 'payment_reversed';

/** What the shell is to do, in order. Each has at most one effect outside, and its answer comes back as an event. */
export type ContactCommand =
  /** Reads people, phones, rules and the first slots. */
  | { readonly type: 'OpenContact' }
  | { readonly type: 'PlanSlots'; readonly fromMs: number }
  | {
      readonly type: 'RequestLine';
      readonly requestId: string;
      readonly slot: Slot;
      readonly eligibleAtMs: number;
      /** 0: retries and reschedules; 1: first calls. */
      readonly priority: 0 | 1;
      /** A request whose slot ended without a grant: withdrawn, with a refusal row that says why. */
      readonly missedRequestId: string | null;
      /** A request that something else replaces: withdrawn. */
      readonly replacedRequestId: string | null;
    }
  | {
      readonly type: 'Dial';
      readonly attemptId: string;
      readonly requestId: string;
      readonly phoneId: string;
      readonly slot: Slot;
      readonly number: number;
      readonly rescheduled: boolean;
    }
  /** What the database knows of a dial whose answer was lost. Nobody outside is asked. */
  | { readonly type: 'RecoverDial'; readonly attemptId: string }
  /** Once for each due day of an agreement. */
  | { readonly type: 'SendPaymentLink'; readonly agreementId: string }
  /** Has it been paid? Resolves it in the database when its time is over. */
  | { readonly type: 'CheckAgreement'; readonly agreementId: string }
  /** Reads a wish for another time by the person's calendar. */
  | { readonly type: 'ResolveWish'; readonly requestId: string; readonly wish: RescheduleWish }
  /** An agreed call whose time passed while nobody could be called: a refusal row, and the call is still owed. */
  | { readonly type: 'NoteLapsed'; readonly slotKey: string }
  /** Writes the contact's state in words; withdraws its open request, if any, and returns the line. */
  | {
      readonly type: 'HoldContact';
      readonly missedRequestId: string | null;
      readonly withdrawnRequestId: string | null;
      /** Opens a task for a person. */
      readonly handOver?: HandOver;
    }
  | {
      readonly type: 'CloseContact';
      readonly outcome: ContactOutcome;
      readonly missedRequestId: string | null;
      readonly handOver?: HandOver;
    };
