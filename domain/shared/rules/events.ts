import type { Money } from './money.ts';

/** Everything that an account's own systems can be told. Closed: an endpoint that asks for another type is refused. */
export const EVENT_TYPES = [
  'contact.opened',
  'contact.closed',
  'call.placed',
  'call.ended',
  'promise.made',
  'promise.kept',
  'promise.partly_paid',
  'promise.broken',
  'plan.made',
  'payment.recorded',
  'payment.reversed',
  'reschedule.agreed',
  'reschedule.refused',
  'message.sent',
  'message.delivered',
  'message.read',
  'message.failed',
  'link.clicked',
  'handover.opened',
  'handover.resolved',
  'do_not_call.recorded',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Sent when an endpoint is tried: to that endpoint alone, whatever types it asked for. Nobody can ask for it. */
export const TEST_EVENT = 'webhook.test';

export type SentType = EventType | typeof TEST_EVENT;

interface OfContact {
  readonly contact_id: string;
  readonly batch_id: string;
}

interface OfCall extends OfContact {
  readonly attempt_id: string;
}

interface AgreementMade {
  readonly agreement_id: string;
  readonly contact_id: string;
  readonly person_id: string;
  /** Null: not in a call. */
  readonly attempt_id: string | null;
  readonly total: Money;
  /** What is forgiven once all of it has been paid. */
  readonly discount: Money;
  readonly instalments: readonly { readonly due_date: string; readonly amount: Money }[];
}

interface AgreementOver {
  readonly agreement_id: string;
  readonly contact_id: string;
  readonly person_id: string;
  readonly total: Money;
  readonly paid: Money;
}

interface PaymentTold {
  readonly payment_id: string;
  /** The payment that was recorded first; its own id unless this one corrects it. */
  readonly of_payment_id: string;
  readonly external_id: string;
  readonly person_id: string;
  readonly kind: 'payment' | 'reversal' | 'write_off';
  readonly amount: Money;
  /** More than the person owed. */
  readonly unallocated: Money;
  /** What the person owes after it, in its currency. */
  readonly balance: Money;
}

interface WishTold {
  readonly request_id: string;
  readonly contact_id: string;
  readonly attempt_id: string | null;
  readonly source: 'call' | 'result' | 'api' | 'webhook' | 'signal';
  readonly requested_by: 'person' | 'operator';
}

interface MessageTold extends OfContact {
  readonly agreement_id: string | null;
  readonly channel: 'whatsapp';
}

interface HandoverTold {
  readonly task_id: string;
  readonly kind:
    | 'verify_payment'
    | 'dispute'
    | 'hardship'
    | 'legal'
    | 'broken_promise'
    | 'person_asked'
    | 'payment_reversed'
    | 'privacy_request';
  readonly contact_id: string;
  readonly person_id: string;
}

/**
 * What each event says, in one form: names in snake_case, amounts as `Money`, instants as ISO 8601 in UTC, days as
 * YYYY-MM-DD. Ids, words and amounts; no name, phone or national id: it leaves for systems that we do not know.
 */
export interface EventData {
  readonly 'contact.opened': OfContact & { readonly run: number };
  readonly 'contact.closed': OfContact & { readonly outcome: string; readonly attempts: number };
  readonly 'call.placed': OfCall;
  readonly 'call.ended': OfCall & {
    readonly outcome: string;
    readonly rang: boolean;
    /** The debtor spoke, or whoever speaks for them. */
    readonly human: boolean;
    readonly duration_ms: number | null;
  };
  readonly 'promise.made': AgreementMade;
  readonly 'promise.kept': AgreementOver;
  readonly 'promise.partly_paid': AgreementOver;
  readonly 'promise.broken': AgreementOver;
  readonly 'plan.made': AgreementMade;
  readonly 'payment.recorded': PaymentTold;
  readonly 'payment.reversed': PaymentTold;
  readonly 'reschedule.agreed': WishTold & { readonly agreed_at: string };
  readonly 'reschedule.refused': WishTold & {
    readonly rule: string;
    /** The nearest instants that would do. */
    readonly before: string | null;
    readonly after: string | null;
  };
  readonly 'message.sent': MessageTold;
  readonly 'message.delivered': MessageTold;
  readonly 'message.read': MessageTold;
  readonly 'message.failed': MessageTold & { readonly failure: string | null };
  readonly 'link.clicked': { readonly link_id: string; readonly agreement_id: string | null };
  readonly 'handover.opened': HandoverTold & { readonly attempt_id: string | null };
  readonly 'handover.resolved': HandoverTold & { readonly resolution: 'paid' | 'resume' | 'close' };
  readonly 'do_not_call.recorded': {
    readonly person_id: string;
    readonly source: 'call' | 'file' | 'api' | 'message' | 'operator';
  };
  readonly 'webhook.test': { readonly endpoint_id: string };
}
