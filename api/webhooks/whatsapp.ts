import type { OpenAPIHono } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import {
  isSignedByMeta,
  isTokenOfAccount,
  readMessages,
  readPreferences,
  readStatuses,
} from '../../channels/whatsapp/webhook.ts';
import { openChannel } from '../../domain/accounts/channels.ts';
import { receiveInbound, receivePreference } from '../../domain/messages/receive-inbound.ts';
import { receiveStatus } from '../../domain/messages/receive-status.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import { boundedBody } from '../body-bound.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import { accountOfPath } from './account-of-path.ts';

/** Meta packs up to a thousand changes into one delivery. */
const maxBodyBytes = 3 * 1024 * 1024;
const path = '/api/v1/webhooks/whatsapp/:account{[A-Za-z0-9-]{2,40}}';

/** WhatsApp's webhooks: the handshake of their configuration, signed statuses, and requests for no more contact. */
export function whatsappRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const secretsOf = async (account: string) => {
    const accountId = await accountOfPath(deps.app, account);
    const channel = await inAccount(deps.app, accountId, (trx) =>
      openChannel(trx, deps.secrets ?? noSecretBox, accountId, 'whatsapp'),
    );
    if (channel === undefined) throw problem('webhook_foreign');
    return { accountId, secrets: channel.secrets };
  };
  router.get(path, async (c) => {
    const { secrets } = await secretsOf(c.req.param('account'));
    const isRight =
      c.req.query('hub.mode') === 'subscribe' &&
      isTokenOfAccount(c.req.query('hub.verify_token'), secrets['verify_token']);
    if (!isRight) throw problem('webhook_token');
    return c.text((c.req.query('hub.challenge') ?? '').replace(/[^\w.-]/g, ''));
  });
  router.use(path, boundedBody(maxBodyBytes));
  router.post(path, async (c) => {
    const { accountId, secrets } = await secretsOf(c.req.param('account'));
    // The bytes as they came: what is parsed and written again has another signature.
    const rawBody = new Uint8Array(await c.req.arrayBuffer());
    if (!isSignedByMeta(rawBody, c.req.header('x-hub-signature-256'), secrets['app_secret'] ?? '')) {
      throw problem('webhook_forged');
    }
    // One transaction each, in the order of the body: one that fails is sent again with all the others, and they are
    // the same rows then.
    const body = parse(rawBody);
    for (const report of readStatuses(body)) {
      const received = await receiveStatus(deps.app, accountId, report);
      if (received === 'settled' && report.fault !== null)
        deps.noteFault?.({ channel: 'message', provider: 'whatsapp', fault: report.fault });
    }
    for (const preference of readPreferences(body)) await receivePreference(deps.app, accountId, preference);
    for (const message of readMessages(body)) await receiveInbound(deps.app, accountId, message);
    return c.json({ received: true }, 200);
  });
  return router;
}

function parse(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(rawBody));
  } catch {
    throw problem('webhook_malformed');
  }
}
