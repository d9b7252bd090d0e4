/** The port to whoever takes an account's own payments: Mercado Pago and Stripe are behind it. */

export interface CheckoutRequest {
  /** Our own number of the order: comes back with each payment. The same one again is the same page. */
  readonly orderId: string;
  readonly accountId: string;
  /** What the payer reads. */
  readonly title: string;
  readonly amountMicros: bigint;
  /** ISO 4217. */
  readonly currency: string;
  readonly madeAtMs: number;
  readonly payableUntilMs: number;
}

export type CheckoutAnswer =
  | { readonly kind: 'made'; readonly providerRef: string; readonly url: string }
  | { readonly kind: 'refused'; readonly detail: string }
  /** No answer: a page may be there. Asking again gives the same one. */
  | { readonly kind: 'unknown'; readonly detail: string };

/** One payment of an order, as the provider tells it now. */
export interface OrderPayment {
  readonly id: string;
  /** What came in, whatever became of it; 0n: it was tried and nothing came. */
  readonly paidMicros: bigint;
  readonly refundedMicros: bigint;
  /** Taken back by the payer's bank, and not decided. */
  readonly disputedMicros: bigint;
  /** Taken back for good. */
  readonly lostMicros: bigint;
  readonly currency: string;
  readonly paidAtMs: number | undefined;
}

export interface OrderRef {
  readonly orderId: string;
  /** Null: the provider has not said which page it made. */
  readonly providerRef: string | null;
}

/** What an event is about. */
export type EventSubject =
  { readonly kind: 'order'; readonly id: string } | { readonly kind: 'payment'; readonly id: string };

export interface ChargingProvider {
  /** One attempt; never throws for what the provider says or leaves unsaid. */
  createCheckout(request: CheckoutRequest, signal: AbortSignal): Promise<CheckoutAnswer>;
  /** Every payment of an order. Throws when the provider does not answer, or not in full. */
  paymentsOf(order: OrderRef, signal: AbortSignal): Promise<readonly OrderPayment[]>;
  /** Our number of the order that a payment was for; undefined: none of ours. Throws when the provider does not answer. */
  orderOf(paymentId: string, signal: AbortSignal): Promise<string | undefined>;
}

export type OnlineProvider = 'mercadopago' | 'stripe';

/** Those that are set up. */
export type ChargingProviders = Readonly<Partial<Record<OnlineProvider, ChargingProvider>>>;

/** A signed event of a provider, as far as it is looked at. */
export interface ChargingEvent {
  /** The provider's own number of it. */
  readonly id: string;
  readonly type: string;
  /** Undefined: it is about nothing of ours. */
  readonly subject: EventSubject | undefined;
}
