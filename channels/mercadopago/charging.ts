import { askMercadoPago, get } from './ask.ts';
import type { ChargingEvent, ChargingProvider, OrderPayment } from '../../domain/charging/charging-port.ts';
import { fromProviderAmount, toProviderAmount } from './amounts.ts';

export interface MercadoPagoChargingOptions {
  readonly baseUrl: string;
  /** Of whoever runs the installation: an account's own is for its debtors. */
  readonly accessToken: string;
  /** Where it tells of payments of orders; undefined: as its own settings say. */
  readonly notificationUrl: string | undefined;
}

const pageSize = 50;
/** A page of payment was tried so often at most: more is no order of ours. */
const mostPages = 10;

/** Orders of accounts by Mercado Pago's Checkout Pro. Over plain HTTP, as payment links are (docs/decisions/0011). */
export function createMercadoPagoCharging(options: MercadoPagoChargingOptions): ChargingProvider {
  const { baseUrl, accessToken, notificationUrl } = options;
  const ask = askMercadoPago(baseUrl, accessToken);
  return {
    async createCheckout(request, signal) {
      const price = toProviderAmount(request.amountMicros, request.currency);
      if (price === undefined) return { kind: 'refused', detail: 'the amount has more decimals than coins' };
      // Mercado Pago wants an offset, not a Z.
      const until = new Date(request.payableUntilMs).toISOString().replace('Z', '+00:00');
      const body = {
        items: [
          {
            id: request.orderId,
            title: request.title,
            quantity: 1,
            unit_price: price,
            currency_id: request.currency,
          },
        ],
        external_reference: request.orderId,
        metadata: { account_id: request.accountId },
        expires: true,
        expiration_date_to: until,
        date_of_expiration: until,
        ...(notificationUrl === undefined ? {} : { notification_url: notificationUrl }),
      };
      try {
        const answer = await ask('/checkout/preferences', {
          method: 'POST',
          headers: { 'x-idempotency-key': `order:${request.orderId}` },
          body: JSON.stringify(body),
          signal,
        });
        const [id, url] = [get(answer.body, 'id'), get(answer.body, 'init_point')];
        const isMade = answer.status === 200 || answer.status === 201;
        if (isMade && typeof id === 'string' && typeof url === 'string' && URL.canParse(url)) {
          return { kind: 'made', providerRef: id, url };
        }
        const message = get(answer.body, 'message');
        const detail = `HTTP ${answer.status}${typeof message === 'string' ? `: ${message.slice(0, 300)}` : ''}`;
        // 429 and what its side gets wrong pass; the rest would be answered alike.
        const passes = isMade || answer.status >= 500 || answer.status === 429;
        return { kind: passes ? 'unknown' : 'refused', detail };
      } catch (error) {
        return { kind: 'unknown', detail: error instanceof Error ? error.message : String(error) };
      }
    },
    async paymentsOf({ orderId }, signal) {
      const found = new Map<string, OrderPayment>();
      for (let page = 0; page < mostPages; page += 1) {
        const query = new URLSearchParams({
          external_reference: orderId,
          sort: 'date_created',
          criteria: 'asc',
          limit: String(pageSize),
          offset: String(page * pageSize),
        });
        const { status, body } = await ask(`/v1/payments/search?${query.toString()}`, { signal });
        if (status !== 200) throw new Error(`Mercado Pago answered ${status} for the payments of an order`);
        const results = get(body, 'results');
        if (!Array.isArray(results)) throw new Error('Mercado Pago gave no list of payments');
        for (const result of results) {
          // What its search takes for the same reference is judged here.
          if (get(result, 'external_reference') !== orderId) continue;
          const payment = readPayment(result);
          found.set(payment.id, payment);
        }
        if (results.length < pageSize) return [...found.values()];
      }
      throw new Error(`an order has more than ${mostPages * pageSize} payments`);
    },
    async orderOf(paymentId, signal) {
      const { status, body } = await ask(`/v1/payments/${encodeURIComponent(paymentId)}`, { signal });
      if (status === 404) return undefined;
      if (status !== 200) throw new Error(`Mercado Pago answered ${status} for a payment`);
      const reference = get(body, 'external_reference');
      return typeof reference === 'string' && reference !== '' ? reference : undefined;
    },
  };
}

/** Its states in which money came in; in all others it never did. */
const withMoney = new Set(['approved', 'refunded', 'charged_back', 'in_mediation']);

function readPayment(body: unknown): OrderPayment {
  const id = get(body, 'id');
  const status = get(body, 'status');
  const currency = get(body, 'currency_id');
  const amountMicros = fromProviderAmount(get(body, 'transaction_amount'));
  if ((typeof id !== 'number' && typeof id !== 'string') || amountMicros === undefined) {
    throw new Error('Mercado Pago told of a payment without id or amount');
  }
  if (typeof currency !== 'string' || typeof status !== 'string') {
    throw new Error(`Mercado Pago told of payment ${id} without currency or status`);
  }
  const back = fromProviderAmount(get(body, 'transaction_amount_refunded') ?? 0);
  if (back === undefined)
    throw new Error(`Mercado Pago told of payment ${id} with a refund that is no amount`);
  const refunded = status === 'refunded' ? amountMicros : back;
  const rest = amountMicros - refunded;
  const detail = get(body, 'status_detail');
  // Won back, it stays charged back by name, and the money is here.
  const isTaken = status === 'in_mediation' || (status === 'charged_back' && detail !== 'reimbursed');
  const isLost = status === 'charged_back' && detail === 'settled';
  const approvedAt = get(body, 'date_approved');
  const paidAtMs = typeof approvedAt === 'string' ? Date.parse(approvedAt) : Number.NaN;
  const cameIn = withMoney.has(status);
  return {
    id: String(id),
    paidMicros: cameIn ? amountMicros : 0n,
    refundedMicros: cameIn ? refunded : 0n,
    disputedMicros: isTaken && !isLost ? rest : 0n,
    lostMicros: isLost ? rest : 0n,
    currency,
    paidAtMs: Number.isNaN(paidAtMs) ? undefined : paidAtMs,
  };
}

/** A notification, whose signature was checked: it names a payment, and says nothing that is believed. */
export function mercadoPagoEvent(of: {
  readonly requestId: string;
  readonly dataId: string;
  readonly type: string;
}): ChargingEvent {
  const { requestId, dataId, type } = of;
  return {
    id: `${requestId}:${dataId}`,
    type,
    subject: type === 'payment' ? { kind: 'payment', id: dataId } : undefined,
  };
}
