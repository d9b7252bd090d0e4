import { type ChannelKind } from './queries-channels.ts';
import { readChannels, upsertChannel } from './queries-channels.ts';
import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { findSecret, putSecret } from './queries-secrets.ts';
import type { SecretBox } from '../../outbound/secret-box.ts';
import { refuse } from '../shared/refused.ts';

export interface Actor {
  readonly accountId: string;
  readonly actor: string;
}

/** Stores a secret of the account under a name; whatever names it uses the new value from now on. */
export async function storeSecret(
  trx: Trx,
  box: SecretBox,
  { accountId, actor }: Actor,
  name: string,
  value: string,
): Promise<void> {
  await putSecret(trx, accountId, name, box.seal(accountId, value));
  await writeAudit(trx, { accountId, actor, action: 'secret.stored', subject: name });
}

/** Undefined when the account has none of that name. */
export async function openSecret(
  trx: Trx,
  box: SecretBox,
  accountId: string,
  name: string,
): Promise<string | undefined> {
  const sealed = await findSecret(trx, accountId, name);
  return sealed === undefined ? undefined : box.open(accountId, sealed);
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
    if ((await findSecret(trx, accountId, name)) !== undefined) continue;
    missing.push({
      field: `secrets.${purpose}`,
      message: `there is no secret "${name}": PUT it to /api/v1/secrets/${name} first`,
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
    const secret = await openSecret(trx, box, accountId, name);
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
