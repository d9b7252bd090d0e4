import type { BatchState } from '../../db/schema/schema.ts';
import { type OperationRefused, refuse } from '../shared/refused.ts';

/** The answer to a change of a batch that no change can reach any more. */
export function batchIsOver(state: Extract<BatchState, 'finished' | 'cancelled'>): OperationRefused {
  return refuse(state === 'finished' ? 'batch_finished' : 'batch_cancelled');
}
