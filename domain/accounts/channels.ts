import { type ChannelKind } from './queries-channels.ts';
import { readChannels, upsertChannel } from './queries-channels.ts';
import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { findSecret, putSecret, type SecretPurpose } from './queries-secrets.ts';
import type { SecretBox } from '../../outbound/secret-box.ts';
import { refuse } from '../shared/refused.ts';

export interface Actor {
  readonly accountId: string;
  readonly actor: string;
}

/** The secret (`whsec_…`) that an account's own systems sign with: PUT /api/v1/secrets/inbound_webhook. */
export const inboundSecretName = 'inbound_webhook';

/** Standard Webhooks: base64 of at least 16 bytes, behind its prefix or without. */
const webhookSecret =
  /^(?:whsec_)?(?:[A-Za-z0-9+/]{4}){5,}(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$/;

/** Names of what comes with the product: an account's own must not be taken for it. */
export function isReserved(name: string): boolean {
  return /^bundled(?![a-z0-9])/.test(name);
}

export interface NewSecret {
  readonly name: string;
  readonly value: string;
  /** Default: a channel's. That of inbound webhooks is known by its name. */
  readonly purpose?: Exclude<SecretPurpose, 'inbound_webhook'>;
}

/** Stores a secret of the account under a name; whatever names it uses the new value from now on. Throws `OperationRefused`. */
export async function storeSecret(
  trx: Trx,
  box: SecretBox,
  { accountId, actor }: Actor,
  secret: NewSecret,
): Promise<void> {
  const { name, value } = secret;
  if (isReserved(name)) throw refuse('name_reserved', { name }, { field: 'name' });
  const isInbound = name === inboundSecretName;
  if (isInbound && !webhookSecret.test(value)) {
    throw refuse('webhook_secret_invalid', {}, { field: 'value' });
  }
  const purpose = isInbound ? 'inbound_webhook' : (secret.purpose ?? 'channel');
  await putSecret(trx, { accountId, name, sealed: box.seal(accountId, value), purpose });
  await writeAudit(trx, { accountId, actor, action: 'secret.stored', subject: name });
}

/** What a secret is wanted for; a tool's with the origin that it will be presented to. */
export type SecretUse =
  { readonly purpose: 'channel' | 'inbound_webhook' } | { readonly purpose: 'tool'; readonly origin: string };

/** Undefined when the account has none of that name, or has it for something else. */
export async function openSecret(
  trx: Trx,
  box: SecretBox,
  accountId: string,
  name: string,
  use: SecretUse,
): Promise<string | undefined> {
  const found = await findSecret(trx, accountId, name);
  if (found === undefined || found.purpose !== use.purpose) return undefined;
  if (use.purpose === 'tool' && found.bound_to !== use.origin) return undefined;
  return box.open(accountId, found.sealed);
}

/** What each channel needs: plain settings, and secrets by what they are for. */
export const channelNeeds = {
  whatsapp: {
    settings: ['phone_number_id', 'template', 'language'],
    secrets: ['access_token', 'app_secret', 'verify_token'],
  },
  mercadopago: { settings: [], secrets: ['access_token', 'webhook_secret'] },
} as const satisfies Record<ChannelKind, { settings: readonly string[]; secrets: readonly string[] }>;

export interface ChannelConfig {
  readonly kind: ChannelKind;
  readonly settings: Readonly<Record<string, string>>;
  /** Purpose → name of a secret of the account. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Configures a channel; a repeated one replaces it. Throws `OperationRefused` that names what is missing. */
export async function configureChannel(
  trx: Trx,
  { accountId, actor }: Actor,
  config: ChannelConfig,
): Promise<void> {
  const needs = channelNeeds[config.kind];
  const missing = [
    ...needs.settings
      .filter((name) => (config.settings[name] ?? '') === '')
      .map((name) => ({ field: `settings.${name}`, message: 'is required' })),
    ...needs.secrets
      .filter((name) => (config.secrets[name] ?? '') === '')
      .map((name) => ({ field: `secrets.${name}`, message: 'is required: the name of a secret' })),
  ];
  for (const [purpose, name] of Object.entries(config.secrets)) {
    if ((await findSecret(trx, accountId, name))?.purpose === 'channel') continue;
    missing.push({
      field: `secrets.${purpose}`,
      message: `there is no secret "${name}" of a channel: PUT it to /api/v1/secrets/${name} first`,
    });
  }
  if (missing.length > 0) {
    throw refuse('channel_incomplete', { kind: config.kind }, { errors: missing });
  }
  await upsertChannel(trx, accountId, config);
  await writeAudit(trx, { accountId, actor, action: 'channel.configured', subject: config.kind });
}

export async function listChannels(trx: Trx): Promise<readonly ChannelConfig[]> {
  const rows = await readChannels(trx);
  return rows.map(({ kind, settings, secrets }) => ({ kind, settings: asTexts(settings), secrets }));
}

/** A channel with its secrets opened, for whoever is about to use it. */
export interface OpenChannel {
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Undefined when the account has not configured it, or one of its secrets is gone. */
export async function openChannel(
  trx: Trx,
  box: SecretBox,
  accountId: string,
  kind: ChannelKind,
): Promise<OpenChannel | undefined> {
  const row = (await readChannels(trx)).find((one) => one.kind === kind);
  if (row === undefined) return undefined;
  const opened: Record<string, string> = {};
  for (const [purpose, name] of Object.entries(row.secrets)) {
    const secret = await openSecret(trx, box, accountId, name, { purpose: 'channel' });
    if (secret === undefined) return undefined;
    opened[purpose] = secret;
  }
  return { settings: asTexts(row.settings), secrets: opened };
}

function asTexts(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}
