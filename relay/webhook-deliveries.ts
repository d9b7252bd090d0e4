import type { Logger } from 'pino';
import { Webhook } from 'standardwebhooks';
import type { Database } from '../db/client.ts';
import {
  type DueDelivery,
  markTried,
  takeDeliveries,
  type Tried,
} from '../domain/integrations/queries-deliveries.ts';
import { WEBHOOKS_CHANNEL } from '../domain/shared/queries-events.ts';
import { type Fetch, TargetRefused } from '../outbound/guarded-fetch.ts';
import { retryDelayMs } from '../outbound/retry.ts';
import type { SecretBox } from '../outbound/secret-box.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Notifications } from './notifications.ts';

export interface WebhookRelayDeps {
  readonly system: Database;
  /** Guarded: the addresses are typed by accounts. */
  readonly fetch: Fetch;
  readonly secrets: SecretBox;
  readonly logger: Logger;
  /** Default: the product's own back-off. */
  readonly delayMs?: (tries: number) => number | null;
}

const pageSize = 20;
const idleMs = 2_000;
/** A receiver that has not answered by then is asked again; it is to take the event first and work on it later. */
const answerMs = 15_000;
/** Longer than one try can take: what a dead relay had taken is due again after it. */
const claimMs = 60_000;

/** Tells accounts' own systems what happened. Several relays may run; receivers see one id once or again, never two. */
export function startWebhookRelay(deps: WebhookRelayDeps & { readonly news: Notifications }): Loop {
  return startLoop('webhooks', deps.logger, async () => {
    const sent = await deliverOnce(deps);
    if (sent < pageSize) await deps.news.wait(WEBHOOKS_CHANNEL, '', idleMs);
  });
}

/** One page; returns how many deliveries were tried. */
export async function deliverOnce(deps: WebhookRelayDeps): Promise<number> {
  const due = await deps.system.transaction().execute((trx) => takeDeliveries(trx, pageSize, claimMs));
  await Promise.all(due.map((delivery) => deliver(deps, delivery)));
  return due.length;
}

async function deliver(deps: WebhookRelayDeps, delivery: DueDelivery): Promise<void> {
  const tried = await attempt(deps, delivery);
  if (tried.kind === 'failed') {
    deps.logger.info(
      { deliveryId: delivery.id, tries: delivery.tries, status: tried.status, error: tried.error },
      tried.retryMs === null ? 'webhook given up' : 'webhook not delivered yet',
    );
  }
  await deps.system.transaction().execute((trx) => markTried(trx, delivery.id, tried));
}

/** Gone: the receiver says that it wants no more of them. */
const goneStatus = 410;

async function attempt(deps: WebhookRelayDeps, delivery: DueDelivery): Promise<Tried> {
  const { delayMs = (tries) => retryDelayMs(tries, Math.random()) } = deps;
  const failed = (error: string, status: number | null, isFinal: boolean): Tried => ({
    kind: 'failed',
    status,
    error,
    retryMs: isFinal ? null : delayMs(delivery.tries),
  });
  try {
    const request = signedRequest(deps.secrets, delivery, new Date());
    const response = await deps.fetch(delivery.url, {
      method: 'POST',
      ...request,
      signal: AbortSignal.timeout(answerMs),
    });
    // Not read: an endless answer must not be taken for a receiver that works.
    await response.body?.cancel();
    if (response.status >= 200 && response.status < 300)
      return { kind: 'delivered', status: response.status };
    return failed(`HTTP ${response.status}`, response.status, response.status === goneStatus);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // An address of our own network does not become another one by waiting.
    return failed(message, null, error instanceof TargetRefused);
  }
}

/** Standard Webhooks: the id is the event's, the same in every try; the time is this try's. */
export function signedRequest(
  secrets: SecretBox,
  delivery: DueDelivery,
  at: Date,
): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
  const body = JSON.stringify({
    type: delivery.type,
    timestamp: delivery.occurred_at.toISOString(),
    id: delivery.event_id,
    subject: delivery.subject,
    data: delivery.data,
  });
  const sealed = [delivery.secret_sealed, delivery.previous_secret_sealed].filter((one) => one !== null);
  const signatures = sealed.map((one) =>
    new Webhook(secrets.open(delivery.account_id, one)).sign(delivery.event_id, at, body),
  );
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'tandas-webhooks/1',
      'webhook-id': delivery.event_id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': signatures.join(' '),
    },
  };
}
