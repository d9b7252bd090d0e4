import type { Mode } from '../../domain/shared/rules/mode.ts';
import type { ContactView, OperatorRequest } from '../../domain/contacts/rules/view.ts';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  CallAbsent,
  CallEnded,
  CallFound,
  LineGranted,
  PaymentNews,
  RescheduleRequest,
  SuspensionReason,
  TaskResolved,
  WishedReschedule,
} from '../../domain/contacts/rules/facts.ts';
import type { StopReason } from '../../domain/contacts/rules/outcomes.ts';

/** Ids, and whose clock counts: the database's where it is live, the workflow's in a rehearsal. */
export interface ContactInput {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  /** 1, or more for a retry by hand, or after the workflow was lost. */
  readonly run: number;
  /** Begins anew and waits for a person's decision. */
  readonly paused?: true;
  readonly mode: Mode;
}

export interface ContactResult {
  readonly outcome: string;
  readonly attempts: number;
  /** The workflow's own clock at its end: virtual in a rehearsal. */
  readonly closedAtMs: number;
}

// Signals: facts from outside that cannot be refused.
export const lineGrantedSignal = defineSignal<[LineGranted]>('lineGranted');
export const lineSuspendedSignal =
  defineSignal<[{ readonly requestId: string; readonly reason?: SuspensionReason }]>('lineSuspended');
/** Of a dial whose answer was lost: the provider has the call. */
export const callFoundSignal = defineSignal<[CallFound]>('callFound');
/** Of a dial whose answer was lost: no phone rang, and none will. */
export const callAbsentSignal = defineSignal<[CallAbsent]>('callAbsent');
export const callEndedSignal = defineSignal<[CallEnded]>('callEnded');
export const paymentRecordedSignal = defineSignal<[PaymentNews]>('paymentRecorded');
export const paymentReversedSignal = defineSignal<[{ readonly paymentId: string }]>('paymentReversed');
export const taskResolvedSignal = defineSignal<[TaskResolved]>('taskResolved');
export const contactStoppedSignal = defineSignal<[{ readonly reason: StopReason }]>('contactStopped');
/** A reschedule that its update did not bring in time. */
export const rescheduleAgreedSignal = defineSignal<[RescheduleRequest]>('rescheduleAgreed');
export const rescheduleWishedSignal = defineSignal<[WishedReschedule]>('rescheduleWished');
/** For the eyes only: whether anybody is called, the dispatcher and the gate read in the batch's row. */
export const batchPausedSignal = defineSignal<[Record<string, never>]>('batchPaused');
export const batchResumedSignal = defineSignal<[Record<string, never>]>('batchResumed');
export const batchCancelledSignal = defineSignal<[Record<string, never>]>('batchCancelled');

// Updates: requests whose sender waits for the answer.
export const rescheduleUpdate = defineUpdate<ContactView, [RescheduleRequest]>('reschedule');
export const pauseUpdate = defineUpdate<ContactView, [OperatorRequest]>('pause');
export const resumeUpdate = defineUpdate<ContactView, [OperatorRequest]>('resume');
export const cancelUpdate = defineUpdate<ContactView, [OperatorRequest]>('cancel');

export const viewQuery = defineQuery<ContactView>('view');
