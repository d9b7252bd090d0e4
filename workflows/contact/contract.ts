import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Slot } from '../../domain/policy/rules/slot.ts';
import type { CallOutcome, RescheduleWish, StopReason } from './events.ts';
import type { AgreementRef } from './state.ts';

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
  readonly state: 'waiting' | 'suspended' | 'calling' | 'negotiating' | 'paused' | 'closed';
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
  readonly resolution: 'paid' | 'resume' | 'close';
}

export interface OperatorRequest {
  readonly reason: string;
}

// Signals: facts from outside that cannot be refused.
export const lineGrantedSignal = defineSignal<[LineGranted]>('lineGranted');
export const lineSuspendedSignal = defineSignal<[{ readonly requestId: string }]>('lineSuspended');
export const callEndedSignal = defineSignal<[CallEnded]>('callEnded');
export const paymentRecordedSignal = defineSignal<[PaymentNews]>('paymentRecorded');
export const paymentReversedSignal = defineSignal<[{ readonly paymentId: string }]>('paymentReversed');
export const taskResolvedSignal = defineSignal<[TaskResolved]>('taskResolved');
export const contactStoppedSignal = defineSignal<[{ readonly reason: StopReason }]>('contactStopped');
/** A reschedule that its update did not bring in time. */
export const rescheduleAgreedSignal = defineSignal<[RescheduleRequest]>('rescheduleAgreed');
export const rescheduleWishedSignal = defineSignal<[WishedReschedule]>('rescheduleWished');
export const batchCancelledSignal = defineSignal<[Record<string, never>]>('batchCancelled');

// Updates: requests whose sender waits for the answer.
export const rescheduleUpdate = defineUpdate<ContactView, [RescheduleRequest]>('reschedule');
export const pauseUpdate = defineUpdate<ContactView, [OperatorRequest]>('pause');
export const resumeUpdate = defineUpdate<ContactView, [OperatorRequest]>('resume');
export const cancelUpdate = defineUpdate<ContactView, [OperatorRequest]>('cancel');

export const viewQuery = defineQuery<ContactView>('view');
