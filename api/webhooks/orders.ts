import type { OpenAPIHono } from '@hono/zod-openapi';
import { mercadoPagoEvent } from '../../channels/mercadopago/charging.ts';
import { isSignedByMercadoPago } from '../../channels/mercadopago/webhook.ts';
import { stripeEvent } from '../../channels/stripe/charging.ts';
import { writeSubject } from '../../domain/charging/ask-orders.ts';
import type { ChargingEvent, OnlineProvider } from '../../domain/charging/charging-port.ts';
import { storePaymentEvent } from '../../domain/charging/queries-events.ts';
import { storableText } from '../../domain/shared/rules/storable.ts';
import { boundedBody } from '../body-bound.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { problem } from '../problems.ts';
import { createRouter } from '../router.ts';

const maxBodyBytes = 256 * 1024;
/** They end in an index, and are ids: what is longer is none. */
const longestId = 200;
const paths = {
  mercadopago: '/api/v1/webhooks/orders/mercadopago',
  stripe: '/api/v1/webhooks/orders/stripe',
} as const;

/**
 * What providers say of orders that accounts pay to us: verified over the raw bytes, kept as it came, answered. Nothing of it is
 * believed: it wakes whoever asks the provider, in the worker.
 */
export function orderWebhookRoutes({ app, charging }: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const keep = async (provider: OnlineProvider, event: ChargingEvent, rawBody: string): Promise<void> => {
    const subject = writeSubject(event.subject);
    if (event.id.length > 2 * longestId || subject.length > longestId) throw problem('webhook_malformed');
    await storePaymentEvent(app, {
      provider,
      dedupeKey: storableText(event.id),
      event: storableText(event.type).slice(0, 100),
      subject: storableText(subject),
      body: parse(rawBody),
    });
  };
  for (const path of Object.values(paths)) router.use(path, boundedBody(maxBodyBytes));
  router.post(paths.mercadopago, async (c) => {
    // Read first, as far as its bound: a body that is too long is told so, whoever sent it.
    const rawBody = await c.req.text();
    const secret = charging?.webhookSecrets.mercadopago;
    if (secret === undefined) throw problem('webhook_foreign');
    const dataId = c.req.query('data.id');
    const requestId = c.req.header('x-request-id');
    if ((dataId?.length ?? 0) > longestId || (requestId?.length ?? 0) > longestId) {
      throw problem('webhook_malformed');
    }
    const signed = { dataId, requestId, signature: c.req.header('x-signature') };
    if (dataId === undefined || !isSignedByMercadoPago(signed, secret)) throw problem('webhook_forged');
    const type = c.req.query('type') ?? c.req.query('topic') ?? '';
    const event = mercadoPagoEvent({ requestId: requestId ?? '', dataId, type });
    await keep('mercadopago', event, rawBody);
    return c.json({ received: true }, 200);
  });
  router.post(paths.stripe, async (c) => {
    const rawBody = await c.req.text();
    const secret = charging?.webhookSecrets.stripe;
    if (secret === undefined) throw problem('webhook_foreign');
    const event = stripeEvent(rawBody, c.req.header('stripe-signature'), secret);
    if (event === undefined) throw problem('webhook_forged');
    await keep('stripe', event, rawBody);
    return c.json({ received: true }, 200);
  });
  return router;
}

function parse(rawBody: string): unknown {
  try {
    return JSON.parse(rawBody);
  } catch {
    // Not looked at for anything; kept as it came.
    return { text: rawBody };
  }
}
