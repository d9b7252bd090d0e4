import type { OpenAPIHono } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { openChannel } from '../../domain/accounts/channels.ts';
import { openProvider } from '../../domain/payments/links.ts';
import { takePayment } from '../../domain/payments/receive-payment.ts';
import { storeRaw } from '../../domain/shared/queries-raw.ts';
import { storableText } from '../../domain/shared/rules/storable.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import { isSignedByMercadoPago } from '../../channels/mercadopago/webhook.ts';
import { boundedBody } from '../body-bound.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import { accountOfPath } from './account-of-path.ts';

const maxBodyBytes = 256 * 1024;
const longestId = 200;
/** Mercado Pago waits 22 seconds for an answer and then comes again. */
const askMs = 10_000;
const path = '/api/v1/webhooks/mercadopago/:account{[A-Za-z0-9-]{2,40}}';

/** Mercado Pago's notifications: verified, stored raw, and never believed: its API is asked for the payment. */
export function mercadoPagoRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const secrets = deps.secrets ?? noSecretBox;
  router.use(path, boundedBody(maxBodyBytes));
  router.post(path, async (c) => {
    const accountId = await accountOfPath(deps.app, c.req.param('account'));
    const { channel, provider } = await inAccount(deps.app, accountId, async (trx) => ({
      channel: await openChannel(trx, secrets, accountId, 'mercadopago'),
      provider: await openProvider(trx, { ...deps, secrets }, accountId),
    }));
    if (channel === undefined || provider === undefined) {
      throw problem('webhook_foreign');
    }
    const dataId = c.req.query('data.id');
    const requestId = c.req.header('x-request-id');
    const signed = { dataId, requestId, signature: c.req.header('x-signature') };
    // They end in an index, and are ids: what is longer is none.
    if ((dataId?.length ?? 0) > longestId || (requestId?.length ?? 0) > longestId) {
      throw problem('webhook_malformed');
    }
    if (dataId === undefined || !isSignedByMercadoPago(signed, channel.secrets['webhook_secret'] ?? '')) {
      throw problem('webhook_forged');
    }
    const rawBody = await c.req.text();
    const topic = storableText(c.req.query('type') ?? c.req.query('topic') ?? '').slice(0, 60);
    await inAccount(deps.app, accountId, (trx) =>
      storeRaw(trx, {
        accountId,
        provider: 'mercadopago',
        dedupeKey: storableText(`${requestId ?? ''}:${dataId}`),
        event: topic,
        subject: storableText(dataId),
        body: parse(rawBody),
      }),
    );
    if (topic !== 'payment') return c.json({ received: true, result: 'ignored' }, 200);
    // One deadline for all questions: what is not taken by then comes again.
    const deadline = AbortSignal.timeout(askMs);
    const result = await takePayment(deps.app, accountId, () => provider.findPayment(dataId, deadline));
    return c.json({ received: true, result }, 200);
  });
  return router;
}

function parse(rawBody: string): unknown {
  try {
    return JSON.parse(rawBody);
  } catch {
    // Not looked at for anything; kept as it came.
    return { text: rawBody };
  }
}
