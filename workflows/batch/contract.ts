import { defineSignal } from '@temporalio/workflow';

export interface BatchInput {
  readonly accountId: string;
  readonly batchId: string;
}

export interface BatchResult {
  readonly state: 'finished' | 'cancelled';
}

export interface BatchView {
  readonly phase: 'filling' | 'waiting' | 'finished' | 'cancelled';
  /** In words (Spanish). */
  readonly words: string;
}

/**
 * Something in the batch's rows has changed (paused, resumed, cancelled, all contacts closed): look again. The rows
 * are the truth; a pause is a flag that the dispatcher and the gate read, whatever its contacts have been told.
 */
export const batchChangedSignal = defineSignal<[Record<string, never>]>('batchChanged');
