import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { boundedBody } from '../body-bound.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { json, problems } from '../schemas.ts';
import { webhookParams } from '../webhooks/schemas.ts';
import { receiveFunction } from './receive.ts';

/** The provider sends the transcript so far along. */
const maxBodyBytes = 10 * 1024 * 1024;

const answerSchema = z
  .looseObject({
    ok: z.boolean(),
    code: z.string().openapi({ example: 'confirmed' }),
    say: z.string().openapi({ description: 'What the agent may say.' }),
    say_en: z.string(),
  })
  .openapi('FunctionAnswer');

const call = createRoute({
  method: 'post',
  path: '/api/v1/webhooks/retell/{account}/functions',
  tags: ['webhooks'],
  summary: 'What the voice agent asks during a call',
  description:
    'Functions: `confirm_identity`, `get_offers`, `accept_offer`, `reschedule`, `report`, `send_payment_link`. ' +
    'Verified by `x-retell-signature` over the raw body. A refusal by a rule is a 200 with `ok: false` and what to say.',
  request: {
    params: webhookParams,
    // A plain schema: a zod one would parse the body before its signature has been looked at.
    body: { required: true, content: { 'application/json': { schema: { type: 'object' as const } } } },
  },
  responses: {
    200: json(answerSchema, 'What to say, and whether it was done.'),
    ...problems.badRequest,
    ...problems.unsigned,
    ...problems.notFound,
    ...problems.conflict,
    ...problems.tooLarge,
  },
});

export function functionRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.use(call.getRoutingPath(), boundedBody(maxBodyBytes));
  router.openapi(call, async (c) => {
    const { account } = c.req.valid('param');
    const rawBody = await c.req.text();
    const signature = c.req.header('x-retell-signature');
    return c.json(await receiveFunction(deps, { account, rawBody, signature }), 200);
  });
  return router;
}
