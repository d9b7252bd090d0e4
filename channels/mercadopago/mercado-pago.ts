import { askMercadoPago, get } from './ask.ts';
import { faultOfStatus } from '../../domain/shared/rules/channel-faults.ts';
import { fromProviderAmount, toProviderAmount } from './amounts.ts';
import type {
  LinkAnswer,
  LinkRequest,
  OpenPaymentProvider,
  PaymentProvider,
  PaymentStatus,
  ProviderPayment,
} from '../../domain/payments/payment-port.ts';

export interface MercadoPagoOptions {
  /** Default: Mercado Pago's own address. */
  readonly baseUrl?: string;
  readonly accessToken: string;
}

class MercadoPagoError extends Error {
  override readonly name = 'MercadoPagoError';
  readonly httpStatus: number;

  constructor(message: string, httpStatus: number) {
    super(message);
    this.httpStatus = httpStatus;
  }
}

export const MERCADO_PAGO_URL = 'https://api.mercadopago.com';

/** Mercado Pago at one address, to be opened with each account's own token. */
export function mercadoPagoAt(baseUrl: string | undefined): OpenPaymentProvider {
  return (accessToken) => createMercadoPago({ accessToken, ...(baseUrl === undefined ? {} : { baseUrl }) });
}

/**
 * Mercado Pago's Checkout Pro over plain HTTP. Its SDK has one address for a whole process, repeats by itself, and
 * stops its clock before the body has come (docs/decisions/0011): its types and its signature check are used, its
 * transport is not.
 */
export function createMercadoPago({
  baseUrl = MERCADO_PAGO_URL,
  accessToken,
}: MercadoPagoOptions): PaymentProvider {
  const ask = askMercadoPago(baseUrl, accessToken);
  return {
    async createLink(request, signal) {
      const body = preferenceOf(request);
      if (body === undefined)
        return { kind: 'refused', detail: 'the amount has more decimals than coins', fault: null };
      try {
        const answer = await ask('/checkout/preferences', {
          method: 'POST',
          headers: { 'x-idempotency-key': request.idempotencyKey },
          body: JSON.stringify(body),
          signal,
        });
        return readPreference(answer.status, answer.body);
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        return { kind: 'unknown', detail, fault: 'no_answer' };
      }
    },
    async findPayment(id, signal) {
      const { status, body } = await ask(`/v1/payments/${encodeURIComponent(id)}`, { signal });
      if (status === 404) return undefined;
      if (status !== 200)
        throw new MercadoPagoError(`Mercado Pago answered ${status} for payment ${id}`, status);
      return readPayment(body);
    },
  };
}

/** The preference of one link: one item, one reference, one end. */
export function preferenceOf(request: LinkRequest): Readonly<Record<string, unknown>> | undefined {
  const price = toProviderAmount(request.amountMicros, request.currency);
  if (price === undefined) return undefined;
  // Mercado Pago wants an offset, not a Z.
  const until = new Date(request.expiresAtMs).toISOString().replace('Z', '+00:00');
  return {
    items: [
      {
        id: request.reference,
        title: request.title,
        quantity: 1,
        unit_price: price,
        currency_id: request.currency,
      },
    ],
    external_reference: request.reference,
    expires: true,
    expiration_date_to: until,
    date_of_expiration: until,
    ...(request.notificationUrl === undefined ? {} : { notification_url: request.notificationUrl }),
  };
}

function readPreference(status: number, body: unknown): LinkAnswer {
  if (status === 200 || status === 201) {
    const [id, url] = [get(body, 'id'), get(body, 'init_point')];
    if (typeof id === 'string' && typeof url === 'string' && URL.canParse(url)) {
      return { kind: 'made', providerId: id, url };
    }
    return { kind: 'unknown', detail: 'an answer without id or link', fault: 'error' };
  }
  if (status >= 500) return { kind: 'unknown', detail: `HTTP ${status}`, fault: 'error' };
  const message = get(body, 'message');
  return {
    kind: 'refused',
    detail: `HTTP ${status}${typeof message === 'string' ? `: ${message.slice(0, 300)}` : ''}`,
    fault: faultOfStatus(status),
  };
}

const statuses: Readonly<Record<string, PaymentStatus>> = {
  approved: 'approved',
  refunded: 'refunded',
  charged_back: 'charged_back',
  cancelled: 'rejected',
  rejected: 'rejected',
};

function readPayment(body: unknown): ProviderPayment {
  const id = get(body, 'id');
  const amountMicros = fromProviderAmount(get(body, 'transaction_amount'));
  const currency = get(body, 'currency_id');
  const status = get(body, 'status');
  if ((typeof id !== 'number' && typeof id !== 'string') || amountMicros === undefined) {
    throw new Error('Mercado Pago told of a payment without id or amount');
  }
  if (typeof currency !== 'string' || typeof status !== 'string') {
    throw new Error(`Mercado Pago told of payment ${id} without currency or status`);
  }
  const reference = get(body, 'external_reference');
  const approvedAt = get(body, 'date_approved');
  const paidAtMs = typeof approvedAt === 'string' ? Date.parse(approvedAt) : Number.NaN;
  return {
    id: String(id),
    // pending, in_process, authorized, in_mediation: the money is not here, or nobody has taken it back yet.
    status: Object.hasOwn(statuses, status) ? (statuses[status] ?? 'open') : 'open',
    externalReference: typeof reference === 'string' && reference !== '' ? reference : undefined,
    amountMicros,
    refundedMicros: fromProviderAmount(get(body, 'transaction_amount_refunded')) ?? 0n,
    currency,
    paidAtMs: Number.isNaN(paidAtMs) ? undefined : paidAtMs,
  };
}
