import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { listenOn, type Listening } from '../../listen.ts';

/**
 * A payment provider that behaves like Mercado Pago's Checkout Pro: preferences with an idempotency key, payments, and
 * webhooks whose `x-signature` the official SDK accepts. Moves no money.
 */
export interface FakeMercadoPagoOptions {
  readonly accessToken: string;
  readonly webhookSecret: string;
  /** When the preference names no `notification_url`. */
  readonly webhookUrl?: string;
  readonly log?: (line: string) => void;
  /** People who pay by themselves: so long after a link was made; of ten links six are paid, one in part. Default: nobody. */
  readonly payersAfterMs?: number;
}

export interface Preference {
  readonly id: string;
  readonly init_point: string;
  readonly external_reference: string;
  readonly notification_url: string | undefined;
  readonly amount: number;
  readonly currency: string;
  readonly title: string;
  readonly expiresAt: string;
}

interface Payment {
  readonly id: number;
  status: string;
  refunded: number;
  detail: string;
  readonly preference: Preference;
  readonly amount: number;
  readonly approvedAt: string;
}

export type MercadoPagoFault = 'accept_then_hang' | 'accept_then_500' | 'http_500';

export interface FakeMercadoPago {
  start(port?: number): Promise<string>;
  stop(): Promise<void>;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Where its pages are, when somebody else serves it. */
  setBaseUrl(url: string): void;
  readonly preferences: readonly Preference[];
  addFault(fault: MercadoPagoFault): void;
  setWebhookUrl(url: string | undefined): void;
  /** Somebody pays by a link. Returns the payment's id and what the webhook's receiver answered (0: nobody told). */
  pay(
    preferenceId: string,
    amount?: number,
    status?: string,
  ): Promise<{ readonly id: number; readonly answered: number }>;
  lastPaymentId(): number;
  /** Changes a payment and tells of it again. `detail`: of what was charged back, `in_process`, `settled` or `reimbursed`. */
  change(paymentId: number, status: string, refunded?: number, detail?: string): Promise<number>;
  /** The signed headers and query of a webhook, for requests that are sent by hand. */
  signed(paymentId: number | string): {
    readonly query: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}

export function createFakeMercadoPago(options: FakeMercadoPagoOptions): FakeMercadoPago {
  const preferences: Preference[] = [];
  const byKey = new Map<string, { readonly body: string; readonly preference: Preference }>();
  const payments = new Map<number, Payment>();
  const faults: MercadoPagoFault[] = [];
  const stop = new AbortController();
  let webhookUrl = options.webhookUrl;
  let listening: Listening | undefined;
  let baseUrl = '';

  const signed: FakeMercadoPago['signed'] = (paymentId) => {
    const requestId = randomUUID();
    const seconds = Math.floor(Date.now() / 1000);
    const manifest = `id:${paymentId};request-id:${requestId};ts:${seconds};`;
    const hash = createHmac('sha256', options.webhookSecret).update(manifest).digest('hex');
    return {
      query: `data.id=${paymentId}&type=payment`,
      headers: { 'x-signature': `ts=${seconds},v1=${hash}`, 'x-request-id': requestId },
    };
  };

  const tell = async (payment: Payment, action: string): Promise<number> => {
    const url = payment.preference.notification_url ?? webhookUrl;
    if (url === undefined) return 0;
    const { query, headers } = signed(payment.id);
    const body = {
      action,
      api_version: 'v1',
      data: { id: String(payment.id) },
      id: Date.now(),
      type: 'payment',
    };
    const response = await fetch(`${url}${url.includes('?') ? '&' : '?'}${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        ...body,
        date_created: new Date().toISOString(),
        live_mode: false,
        user_id: '1',
      }),
      signal: AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]),
    });
    await response.body?.cancel();
    options.log?.(`${action} ${payment.id} → ${response.status}`);
    return response.status;
  };

  const pay: FakeMercadoPago['pay'] = async (preferenceId, amount, status = 'approved') => {
    const preference = preferences.find(({ id }) => id === preferenceId);
    if (preference === undefined) throw new Error(`there is no preference ${preferenceId}`);
    const payment: Payment = {
      id: 1_000_000_001 + payments.size,
      status,
      refunded: 0,
      detail: 'accredited',
      preference,
      amount: amount ?? preference.amount,
      approvedAt: new Date().toISOString(),
    };
    payments.set(payment.id, payment);
    return { id: payment.id, answered: await tell(payment, 'payment.created') };
  };

  const make = (body: unknown, base: string): Preference => {
    const [item] = list(get(body, 'items'));
    const id = `fake-${randomUUID()}`;
    const preference = {
      id,
      init_point: `${base}/checkout/v1/redirect?pref_id=${id}`,
      external_reference: text(get(body, 'external_reference')) ?? '',
      notification_url: text(get(body, 'notification_url')),
      amount: Number(get(item, 'unit_price')) * Number(get(item, 'quantity')),
      currency: String(get(item, 'currency_id')),
      title: String(get(item, 'title')),
      expiresAt: text(get(body, 'date_of_expiration')) ?? '',
    };
    preferences.push(preference);
    options.log?.(`preference ${id} made`);
    void payByItself(preference, preferences.length);
    return preference;
  };

  /** By the number of the link: a demo shows each kind of payer. */
  const payByItself = async (preference: Preference, number: number): Promise<void> => {
    const share = [1, 0, 1, 1, 0.5, 1, 0, 1, 0, 1][number % 10] ?? 0;
    if (options.payersAfterMs === undefined || share === 0) return;
    try {
      // Not all at once, and none twice at the same instant.
      await sleep(options.payersAfterMs * (1 + (number % 4)), undefined, { signal: stop.signal, ref: false });
      await pay(preference.id, Math.floor(preference.amount * share));
    } catch (error) {
      if (!stop.signal.aborted) options.log?.(`nobody could be told of a payment: ${String(error)}`);
    }
  };

  // The SDK ends its addresses with a slash, the documentation does not.
  const app = new Hono({ strict: false });
  app.use('/checkout/preferences/*', bearer(options.accessToken));
  app.use('/v1/*', bearer(options.accessToken));
  app.post('/checkout/preferences', async (c) => {
    const key = c.req.header('x-idempotency-key');
    if (key === undefined) return c.json({ message: 'X-Idempotency-Key is required', status: 400 }, 400);
    const raw = await c.req.text();
    const body = parse(raw);
    const wrong = problemOf(body);
    if (wrong !== undefined) return c.json({ message: wrong, error: 'bad_request', status: 400 }, 400);
    const fault = faults.shift();
    if (fault === 'http_500') return c.json({ message: 'internal error', status: 500 }, 500);
    const before = byKey.get(key);
    if (before !== undefined && before.body !== raw) {
      return c.json({ message: 'the key was used with another body', status: 409 }, 409);
    }
    const preference = before?.preference ?? make(body, baseUrl);
    byKey.set(key, { body: raw, preference });
    if (fault === 'accept_then_500') return c.json({ message: 'internal error', status: 500 }, 500);
    if (fault === 'accept_then_hang') {
      await sleep(60_000, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
    }
    return c.json(preferenceJson(preference), 201);
  });
  app.get('/v1/payments/search', (c) => {
    const reference = c.req.query('external_reference') ?? '';
    const [limit, offset] = [Number(c.req.query('limit') ?? 30), Number(c.req.query('offset') ?? 0)];
    const all = [...payments.values()].filter(
      ({ preference }) => preference.external_reference === reference,
    );
    return c.json({
      paging: { total: all.length, limit, offset },
      results: all.slice(offset, offset + limit).map(paymentJson),
    });
  });
  app.get('/v1/payments/:id', (c) => {
    const payment = payments.get(Number(c.req.param('id')));
    if (payment === undefined) return c.json({ message: 'Payment not found', status: 404 }, 404);
    return c.json(paymentJson(payment));
  });
  app.get('/checkout/v1/redirect', (c) => {
    const preference = preferences.find(({ id }) => id === c.req.query('pref_id'));
    if (preference === undefined) return c.text('No existe esta preferencia.', 404);
    return c.html(
      `<!doctype html><html lang="es"><title>Pago simulado</title><h1>Pago simulado</h1>` +
        `<p>${preference.currency} ${preference.amount}</p>` +
        `<form method="post" action="../../_fake/pay/${preference.id}"><button>Pagar</button></form></html>`,
    );
  });
  app.post('/_fake/pay/:id', async (c) => {
    const { id } = await pay(c.req.param('id'));
    return c.html(`<!doctype html><html lang="es"><title>Pagado</title><p>Pago ${id} aprobado.</p></html>`);
  });
  app.get('/_fake/preferences', (c) => c.json(preferences));

  return {
    preferences,
    addFault: (fault) => void faults.push(fault),
    setWebhookUrl: (url) => void (webhookUrl = url),
    pay,
    lastPaymentId: () => 1_000_000_000 + payments.size,
    fetch: app.fetch,
    setBaseUrl: (url) => void (baseUrl = url),
    async change(paymentId, status, refunded = 0, detail = 'accredited') {
      const payment = payments.get(paymentId);
      if (payment === undefined) throw new Error(`there is no payment ${paymentId}`);
      payment.status = status;
      payment.refunded = refunded;
      payment.detail = detail;
      return tell(payment, 'payment.updated');
    },
    signed,
    async start(port = 0) {
      listening = await listenOn(app.fetch, port);
      baseUrl = listening.url;
      return listening.url;
    },
    async stop() {
      stop.abort();
      await listening?.close();
    },
  };
}

function bearer(token: string) {
  return async (c: { req: { header(name: string): string | undefined } }, next: () => Promise<void>) => {
    if (c.req.header('authorization') === `Bearer ${token}`) return next();
    return Response.json({ message: 'invalid access token', status: 401 }, { status: 401 });
  };
}

/** Mercado Pago's own checks, as far as our request can fail them. */
function problemOf(body: unknown): string | undefined {
  const [item] = list(get(body, 'items'));
  const price = get(item, 'unit_price');
  if (typeof price !== 'number' || price <= 0) return 'unit_price invalid';
  const currency = get(item, 'currency_id');
  if (currency === 'CLP' && !Number.isInteger(price)) return 'unit_price must be an integer for CLP';
  if (typeof get(item, 'title') !== 'string') return 'title required';
  const until = text(get(body, 'date_of_expiration'));
  const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/;
  if (until !== undefined && !shape.test(until))
    return 'date_of_expiration must be yyyy-MM-ddTHH:mm:ss.SSS±hh:mm';
  return undefined;
}

function preferenceJson(preference: Preference): object {
  const { amount, currency, title, expiresAt, ...rest } = preference;
  return {
    ...rest,
    items: [{ title, quantity: 1, unit_price: amount, currency_id: currency }],
    date_of_expiration: expiresAt,
    sandbox_init_point: rest.init_point,
  };
}

function paymentJson(payment: Payment): object {
  return {
    id: payment.id,
    status: payment.status,
    status_detail: payment.detail,
    external_reference: payment.preference.external_reference,
    transaction_amount: payment.amount,
    transaction_amount_refunded: payment.refunded,
    currency_id: payment.preference.currency,
    date_approved: payment.approvedAt,
  };
}

function get(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, key);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
