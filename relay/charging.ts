import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import {
  askOrdersOnce,
  type AskDeps,
  handleEventsOnce,
  turnSubscriptionsOnce,
} from '../domain/charging/ask-orders.ts';
import type { ChargingProviders } from '../domain/charging/charging-port.ts';
import { CHARGING_CHANNEL } from '../domain/charging/queries-events.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Notifications } from './notifications.ts';

export interface ChargingDeps {
  readonly app: Database;
  readonly system: Database;
  readonly providers: ChargingProviders;
  readonly news: Notifications;
  readonly logger: Logger;
}

const idleMs = 2_000;
const clockEveryMs = 60_000;

/**
 * Asks providers about orders: when an event came, and by itself, so that a lost one loses no paid order. Turns subscriptions.
 * Several may run: an order is one asker's at a time, and an answer that is older than another question is not booked.
 */
export function startCharging({ app, system, providers, news, logger }: ChargingDeps): Loop {
  const deps: AskDeps = {
    app,
    system,
    providers,
    warn: (facts, message) => logger.warn(facts, message),
  };
  let turnedAtMs = 0;
  return startLoop('charging', logger, async () => {
    const events = await handleEventsOnce(deps);
    const orders = await askOrdersOnce(deps);
    if (Date.now() - turnedAtMs >= clockEveryMs) {
      await turnSubscriptionsOnce(deps, Date.now());
      turnedAtMs = Date.now();
    }
    if (events + orders > 0) return;
    await news.wait(CHARGING_CHANNEL, '', idleMs);
  });
}
