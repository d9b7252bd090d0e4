/** A process that settles orders and nothing else: tests kill it in the middle of what it does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { openCharging } from '../../channels/charging.ts';
import { createDatabase } from '../../db/client.ts';
import type { ChargingProvider, ChargingProviders } from '../../domain/charging/charging-port.ts';
import { startCharging } from '../../relay/charging.ts';
import { listenForNews } from '../../relay/notifications.ts';

const [url = '', options = '{}'] = process.argv.slice(2);
const app = createDatabase({ url, role: 'tandas_app', maxConnections: 6 });
const system = createDatabase({ url, role: 'tandas_system', maxConnections: 2 });
const { providers } = openCharging(JSON.parse(options), undefined);

/** Answers come late and in another order than they were asked for, and some never. */
function unruly(provider: ChargingProvider): ChargingProvider {
  return {
    createCheckout: (request, signal) => provider.createCheckout(request, signal),
    orderOf: (id, signal) => provider.orderOf(id, signal),
    async paymentsOf(order, signal) {
      const payments = await provider.paymentsOf(order, signal);
      await sleep(Math.random() * 60);
      if (Math.random() < 0.05) throw new Error('the answer was lost');
      return payments;
    },
  };
}

const unrulyProviders: ChargingProviders = {
  ...(providers.mercadopago === undefined ? {} : { mercadopago: unruly(providers.mercadopago) }),
  ...(providers.stripe === undefined ? {} : { stripe: unruly(providers.stripe) }),
};
startCharging({
  app,
  system,
  providers: unrulyProviders,
  news: listenForNews(url),
  logger: pino({ level: 'silent' }),
});
console.log('ready');
