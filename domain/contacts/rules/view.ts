export interface ContactView {
  readonly state: 'waiting' | 'suspended' | 'calling' | 'negotiating' | 'paused' | 'closed';
  /** In words (Spanish). */
  readonly waitingFor: string;
  readonly attempts: number;
  readonly nextWakeAtMs: number | null;
}

/** Nothing of the content is read: what an operator writes stays in the audit row, for a history cannot be erased. */
export interface OperatorRequest {
  readonly reason?: string;
}

/** What a person may ask of a contact by its own name: the updates of its workflow, by their wire names. */
export type ContactUpdate = 'pause' | 'resume' | 'cancel';

/** The wire name of the query that answers a `ContactView`. */
export const contactViewName = 'view';
