import { createHmac, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeService, type Scripts } from './app-services.ts';
import type { ServiceSpec } from './service.ts';
import type { Settings } from './settings.ts';

/** Made once per state folder: with another one, what is stored sealed would not open any more. */
export async function secretsKey(stateDir: string): Promise<string> {
  const file = join(stateDir, 'secrets-key');
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept !== '') return kept;
  const key = randomBytes(32).toString('base64');
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return key;
}

/** What the simulated channels and the demo's account share. */
export interface ChannelKeys {
  readonly whatsAppToken: string;
  readonly whatsAppAppSecret: string;
  readonly whatsAppVerifyToken: string;
  readonly mercadoPagoToken: string;
  readonly mercadoPagoSecret: string;
  /** Of whoever takes what accounts pay us. */
  readonly chargingToken: string;
  readonly chargingSecret: string;
  readonly stripeKey: string;
  readonly stripeSecret: string;
}

export function channelKeys(key: string): ChannelKeys {
  const derive = (name: string): string => createHmac('sha256', key).update(name).digest('hex').slice(0, 32);
  return {
    whatsAppToken: derive('whatsapp token'),
    whatsAppAppSecret: derive('whatsapp app secret'),
    whatsAppVerifyToken: derive('whatsapp verify token'),
    mercadoPagoToken: derive('mercadopago token'),
    mercadoPagoSecret: derive('mercadopago secret'),
    chargingToken: derive('charging token'),
    chargingSecret: derive('charging secret'),
    stripeKey: `sk_test_${derive('stripe key')}`,
    stripeSecret: `whsec_${derive('stripe secret')}`,
  };
}

export interface ChannelAddresses {
  readonly settings: Settings;
  readonly key: string;
  readonly apiUrl: string;
}

/** For API, worker and MCP server: where the channels are, and the key of what is sealed. */
export function channelEnv({ settings, key }: ChannelAddresses): NodeJS.ProcessEnv {
  const keys = channelKeys(key);
  const payments = `http://127.0.0.1:${settings.mercadoPagoPort}`;
  return {
    SECRETS_KEY: process.env['SECRETS_KEY'] ?? key,
    ALLOW_PRIVATE_TARGETS: process.env['ALLOW_PRIVATE_TARGETS'] ?? 'true',
    MCP_PORT: String(settings.mcpPort),
    ...(settings.hasOwnChannels
      ? {}
      : {
          WHATSAPP_BASE_URL: `http://127.0.0.1:${settings.whatsAppPort}/v23.0`,
          MERCADOPAGO_BASE_URL: payments,
          CHARGING_MERCADOPAGO_URL: `${payments}/charging`,
          CHARGING_MERCADOPAGO_TOKEN: keys.chargingToken,
          CHARGING_MERCADOPAGO_SECRET: keys.chargingSecret,
          STRIPE_BASE_URL: payments,
          STRIPE_SECRET_KEY: keys.stripeKey,
          STRIPE_WEBHOOK_SECRET: keys.stripeSecret,
        }),
  };
}

/** The simulated channels; undefined where real ones were named, or a test has no stand-in for them. */
export function channelsService(
  { settings, key, apiUrl }: ChannelAddresses,
  scripts: Scripts,
  logDir: string,
): ServiceSpec | undefined {
  if (settings.hasOwnChannels || scripts.channels === undefined) return undefined;
  const keys = channelKeys(key);
  return nodeService({
    name: 'channels',
    script: scripts.channels,
    env: {
      FAKE_WHATSAPP_TOKEN: keys.whatsAppToken,
      FAKE_WHATSAPP_APP_SECRET: keys.whatsAppAppSecret,
      FAKE_WHATSAPP_PORT: String(settings.whatsAppPort),
      FAKE_WHATSAPP_WEBHOOK_URL: `${apiUrl}/api/v1/webhooks/whatsapp/{phone_number_id}`,
      FAKE_MERCADOPAGO_TOKEN: keys.mercadoPagoToken,
      FAKE_MERCADOPAGO_SECRET: keys.mercadoPagoSecret,
      FAKE_MERCADOPAGO_PORT: String(settings.mercadoPagoPort),
      FAKE_CHARGING_API_URL: apiUrl,
      FAKE_CHARGING_MERCADOPAGO_TOKEN: keys.chargingToken,
      FAKE_CHARGING_MERCADOPAGO_SECRET: keys.chargingSecret,
      FAKE_STRIPE_KEY: keys.stripeKey,
      FAKE_STRIPE_SECRET: keys.stripeSecret,
    },
    logDir,
    stopWithinMs: 5_000,
  });
}
