import type { Slot } from '../../rules/slot.ts';
import type { ContactFact } from '../../workflows/contact/events.ts';
import type { ContactOutcome, ContactRules, Phone } from '../../workflows/contact/state.ts';

/** Who it is about; every activity runs inside this account's row-level security. */
export interface ContactRef {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly run: number;
  readonly realm: string;
  /** The workflow's clock: what counts in a rehearsal. Live activities read the database's. */
  readonly nowMs: number;
}

/** The contact's row as the workflow sees it, written with whatever else the activity does. */
export interface Note {
  readonly state: 'waiting' | 'suspended' | 'calling' | 'paused' | 'closed';
  readonly waitingFor: string;
  readonly attempts: number;
  readonly nextAtMs: number | null;
}

/** A fact to put into the mailbox: at once, or (simulated providers only) at an instant of the workflow's clock. */
export interface Delivery {
  readonly fact: ContactFact;
  readonly deliverAtMs?: number;
}

export interface Answer {
  readonly deliveries: readonly Delivery[];
}

export interface OpenedContact {
  readonly rules: ContactRules;
  readonly phones: readonly Phone[];
  readonly slots: readonly Slot[];
}

export interface RequestLineInput extends ContactRef {
  readonly requestId: string;
  readonly workflowId: string;
  readonly slot: Slot;
  readonly eligibleAtMs: number;
  readonly priority: 0 | 1;
  readonly missedRequestId: string | null;
  readonly replacedRequestId: string | null;
  readonly note: Note;
}

export interface DialInput extends ContactRef {
  /** Also the id of the lease that it uses: one lease, one attempt. */
  readonly attemptId: string;
  readonly requestId: string;
  readonly phoneId: string;
  readonly slot: Slot;
  readonly number: number;
  readonly rescheduled: boolean;
  readonly note: Note;
}

export interface CheckCallInput extends ContactRef {
  readonly attemptId: string;
}

export interface HoldContactInput extends ContactRef {
  readonly missedRequestId: string | null;
  readonly withdrawnRequestId: string | null;
  readonly note: Note;
}

export interface CloseContactInput extends ContactRef {
  readonly outcome: ContactOutcome;
  readonly missedRequestId: string | null;
  readonly note: Note;
}

/** What the contact workflow asks of the outside. */
export interface ContactActivities {
  /** Reads people, phones, policy and the first slots; opens the contact's row. Idempotent. */
  openContact(input: ContactRef): Promise<OpenedContact>;
  planSlots(input: ContactRef & { readonly fromMs: number }): Promise<{ readonly slots: readonly Slot[] }>;
  /** Puts the request into the queue (and takes an older one out of it). Idempotent by request id. */
  requestLine(input: RequestLineInput): Promise<Answer>;
  /** Gate, attempt row and one POST. Irreversible: tried once. */
  dial(input: DialInput): Promise<Answer>;
  /** Asks the provider about a dial or a call. Reads and settles; may be repeated. */
  checkCall(input: CheckCallInput): Promise<Answer>;
  /** Withdraws a request, gives its line back, writes the row. Idempotent. */
  holdContact(input: HoldContactInput): Promise<void>;
  /** Closes the row and gives back whatever is held. Idempotent. */
  closeContact(input: CloseContactInput): Promise<void>;
}
