import { listenOn, type Listening } from '../listen.ts';
import { createFakeMercadoPago, type FakeMercadoPago } from './mercadopago/fake-mercadopago.ts';
import { createFakeStripe, type FakeStripe } from './stripe/fake-stripe.ts';

export interface FakeChargingOptions {
  readonly mercadoPagoToken: string;
  readonly mercadoPagoSecret: string;
  readonly stripeKey: string;
  readonly stripeSecret: string;
  /** Of the API; undefined: nobody is told. */
  readonly apiUrl?: string;
  readonly log?: (line: string) => void;
}

export interface FakeCharging {
  readonly mercadoPago: FakeMercadoPago;
  readonly stripe: FakeStripe;
  /** Answers what is for one of both, below `/charging` for Mercado Pago; undefined: it is for neither. */
  answer(request: Request): Response | Promise<Response> | undefined;
  /** Where `answer` is served. */
  setBaseUrl(url: string): void;
  /** Returns the address at which both are. */
  start(port?: number): Promise<string>;
  stop(): Promise<void>;
}

/** Paths of Stripe; all others are Mercado Pago's. */
const ofStripe = /^\/(c\/pay|v1\/(checkout|payment_intents|disputes))(\/|$)/;

const prefix = '/charging';

/** Whoever takes the payments of accounts, both at one address. Nobody pays by themselves: a page has a button. */
export function createFakeCharging(options: FakeChargingOptions): FakeCharging {
  const { apiUrl, log } = options;
  const webhook = (name: string) =>
    apiUrl === undefined ? {} : { webhookUrl: `${apiUrl}/api/v1/webhooks/orders/${name}` };
  const logged = (name: string) =>
    log === undefined ? {} : { log: (line: string) => log(`${name}: ${line}`) };
  const mercadoPago = createFakeMercadoPago({
    accessToken: options.mercadoPagoToken,
    webhookSecret: options.mercadoPagoSecret,
    ...webhook('mercadopago'),
    ...logged('orders by mercadopago'),
  });
  const stripe = createFakeStripe({
    secretKey: options.stripeKey,
    webhookSecret: options.stripeSecret,
    ...webhook('stripe'),
    ...logged('orders by stripe'),
  });
  let listening: Listening | undefined;
  return {
    mercadoPago,
    stripe,
    answer(request) {
      const url = new URL(request.url);
      if (ofStripe.test(url.pathname)) return stripe.fetch(request);
      if (!url.pathname.startsWith(`${prefix}/`)) return undefined;
      url.pathname = url.pathname.slice(prefix.length);
      return mercadoPago.fetch(new Request(url, request));
    },
    setBaseUrl(url) {
      mercadoPago.setBaseUrl(`${url}${prefix}`);
      stripe.setBaseUrl(url);
    },
    async start(port = 0) {
      listening = await listenOn(
        (request) => (ofStripe.test(new URL(request.url).pathname) ? stripe : mercadoPago).fetch(request),
        port,
      );
      mercadoPago.setBaseUrl(listening.url);
      stripe.setBaseUrl(listening.url);
      return listening.url;
    },
    async stop() {
      await Promise.all([mercadoPago.stop(), stripe.stop()]);
      await listening?.close();
    },
  };
}
