import type { BatchInput } from '../../workflows/batch/contract.ts';

export interface FilledGroup {
  readonly state: 'running' | 'paused' | 'cancelled' | 'finished';
  /** When free places are filled again: the next local morning. Null: nobody waits for a place, or paused. */
  readonly nextMorningAtMs: number | null;
  /** One line for the Temporal UI. */
  readonly words: string;
}

export interface BatchActivities {
  /**
   * Takes the batch's people from its imports, opens contacts until the day's group is full, and starts their workflows; ends the
   * batch when none is left. Idempotent: a second run on one day finds the people there and the places taken.
   */
  fillGroup(input: BatchInput): Promise<FilledGroup>;
  /** The batch's workflow was cancelled: the batch is. Idempotent; one that is over stays as it ended. */
  cancelBatch(input: BatchInput): Promise<void>;
}
