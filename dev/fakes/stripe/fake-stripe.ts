import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { listenOn, type Listening } from '../../listen.ts';

/**
 * A payment provider that behaves like Stripe Checkout: sessions with an idempotency key, a page on which they are paid, charges,
 * refunds and disputes, and events whose signature the official library accepts. Moves no money.
 */
export interface FakeStripeOptions {
  readonly secretKey: string;
  readonly webhookSecret: string;
  readonly webhookUrl?: string;
  readonly log?: (line: string) => void;
}

export interface FakeSession {
  readonly id: string;
  readonly orderId: string;
  readonly cents: number;
  readonly currency: string;
  readonly title: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly expiresAt: number;
  intent: FakeIntent | undefined;
}

interface FakeIntent {
  readonly id: string;
  readonly charge: FakeCharge;
}

interface FakeCharge {
  readonly id: string;
  readonly cents: number;
  readonly currency: string;
  readonly created: number;
  refunded: number;
  readonly disputes: { readonly id: string; readonly cents: number; status: string }[];
}

export type StripeFault = 'accept_then_hang' | 'accept_then_500' | 'http_500';

export interface FakeStripe {
  start(port?: number): Promise<string>;
  stop(): Promise<void>;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Where its pages are, when somebody else serves it. */
  setBaseUrl(url: string): void;
  readonly sessions: readonly FakeSession[];
  /** The next request for a session fails so. */
  addFault(fault: StripeFault): void;
  setWebhookUrl(url: string | undefined): void;
  /** Somebody pays; another amount or currency is what a provider's fault would be. Returns the charge's id. */
  pay(sessionId: string, told?: { readonly cents?: number; readonly currency?: string }): Promise<string>;
  refund(chargeId: string, cents: number): Promise<void>;
  dispute(chargeId: string, cents: number): Promise<string>;
  closeDispute(chargeId: string, disputeId: string, status: 'won' | 'lost'): Promise<void>;
  /** The signed body and headers of an event, for requests that are sent by hand. */
  signed(
    type: string,
    object: object,
  ): { readonly body: string; readonly headers: Readonly<Record<string, string>> };
  /** The object of an event about a charge, as Stripe writes it. */
  chargeObject(chargeId: string): object;
}

