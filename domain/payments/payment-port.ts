import type { ChannelFault } from '../shared/rules/channel-faults.ts';
/** The port to a payment provider; Mercado Pago is behind it. */

export interface LinkRequest {
  readonly amountMicros: bigint;
  /** ISO 4217. */
  readonly currency: string;
  /** What the person reads on the payment page. */
  readonly title: string;
  /** Comes back with the payment. */
  readonly reference: string;
  readonly expiresAtMs: number;
  /** Where the provider tells of payments; undefined: as its own settings say. */
  readonly notificationUrl: string | undefined;
  /** The same key again is the same link. */
  readonly idempotencyKey: string;
}

export type LinkAnswer =
  | { readonly kind: 'made'; readonly providerId: string; readonly url: string }
  /** `fault`: the channel's; null: this request's own. */
  | { readonly kind: 'refused'; readonly detail: string; readonly fault: ChannelFault | null }
  /** No answer: a link may exist. Asking again with the same key gives the same one. */
  | { readonly kind: 'unknown'; readonly detail: string; readonly fault: ChannelFault };

export type PaymentStatus = 'approved' | 'refunded' | 'charged_back' | 'open' | 'rejected';

/** A payment as the provider's own API tells it. */
export interface ProviderPayment {
  readonly id: string;
  readonly status: PaymentStatus;
  /** The reference of the link that it was paid by. */
  readonly externalReference: string | undefined;
  readonly amountMicros: bigint;
  /** Given back so far; 0n unless some of it was. */
  readonly refundedMicros: bigint;
  readonly currency: string;
  readonly paidAtMs: number | undefined;
}

/** Opens the provider with an account's own credentials. Whoever puts the parts together decides which one. */
export type OpenPaymentProvider = (accessToken: string) => PaymentProvider;

export interface PaymentProvider {
  /** One attempt; never throws for what the provider says or leaves unsaid. */
  createLink(request: LinkRequest, signal: AbortSignal): Promise<LinkAnswer>;
  /** Undefined: it knows no such payment. Throws when it does not answer. */
  findPayment(id: string, signal: AbortSignal): Promise<ProviderPayment | undefined>;
}

/** What a provider's webhook comes to, once its API has confirmed it: for `recordPayment` of domain/payments/payments.ts. */
export interface ReceivedPayment {
  readonly source: 'mercadopago';
  /** The provider and its own number: the same one is the same payment. */
  readonly externalId: string;
  /** The reference of the link. */
  readonly externalReference: string;
  readonly status: 'approved' | 'refunded' | 'charged_back';
  readonly amountMicros: bigint;
  /** Of a part that was given back while the rest stands. */
  readonly refundedMicros: bigint;
  readonly currency: string;
  readonly paidAt: Date;
  /** Whom the link was made for; null: a link without an agreement. */
  readonly personId: string | null;
  readonly agreementId: string | null;
  readonly instalmentNo: number | null;
}
