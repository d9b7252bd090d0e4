import type { Slot } from '../../domain/policy/rules/slot.ts';
import type { ContactFact, ContactOpened, RescheduleWish } from '../../domain/contacts/rules/facts.ts';
import type { Mode } from '../../domain/shared/rules/mode.ts';
import type { WorkflowStep } from '../../domain/lines/rules/workflow-step.ts';
import type { HandOver } from '../../workflows/contact/commands.ts';
import type { ContactOutcome } from '../../domain/contacts/rules/outcomes.ts';

/** Who it is about; every activity runs inside this account's row-level security. */
export interface ContactRef {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly run: number;
  readonly mode: Mode;
  /** The workflow's clock: what counts in a rehearsal. Live activities read the database's. */
  readonly nowMs: number;
}

/** The contact's row as the workflow sees it, written with whatever else the activity does. */
export interface Projection {
  readonly state: 'waiting' | 'suspended' | 'calling' | 'negotiating' | 'paused' | 'closed';
  readonly waitingFor: string;
  readonly attempts: number;
  readonly nextAtMs: number | null;
}

/** What changes the contact's turn: the row as it should read, and where in its history the workflow decided it. */
export interface TurnRef extends ContactRef {
  readonly projection: Projection;
  /** Null: no step of a workflow. */
  readonly step: WorkflowStep | null;
}

/** A fact to put into the mailbox: at once, or (simulated providers only) at an instant of the workflow's clock. */
export interface Delivery {
  readonly fact: ContactFact;
  readonly deliverAtMs?: number;
}

export interface Answer {
  readonly deliveries: readonly Delivery[];
}

export interface RequestLineInput extends TurnRef {
  readonly requestId: string;
  readonly slot: Slot;
  readonly eligibleAtMs: number;
  readonly priority: 0 | 1;
  readonly missedRequestId: string | null;
  readonly replacedRequestId: string | null;
}

export interface DialInput extends ContactRef {
  /** Also the id of the lease that it uses: one lease, one attempt. */
  readonly attemptId: string;
  readonly requestId: string;
  readonly phoneId: string;
  readonly slot: Slot;
  readonly number: number;
  readonly rescheduled: boolean;
  readonly projection: Projection;
}

export interface RecoverDialInput extends ContactRef {
  readonly attemptId: string;
  readonly projection: Projection;
}

export interface HoldContactInput extends TurnRef {
  readonly missedRequestId: string | null;
  readonly withdrawnRequestId: string | null;
  /** The request that the contact goes on waiting for (for credit); null: none. */
  readonly waitsForRequestId: string | null;
  readonly handOver?: HandOver;
}

export interface CloseContactInput extends TurnRef {
  readonly outcome: ContactOutcome;
  readonly missedRequestId: string | null;
  readonly handOver?: HandOver;
}

export interface AgreementInput extends ContactRef {
  readonly agreementId: string;
}

export interface ResolveWishInput extends ContactRef {
  readonly requestId: string;
  readonly wish: RescheduleWish;
}

/** What the contact workflow asks of the outside. */
export interface ContactActivities {
  /** Reads people, phones, policy and the first slots; opens the contact's row. Idempotent. */
  openContact(input: ContactRef): Promise<ContactOpened>;
  planSlots(input: ContactRef & { readonly fromMs: number }): Promise<{ readonly slots: readonly Slot[] }>;
  /** Puts the request into the queue (and takes an older one out of it). Idempotent by request id. */
  requestLine(input: RequestLineInput): Promise<Answer>;
  /** Gate, attempt row and one POST. Irreversible: tried once. */
  dial(input: DialInput): Promise<Answer>;
  /** What is on record of a dial whose answer was lost; a dial that has not begun never will. Idempotent. */
  recoverDial(input: RecoverDialInput): Promise<Answer>;
  /** Message gate, payment link, one message. Irreversible: tried once. */
  sendPaymentLink(input: AgreementInput): Promise<Answer>;
  /** Has what was agreed been paid? Resolves the agreement when its time is over. Idempotent. */
  checkAgreement(input: AgreementInput): Promise<Answer>;
  /** A wish for another time, read by the person's calendar. Idempotent by request id. */
  resolveWish(input: ResolveWishInput): Promise<Answer>;
  /** An agreed call whose time passed during a pause: a refusal row. Idempotent. */
  noteLapsed(input: ContactRef & { readonly slotKey: string }): Promise<void>;
  /** Withdraws a request, gives its line back, opens a task, writes the row. Idempotent. */
  holdContact(input: HoldContactInput): Promise<void>;
  /** Closes the row and gives back whatever is held. Idempotent. */
  closeContact(input: CloseContactInput): Promise<void>;
}
