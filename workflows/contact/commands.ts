import type { Slot } from '../../rules/slot.ts';
import type { ContactOutcome } from './state.ts';

/** What the shell is to do, in order. Each has at most one effect outside, and its answer comes back as an event. */
export type ContactCommand =
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
  | { readonly type: 'CheckCall'; readonly attemptId: string }
  /** Writes the contact's state in words; withdraws its open request, if any, and returns the line. */
  | {
      readonly type: 'HoldContact';
      readonly missedRequestId: string | null;
      readonly withdrawnRequestId: string | null;
    }
  | {
      readonly type: 'CloseContact';
      readonly outcome: ContactOutcome;
      readonly missedRequestId: string | null;
    };
