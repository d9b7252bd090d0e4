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
  /** Default: this machine's clock. */
  readonly nowMs?: () => number;
  /** Default: the product's own back-off. */
  readonly delayMs?: (tries: number) => number | null;
}

const idleMs = 2_000;
/** A receiver that has not answered by then is asked again; it is to take the event first and work on it later. */
const answerMs = 15_000;
/** Longer than one try can take: what a dead relay had taken is due again after it. */
const claimMs = 60_000;

/** Requests of one relay that are under way. A receiver that is slow fills its own places and no others. */
const mostAtOnce = 64;
const mostOfAccount = 16;
const mostOfEndpoint = 4;

/** So many failures one after the other, and a receiver is left alone for a while; then it is asked once. */
const failuresToPause = 5;
const firstPauseMs = 60_000;
const longestPauseMs = 15 * 60_000;

export interface Deliveries {
  /** Takes what is due and may be sent now, and begins to send it; returns how many. */
  take(): Promise<number>;
  isIdle(): boolean;
  /** The next time that a place is free. */
  freed(): Promise<void>;
  /** When nothing is under way. */
  idle(): Promise<void>;
}

/** Sends deliveries side by side, each receiver and each account within its bounds. */
export function createDeliveries(deps: WebhookRelayDeps): Deliveries {
  const { nowMs = () => Date.now() } = deps;
  const underWay = new Set<Promise<void>>();
  const ofEndpoint = new Map<string, number>();
  const ofAccount = new Map<string, number>();
  const failing = new Map<string, { readonly failures: number; readonly untilMs: number }>();

  const mostNow = (endpointId: string): number => {
    const { failures = 0, untilMs = 0 } = failing.get(endpointId) ?? {};
    if (failures < failuresToPause) return mostOfEndpoint;
    return nowMs() < untilMs ? 0 : 1;
  };
  const watch = ({ endpoint_id: id }: DueDelivery, isDelivered: boolean): void => {
    if (isDelivered) {
      failing.delete(id);
      return;
    }
    const failures = (failing.get(id)?.failures ?? 0) + 1;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - failuresToPause, 10));
    failing.set(id, { failures, untilMs: nowMs() + pauseMs });
    if (failures >= failuresToPause)
      deps.logger.info({ endpointId: id, failures, pauseMs }, 'webhooks paused');
  };
  const send = async (delivery: DueDelivery): Promise<void> => {
    const { endpoint_id: endpointId, account_id: accountId } = delivery;
    add(ofEndpoint, endpointId, 1);
    add(ofAccount, accountId, 1);
    try {
      watch(delivery, await deliver(deps, delivery));
    } catch (error) {
      // What became of it is not written: it is due again after its claim.
      deps.logger.warn({ err: error, deliveryId: delivery.id }, 'webhook not marked');
    } finally {
      add(ofEndpoint, endpointId, -1);
      add(ofAccount, accountId, -1);
    }
  };

  return {
    async take() {
      const limit = mostAtOnce - underWay.size;
      if (limit <= 0) return 0;
      const known = new Set([...ofEndpoint.keys(), ...failing.keys()]);
      const due = await deps.system.transaction().execute((trx) =>
        takeDeliveries(trx, {
          limit,
          claimMs,
          endpoints: [...known].map((id) => ({ id, left: mostNow(id) - (ofEndpoint.get(id) ?? 0) })),
          accounts: [...ofAccount].map(([id, many]) => ({ id, left: mostOfAccount - many })),
          usualOfEndpoint: mostOfEndpoint,
          usualOfAccount: mostOfAccount,
        }),
      );
      for (const delivery of due) {
        const sending: Promise<void> = send(delivery).finally(() => underWay.delete(sending));
        underWay.add(sending);
      }
      return due.length;
    },
    isIdle: () => underWay.size === 0,
    freed: () => Promise.race(underWay),
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function add(counts: Map<string, number>, name: string, by: 1 | -1): void {
  const many = (counts.get(name) ?? 0) + by;
  if (many === 0) counts.delete(name);
  else counts.set(name, many);
}

/** Tells accounts' own systems what happened. Several relays may run; receivers see one id once or again, never two. */
export function startWebhookRelay(deps: WebhookRelayDeps & { readonly news: Notifications }): Loop {
  const deliveries = createDeliveries(deps);
  let news: Promise<void> | undefined;
  const loop = startLoop('webhooks', deps.logger, async () => {
    if ((await deliveries.take()) > 0) return;
    // One waiter, kept: another one beside it would be told in its place.
    news ??= deps.news.wait(WEBHOOKS_CHANNEL, '', idleMs).finally(() => (news = undefined));
    await (deliveries.isIdle() ? news : Promise.race([news, deliveries.freed()]));
  });
  return {
    async stop() {
      await loop.stop();
      await deliveries.idle();
    },
  };
}

/** What is due now, sent; returns how many deliveries were tried. */
export async function deliverOnce(deps: WebhookRelayDeps): Promise<number> {
  const deliveries = createDeliveries(deps);
  const taken = await deliveries.take();
  await deliveries.idle();
  return taken;
}

/** True: the receiver has it. */
async function deliver(deps: WebhookRelayDeps, delivery: DueDelivery): Promise<boolean> {
  const tried = await attempt(deps, delivery);
  if (tried.kind === 'failed') {
    deps.logger.info(
      { deliveryId: delivery.id, tries: delivery.tries, status: tried.status, error: tried.error },
      tried.retryMs === null ? 'webhook given up' : 'webhook not delivered yet',
    );
  }
  await deps.system.transaction().execute((trx) => markTried(trx, delivery.id, tried));
  return tried.kind === 'delivered';
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