const seconds = (): number => Math.floor(Date.now() / 1_000);
const idOf = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '')}`;

export function createFakeStripe(options: FakeStripeOptions): FakeStripe {
  const sessions: FakeSession[] = [];
  const byKey = new Map<string, { readonly body: string; readonly session: FakeSession }>();
  const faults: StripeFault[] = [];
  const stop = new AbortController();
  let webhookUrl = options.webhookUrl;
  let baseUrl = '';
  let listening: Listening | undefined;

  const withCharge = (chargeId: string): { session: FakeSession; charge: FakeCharge; intent: FakeIntent } => {
    for (const session of sessions) {
      const { intent } = session;
      if (intent?.charge.id === chargeId) return { session, charge: intent.charge, intent };
    }
    throw new Error(`there is no charge ${chargeId}`);
  };
  const chargeJson = ({ session, charge, intent }: ReturnType<typeof withCharge>): object => ({
    id: charge.id,
    object: 'charge',
    amount: charge.cents,
    amount_captured: charge.cents,
    amount_refunded: charge.refunded,
    captured: true,
    paid: true,
    currency: charge.currency,
    created: charge.created,
    disputed: charge.disputes.length > 0,
    refunded: charge.refunded === charge.cents,
    metadata: session.metadata,
    payment_intent: intent.id,
    status: 'succeeded',
  });
  const disputeJson = (
    found: ReturnType<typeof withCharge>,
    dispute: FakeCharge['disputes'][number],
  ): object => ({
    id: dispute.id,
    object: 'dispute',
    amount: dispute.cents,
    charge: found.charge.id,
    currency: found.charge.currency,
    payment_intent: found.intent.id,
    status: dispute.status,
    metadata: {},
  });
  const sessionJson = (session: FakeSession, expand: readonly string[]): object => {
    const { intent } = session;
    const isOpened = expand.includes('payment_intent.latest_charge');
    return {
      id: session.id,
      object: 'checkout.session',
      client_reference_id: session.orderId,
      amount_total: session.cents,
      currency: session.currency,
      expires_at: session.expiresAt,
      metadata: session.metadata,
      mode: 'payment',
      payment_status: intent === undefined ? 'unpaid' : 'paid',
      status: intent !== undefined ? 'complete' : seconds() > session.expiresAt ? 'expired' : 'open',
      url: intent === undefined ? `${baseUrl}/c/pay/${session.id}` : null,
      payment_intent: intent === undefined ? null : isOpened ? intentJson(session, intent, true) : intent.id,
    };
  };
  const intentJson = (session: FakeSession, intent: FakeIntent, isOpened: boolean): object => ({
    id: intent.id,
    object: 'payment_intent',
    amount: intent.charge.cents,
    currency: intent.charge.currency,
    metadata: session.metadata,
    status: 'succeeded',
    latest_charge: isOpened ? chargeJson({ session, charge: intent.charge, intent }) : intent.charge.id,
  });

  const signed: FakeStripe['signed'] = (type, object) => {
    const body = JSON.stringify({
      id: idOf('evt'),
      object: 'event',
      api_version: '2026-10-28.endive',
      created: seconds(),
      data: { object },
      livemode: false,
      type,
    });
    const at = seconds();
    const hash = createHmac('sha256', options.webhookSecret).update(`${at}.${body}`).digest('hex');
    return {
      body,
      headers: { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${hash}` },
    };
  };
  const tell = async (type: string, object: object): Promise<void> => {
    if (webhookUrl === undefined) return;
    const { body, headers } = signed(type, object);
    const response = await fetch(webhookUrl, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]),
    });
    await response.body?.cancel();
    options.log?.(`${type} → ${response.status}`);
  };

  const pay: FakeStripe['pay'] = async (sessionId, told = {}) => {
    const session = sessions.find(({ id }) => id === sessionId);
    if (session === undefined) throw new Error(`there is no session ${sessionId}`);
    if (session.intent !== undefined) return session.intent.charge.id;
    session.intent = {
      id: idOf('pi'),
      charge: {
        id: idOf('ch'),
        cents: told.cents ?? session.cents,
        currency: told.currency ?? session.currency,
        created: seconds(),
        refunded: 0,
        disputes: [],
      },
    };
    await tell('checkout.session.completed', sessionJson(session, []));
    return session.intent.charge.id;
  };

  const make = (form: URLSearchParams): FakeSession => {
    const session: FakeSession = {
      id: idOf('cs_test'),
      orderId: form.get('client_reference_id') ?? '',
      cents:
        Number(form.get('line_items[0][price_data][unit_amount]')) *
        Number(form.get('line_items[0][quantity]')),
      currency: form.get('line_items[0][price_data][currency]') ?? '',
      title: form.get('line_items[0][price_data][product_data][name]') ?? '',
      metadata: Object.fromEntries(
        [...form].flatMap(([key, value]) => {
          const name = /^payment_intent_data\[metadata\]\[(\w+)\]$/.exec(key)?.[1];
          return name === undefined ? [] : [[name, value]];
        }),
      ),
      expiresAt: Number(form.get('expires_at')),
      intent: undefined,
    };
    sessions.push(session);
    options.log?.(`session ${session.id} made`);
    return session;
  };

  const app = new Hono();
  app.use('/v1/*', async (c, next) => {
    if (c.req.header('authorization') === `Bearer ${options.secretKey}`) return next();
    return c.json({ error: { type: 'invalid_request_error', message: 'Invalid API Key provided' } }, 401);
  });
  app.post('/v1/checkout/sessions', async (c) => {
    const raw = await c.req.text();
    const form = new URLSearchParams(raw);
    const wrong = problemOf(form);
    if (wrong !== undefined) return c.json({ error: { type: 'invalid_request_error', message: wrong } }, 400);
    const fault = faults.shift();
    if (fault === 'http_500') return c.json({ error: { type: 'api_error', message: 'internal' } }, 500);
    const key = c.req.header('idempotency-key') ?? randomUUID();
    const before = byKey.get(key);
    if (before !== undefined && before.body !== raw) {
      return c.json(
        { error: { type: 'idempotency_error', message: 'the key was used with another body' } },
        400,
      );
    }
    const session = before?.session ?? make(form);
    byKey.set(key, { body: raw, session });
    if (fault === 'accept_then_500')
      return c.json({ error: { type: 'api_error', message: 'internal' } }, 500);
    if (fault === 'accept_then_hang') {
      await sleep(60_000, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
    }
    return c.json(sessionJson(session, []));
  });
  app.get('/v1/checkout/sessions/:id', (c) => {
    const session = sessions.find(({ id }) => id === c.req.param('id'));
    if (session === undefined) return c.json(missing('checkout.session'), 404);
    return c.json(sessionJson(session, c.req.queries('expand[0]') ?? []));
  });
  app.get('/v1/payment_intents/:id', (c) => {
    const session = sessions.find(({ intent }) => intent?.id === c.req.param('id'));
    if (session?.intent === undefined) return c.json(missing('payment_intent'), 404);
    return c.json(intentJson(session, session.intent, false));
  });
  app.get('/v1/disputes', (c) => {
    const charge = c.req.query('charge') ?? '';
    const found = withCharge(charge);
    return c.json({
      object: 'list',
      has_more: false,
      url: '/v1/disputes',
      data: found.charge.disputes.map((dispute) => disputeJson(found, dispute)),
    });
  });
  app.get('/c/pay/:id', (c) => {
    const session = sessions.find(({ id }) => id === c.req.param('id'));
    if (session === undefined) return c.text('No existe esta página de pago.', 404);
    return c.html(
      `<!doctype html><html lang="es"><title>Pago simulado</title><h1>Pago simulado</h1><p>${escaped(session.title)}</p>` +
        `<p>${session.currency.toUpperCase()} ${(session.cents / 100).toFixed(2)}</p>` +
        `<form method="post" action="/c/pay/${session.id}"><button>Pagar</button></form></html>`,
    );
  });
  app.post('/c/pay/:id', async (c) => {
    const id = await pay(c.req.param('id'));
    return c.html(`<!doctype html><html lang="es"><title>Pagado</title><p>Pago ${id} aprobado.</p></html>`);
  });

  return {
    sessions,
    fetch: app.fetch,
    setBaseUrl: (url) => void (baseUrl = url),
    addFault: (fault) => void faults.push(fault),
    setWebhookUrl: (url) => void (webhookUrl = url),
    pay,
    async refund(chargeId, cents) {
      const found = withCharge(chargeId);
      found.charge.refunded += cents;
      await tell('charge.refunded', chargeJson(found));
    },
    async dispute(chargeId, cents) {
      const found = withCharge(chargeId);
      const dispute = { id: idOf('dp'), cents, status: 'needs_response' };
      found.charge.disputes.push(dispute);
      await tell('charge.dispute.created', disputeJson(found, dispute));
      return dispute.id;
    },
    async closeDispute(chargeId, disputeId, status) {
      const found = withCharge(chargeId);
      const dispute = found.charge.disputes.find(({ id }) => id === disputeId);
      if (dispute === undefined) throw new Error(`there is no dispute ${disputeId}`);
      dispute.status = status;
      await tell('charge.dispute.closed', disputeJson(found, dispute));
    },
    signed,
    chargeObject: (chargeId) => chargeJson(withCharge(chargeId)),
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

/** Stripe's own checks, as far as our request can fail them. */
function problemOf(form: URLSearchParams): string | undefined {
  const cents = form.get('line_items[0][price_data][unit_amount]') ?? '';
  if (!/^[1-9]\d{0,7}$/.test(cents)) return 'Invalid integer: unit_amount';
  if (form.get('mode') !== 'payment') return 'mode is required';
  const until = Number(form.get('expires_at')) - seconds();
  if (until < 30 * 60 || until > 24 * 3_600)
    return 'expires_at must be between 30 minutes and 24 hours from now';
  if (!URL.canParse(form.get('success_url') ?? '')) return 'Not a valid URL';
  return undefined;
}

function missing(what: string): object {
  return { error: { type: 'invalid_request_error', code: 'resource_missing', message: `No such ${what}` } };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
