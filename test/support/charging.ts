import { inAccount, type Trx } from '../../db/client.ts';
import { openCharging, type OpenedCharging } from '../../channels/charging.ts';
import { createFakeCharging, type FakeCharging } from '../../dev/fakes/charging.ts';
import { listenOn } from '../../dev/listen.ts';
import { createAccount } from '../../domain/accounts/accounts.ts';
import { askOrdersOnce, type AskDeps, handleEventsOnce } from '../../domain/charging/ask-orders.ts';
import { createOrder, onlineOf, openCheckout, type Wanted } from '../../domain/charging/orders.ts';
import { insertRate } from '../../domain/charging/queries-plans.ts';
import type { OrderRow } from '../../domain/charging/queries-orders.ts';
import type { OrderProvider } from '../../db/schema/charging.ts';
import { type ApiWorld, createApiWorld } from './api.ts';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';

export const chargingKeys = {
  mercadoPagoToken: 'mp_platform_token',
  mercadoPagoSecret: 'mp_platform_secret',
  stripeKey: 'sk_test_of_the_tests',
  stripeSecret: 'whsec_of_the_tests',
} as const;

/** The API with both providers behind it, faked, each telling the API of what is paid. */
export interface ChargingWorld {
  readonly api: ApiWorld;
  readonly app: ApiWorld['app'];
  readonly apiUrl: string;
  readonly fakeUrl: string;
  readonly fake: FakeCharging;
  readonly charging: OpenedCharging;
  readonly deps: AskDeps;
  readonly warnings: { readonly facts: Readonly<Record<string, unknown>>; readonly message: string }[];
  inside<T>(accountId: string, work: (trx: Trx) => Promise<T>): Promise<T>;
  account(plan: 'credit_based' | 'minutes_based'): Promise<string>;
  order(accountId: string, what: Wanted, provider?: OrderProvider): Promise<OrderRow>;
  /** Everything that waits is handled; also what would only be asked about later. */
  settle(options?: { readonly all?: boolean }): Promise<void>;
  tellProviders(of: 'both' | 'none'): void;
  close(): Promise<void>;
}

export async function createChargingWorld(): Promise<ChargingWorld> {
  const api = await createApiWorld();
  const { world } = api;
  const fake = createFakeCharging(chargingKeys);
  const fakeUrl = await fake.start();
  const options = {
    mercadoPago: {
      accessToken: chargingKeys.mercadoPagoToken,
      webhookSecret: chargingKeys.mercadoPagoSecret,
      baseUrl: fakeUrl,
    },
    stripe: {
      secretKey: chargingKeys.stripeKey,
      webhookSecret: chargingKeys.stripeSecret,
      baseUrl: fakeUrl,
    },
  };
  const charging = openCharging(options, undefined);
  const app = api.appWith({ charging });
  const listening = await listenOn((request) => app.fetch(request), 0);
  const tellProviders: ChargingWorld['tellProviders'] = (of) => {
    const url = (name: string): string | undefined =>
      of === 'both' ? `${listening.url}/api/v1/webhooks/orders/${name}` : undefined;
    fake.mercadoPago.setWebhookUrl(url('mercadopago'));
    fake.stripe.setWebhookUrl(url('stripe'));
  };
  tellProviders('both');
  const warnings: ChargingWorld['warnings'] = [];
  const deps: AskDeps = {
    app: world.app,
    system: world.system,
    providers: charging.providers,
    warn: (facts, message) => void warnings.push({ facts, message }),
  };
  const [rateOf] = [world.accountId];
  await inAccount(world.app, rateOf, (trx) =>
    insertRate(trx, { currency: 'CLP', perUsdMicros: 953_470_000n, source: 'test', setBy: 'test' }),
  );
  return {
    api,
    app,
    apiUrl: listening.url,
    fakeUrl,
    fake,
    charging,
    deps,
    warnings,
    inside: (accountId, work) => inAccount(world.app, accountId, work),
    account: (plan) =>
      createAccount(world.app, {
        slug: `buys-${randomUUID().slice(0, 8)}`,
        name: 'Cuenta que compra',
        country: 'CL',
        zone: 'America/Santiago',
        debtCurrency: 'CLP',
        plan,
        rateMicrosPerMinute: 40_000n,
        maxLines: null,
        poolId: world.poolId,
        packs: [{ key: 'demo', signedOffBy: null }],
      }),
    async order(accountId, what, provider) {
      const made = await inAccount(world.app, accountId, (trx) =>
        createOrder(
          trx,
          { accountId, actor: 'test' },
          { what, provider },
          { online: onlineOf(charging.providers), now: new Date() },
        ),
      );
      const ids = { accountId, orderId: made.id };
      const order = await openCheckout(world.app, charging.providers, ids, AbortSignal.timeout(5_000));
      return order ?? made;
    },
    async settle({ all = false } = {}) {
      const { owner } = world;
      if (all) {
        await sql`update core.payment_order set ask_at = now()`.execute(owner);
        await sql`update operation.payment_event set due_at = now() where handled_at is null`.execute(owner);
      }
      while ((await handleEventsOnce(deps)) + (await askOrdersOnce(deps)) > 0);
    },
    tellProviders,
    async close() {
      await listening.close();
      await fake.stop();
      await api.close();
    },
  };
}

/** Seeded: the same numbers in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
