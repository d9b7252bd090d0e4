import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { boundedBody } from '../body-bound.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { json, problems } from '../schemas.ts';
import { receiveWebhook } from './receive.ts';
import { webhookAnswerSchema, webhookParams } from './schemas.ts';

/** A call of two hours has a transcript with word times of a few MB. */
const maxBodyBytes = 10 * 1024 * 1024;

const retell = createRoute({
  method: 'post',
  path: '/api/v1/webhooks/retell/{account}',
  tags: ['webhooks'],
  summary: "Retell's events: signed, stored raw, settled once",
  description: 'Verified by `x-retell-signature` over the raw body, not by an API key.',
  request: {
    params: webhookParams,
    // A plain schema: a zod one would parse the body before its signature has been looked at.
    body: { required: true, content: { 'application/json': { schema: { type: 'object' as const } } } },
  },
  responses: {
    200: json(webhookAnswerSchema, 'Taken, or taken before.'),
    ...problems.badRequest,
    ...problems.unsigned,
    ...problems.notFound,
    ...problems.tooLarge,
  },
});

export function webhookRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.use(retell.getRoutingPath(), boundedBody(maxBodyBytes));
  router.openapi(retell, async (c) => {
    const { account } = c.req.valid('param');
    const rawBody = await c.req.text();
    const signature = c.req.header('x-retell-signature');
    const { duplicate } = await receiveWebhook(deps, { account, rawBody, signature });
    return c.json({ received: true as const, duplicate }, 200);
  });
  return router;
}
