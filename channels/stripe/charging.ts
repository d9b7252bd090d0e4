import Stripe from 'stripe';
import type { ChargingEvent, ChargingProvider, OrderPayment } from '../../domain/charging/charging-port.ts';

export interface StripeChargingOptions {
  readonly secretKey: string;
  /** Default: Stripe's own address. */
  readonly baseUrl: string | undefined;
  /** Where the payer comes back to. */
  readonly returnUrl: string;
}

const timeoutMs = 10_000;
const microsPerCent = 10_000n;
const mostDisputes = 100;

/** The official client, at one address, without its own repeats: who asks has one deadline. */
export function stripeClient(secretKey: string, baseUrl: string | undefined): Stripe {
  const at = baseUrl === undefined ? undefined : new URL(baseUrl);
  return new Stripe(secretKey, {
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(),
    ...(at === undefined
      ? {}
      : {
          host: at.hostname,
          port: at.port === '' ? (at.protocol === 'https:' ? 443 : 80) : Number(at.port),
          protocol: at.protocol === 'https:' ? 'https' : 'http',
        }),
  });
}

/** Orders of accounts by Stripe Checkout, through its own library. */
export function createStripeCharging(options: StripeChargingOptions): ChargingProvider {
  const stripe = stripeClient(options.secretKey, options.baseUrl);
  return {
    async createCheckout(request) {
      if (request.currency !== 'USD' || request.amountMicros % microsPerCent !== 0n) {
        return { kind: 'refused', detail: 'the amount is no number of cents' };
      }
      const metadata = { order_id: request.orderId, account_id: request.accountId };
      try {
        const session = await stripe.checkout.sessions.create(
          {
            mode: 'payment',
            client_reference_id: request.orderId,
            metadata,
            // On the payment too, and so on its charges: what tells of a refund names no session.
            payment_intent_data: { metadata },
            line_items: [
              {
                quantity: 1,
                price_data: {
                  currency: 'usd',
                  unit_amount: Number(request.amountMicros / microsPerCent),
                  product_data: { name: request.title },
                },
              },
            ],
            expires_at: Math.floor(request.payableUntilMs / 1_000),
            success_url: `${options.returnUrl}?order=${request.orderId}`,
          },
          { idempotencyKey: `order:${request.orderId}` },
        );
        const { id, url } = session;
        if (url === null) return { kind: 'unknown', detail: 'a session without a page' };
        return { kind: 'made', providerRef: id, url };
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        const isOurs =
          error instanceof Stripe.errors.StripeInvalidRequestError ||
          error instanceof Stripe.errors.StripeAuthenticationError ||
          error instanceof Stripe.errors.StripePermissionError;
        return { kind: isOurs ? 'refused' : 'unknown', detail };
      }
    },
    async paymentsOf({ orderId, providerRef }) {
      // Without its page nobody can have paid.
      if (providerRef === null) return [];
      const session = await stripe.checkout.sessions.retrieve(providerRef, {
        expand: ['payment_intent.latest_charge'],
      });
      if (session.client_reference_id !== orderId)
        throw new Error('Stripe gave the session of another order');
      const intent = session.payment_intent;
      if (intent === null) return [];
      if (typeof intent === 'string') throw new Error('Stripe did not expand the payment of a session');
      const charge = intent.latest_charge;
      if (charge === null || charge === undefined) return [];
      if (typeof charge === 'string') throw new Error('Stripe did not expand the charge of a payment');
      if (!charge.paid || !charge.captured) return [];
      const disputes = charge.disputed ? await disputesOf(stripe, charge.id) : none;
      const payment: OrderPayment = {
        id: charge.id,
        paidMicros: microsOf(charge.amount_captured),
        refundedMicros: microsOf(charge.amount_refunded),
        ...disputes,
        currency: charge.currency.toUpperCase(),
        paidAtMs: charge.created * 1_000,
      };
      return [payment];
    },
    async orderOf(paymentId) {
      try {
        const intent = await stripe.paymentIntents.retrieve(paymentId);
        return intent.metadata['order_id'];
      } catch (error) {
        if (error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode === 404)
          return undefined;
        throw error;
      }
    },
  };
}

const none = { disputedMicros: 0n, lostMicros: 0n };

/** Enquiries take no money; a dispute that was won gave it back. */
async function disputesOf(stripe: Stripe, charge: string): Promise<typeof none> {
  const { data, has_more: hasMore } = await stripe.disputes.list({ charge, limit: mostDisputes });
  if (hasMore) throw new Error('a charge has more disputes than are read');
  const sum = (isOf: (status: string) => boolean): bigint =>
    data.reduce((total, { amount, status }) => (isOf(status) ? total + microsOf(amount) : total), 0n);
  return {
    disputedMicros: sum((status) => status === 'needs_response' || status === 'under_review'),
    lostMicros: sum((status) => status === 'lost'),
  };
}

function microsOf(cents: number): bigint {
  if (!Number.isSafeInteger(cents) || cents < 0) throw new Error(`Stripe told of ${cents} cents`);
  return BigInt(cents) * microsPerCent;
}

/** An event of Stripe, by its own library's check over the raw body; undefined: it is not signed, or too old. */
export function stripeEvent(
  rawBody: string,
  signature: string | undefined,
  secret: string,
): ChargingEvent | undefined {
  if (signature === undefined || secret === '') return undefined;
  try {
    const event = Stripe.webhooks.constructEvent(rawBody, signature, secret);
    return { id: event.id, type: event.type, subject: subjectOf(event.data.object) };
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return undefined;
    throw error;
  }
}

/** Our order where the object names it; else the payment that it is of. */
function subjectOf(object: unknown): ChargingEvent['subject'] {
  const order = get(get(object, 'metadata'), 'order_id') ?? get(object, 'client_reference_id');
  if (typeof order === 'string' && order !== '') return { kind: 'order', id: order };
  const payment =
    get(object, 'object') === 'payment_intent' ? get(object, 'id') : get(object, 'payment_intent');
  return typeof payment === 'string' ? { kind: 'payment', id: payment } : undefined;
}

function get(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, key);
}
