import { defineSignal } from '@temporalio/workflow';

export interface ImportInput {
  readonly accountId: string;
  readonly importId: string;
}

export interface ImportResult {
  readonly state: 'stored' | 'failed' | 'cancelled' | 'gone';
}

export interface ImportView {
  readonly phase: 'reading' | 'waiting' | 'stored' | 'failed' | 'cancelled' | 'gone';
}

/** The account does not want the file any more. */
export const importCancelledSignal = defineSignal<[Record<string, never>]>('importCancelled');
