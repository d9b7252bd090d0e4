import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Slot } from '../../rules/slot.ts';
import type { CallOutcome } from './events.ts';

/** Ids only. `realm` is 'live', or 'sim:<id>' in a rehearsal, whose clock is the workflow's. */
export interface ContactInput {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  /** 1, or more for a retry by hand. */
  readonly run: number;
  readonly realm: string;
}

export interface ContactResult {
  readonly outcome: string;
  readonly attempts: number;
  /** The workflow's own clock at its end: virtual in a rehearsal. */
  readonly closedAtMs: number;
}

export interface ContactView {
  readonly state: 'waiting' | 'suspended' | 'calling' | 'paused' | 'closed';
  /** In words (Spanish). */
  readonly waitingFor: string;
  readonly attempts: number;
  readonly nextWakeAtMs: number | null;
}

export interface LineGranted {
  readonly requestId: string;
  readonly leaseId: string;
}

export interface CallEnded {
  readonly attemptId: string;
  readonly outcome: CallOutcome;
  readonly rang: boolean;
  readonly human: boolean;
}

export interface RescheduleRequest {
  /** Computed by whoever asks, from the person's calendar: see rules/slots.ts `slotAt`. */
  readonly slot: Slot;
}

export interface OperatorRequest {
  readonly reason: string;
}

// Signals: facts from outside that cannot be refused.
export const lineGrantedSignal = defineSignal<[LineGranted]>('lineGranted');
export const lineSuspendedSignal = defineSignal<[{ readonly requestId: string }]>('lineSuspended');
export const callEndedSignal = defineSignal<[CallEnded]>('callEnded');
export const batchCancelledSignal = defineSignal<[Record<string, never>]>('batchCancelled');

// Updates: requests whose sender waits for the answer.
export const rescheduleUpdate = defineUpdate<ContactView, [RescheduleRequest]>('reschedule');
export const pauseUpdate = defineUpdate<ContactView, [OperatorRequest]>('pause');
export const resumeUpdate = defineUpdate<ContactView, [OperatorRequest]>('resume');
export const cancelUpdate = defineUpdate<ContactView, [OperatorRequest]>('cancel');

export const viewQuery = defineQuery<ContactView>('view');
