import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { inAccount } from '../../db/client.ts';
import { listSecrets } from '../../domain/accounts/queries-secrets.ts';
import { configureChannel, listChannels, storeSecret } from '../../domain/accounts/channels.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import {
  anyTextSchema,
  form,
  instantSchema,
  json,
  maybe,
  otherwise,
  problems,
  textSchema,
} from '../schemas.ts';

const tags = ['channels'];
const nameSchema = form(/^[a-z][a-z0-9_-]{1,62}$/, 'name');
const texts = z.record(z.string(), z.string());

const secretParams = z.object({ name: nameSchema });
const secretSchema = z
  .object({
    value: anyTextSchema(4_000),
    purpose: otherwise(z.enum(['channel', 'tool']), 'channel').openapi({
      description:
        'What it is for: a channel (WhatsApp, Mercado Pago), or the token of an MCP server. A secret of one purpose is never used for another.',
    }),
  })
  .strict()
  .openapi('SecretValue');
const secretListSchema = z
  .object({
    secrets: z.array(
      z.object({
        name: z.string(),
        purpose: z.enum(['channel', 'tool', 'inbound_webhook']),
        bound_to: z.string().nullable().openapi({ description: 'The host that a secret of a tool is for.' }),
        changed_at: instantSchema,
      }),
    ),
  })
  .openapi('SecretList');
const channelParams = z.object({ kind: z.enum(['whatsapp', 'mercadopago']) });
const setting = maybe(textSchema(500));
const secretName = maybe(nameSchema);
/** What the channels take, each by its name: a record's keys would be checked, and its document could not say so. */
const channelSchema = z
  .object({
    settings: maybe(
      z.object({ phone_number_id: setting, template: setting, language: setting }).strict(),
    ).openapi({
      default: {},
      description: 'whatsapp: phone_number_id, template, language. mercadopago: none.',
      example: { phone_number_id: '105500000000000', template: 'link_pago_v1', language: 'es_CL' },
    }),
    secrets: z
      .object({
        access_token: secretName,
        app_secret: secretName,
        verify_token: secretName,
        webhook_secret: secretName,
      })
      .strict()
      .openapi({
        description:
          'What each secret is for, and its name. whatsapp: access_token, app_secret, verify_token. ' +
          'mercadopago: access_token, webhook_secret.',
        example: { access_token: 'wa_access', app_secret: 'wa_app', verify_token: 'wa_verify' },
      }),
  })
  .strict()
  .openapi('ChannelConfig');
const channelListSchema = z
  .object({ channels: z.array(z.object({ kind: z.string(), settings: texts, secrets: texts })) })
  .openapi('ChannelList');

const putSecret = createRoute({
  method: 'put',
  path: '/api/v1/secrets/{name}',
  tags,
  summary: 'Store a secret under a name; it is never shown again',
  ...access('channels:write'),
  request: {
    params: secretParams,
    body: { required: true, content: { 'application/json': { schema: secretSchema } } },
  },
  responses: {
    204: { description: 'Stored, sealed.' },
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.unprocessable,
    ...problems.unavailable,
  },
});

const getSecrets = createRoute({
  method: 'get',
  path: '/api/v1/secrets',
  tags,
  summary: 'Names of secrets, and when they changed',
  ...access('channels:read'),
  responses: { 200: json(secretListSchema, 'All of them.'), ...problems.unauthorised },
});

const putChannel = createRoute({
  method: 'put',
  path: '/api/v1/channels/{kind}',
  tags,
  summary: 'Configure WhatsApp or Mercado Pago, with secrets by name',
  description:
    'Their webhooks come to /api/v1/webhooks/whatsapp/{account id} and /api/v1/webhooks/mercadopago/{account id}.',
  ...access('channels:write'),
  request: {
    params: channelParams,
    body: { required: true, content: { 'application/json': { schema: channelSchema } } },
  },
  responses: {
    204: { description: 'Configured; a repeated request replaces it.' },
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.unprocessable,
  },
});

const getChannels = createRoute({
  method: 'get',
  path: '/api/v1/channels',
  tags,
  summary: 'Configured channels, without their secrets',
  ...access('channels:read'),
  responses: { 200: json(channelListSchema, 'All of them.'), ...problems.unauthorised },
});

export function channelRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const box = deps.secrets ?? noSecretBox;
  router.openapi(putSecret, async (c) => {
    const caller = callerOf(c);
    const { name } = c.req.valid('param');
    const { value, purpose } = c.req.valid('json');
    await inAccount(deps.app, caller.accountId, (trx) =>
      storeSecret(trx, box, caller, { name, value, purpose }),
    );
    return c.body(null, 204);
  });
  router.openapi(getSecrets, async (c) => {
    const rows = await inAccount(deps.app, callerOf(c).accountId, listSecrets);
    const secrets = rows.map(({ changed_at: at, ...row }) => ({ ...row, changed_at: at.toISOString() }));
    return c.json({ secrets }, 200);
  });
  router.openapi(putChannel, async (c) => {
    const caller = callerOf(c);
    const { settings, secrets } = c.req.valid('json');
    const { kind } = c.req.valid('param');
    const config = { kind, settings: stated(settings ?? {}), secrets: stated(secrets) };
    await inAccount(deps.app, caller.accountId, (trx) => configureChannel(trx, caller, config));
    return c.body(null, 204);
  });
  router.openapi(getChannels, async (c) => {
    const rows = await inAccount(deps.app, callerOf(c).accountId, listChannels);
    const channels = rows.map(({ kind, settings, secrets }) => ({
      kind,
      settings: { ...settings },
      secrets: { ...secrets },
    }));
    return c.json({ channels }, 200);
  });
  return router;
}

/** Those that are told. */
function stated(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
