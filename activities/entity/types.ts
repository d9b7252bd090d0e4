import type { Refusal } from '../../workflows/shared/messages.ts';

/** Whose workflow it is, for a row that a person can find. Ids only. */
export interface EntitySubject {
  readonly accountId: string;
  /** 'contact workflow'. */
  readonly actor: string;
  /** Id of the contact, batch or rehearsal. */
  readonly subject: string;
}

export interface RefuseMessageInput extends EntitySubject {
  readonly refusal: Refusal;
}

/** What the shell of every entity asks of the outside. */
export interface EntityActivities {
  /** Writes down a message that could not be read, or a command that failed for good. Idempotent by the refusal's key. */
  refuseMessage(input: RefuseMessageInput): Promise<void>;
}
