import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { findDelivery, listDeliveries } from '../../domain/integrations/queries-deliveries.ts';
import {
  createEndpoint,
  deleteEndpoint,
  type EndpointDeps,
  listEndpoints,
  replay,
  rotateEndpoint,
  switchEndpoint,
  testEndpoint,
} from '../../domain/integrations/webhook-endpoints.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { byId, pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import { idParams, json, problems } from '../schemas.ts';
import { presentDelivery, presentEndpoint } from './present.ts';
import {
  createdEndpointSchema,
  deliveryPageSchema,
  deliveryQuery,
  deliverySchema,
  endpointListSchema,
  newEndpointSchema,
  replayedSchema,
  rotatedSchema,
  testSentSchema,
} from './schemas.ts';

const tags = ['webhook endpoints'];
const base = '/api/v1/webhook-endpoints';
const found = { ...problems.badRequest, ...problems.unauthorised, ...problems.notFound };

const create = createRoute({
  method: 'post',
  path: base,
  tags,
  summary: 'Be told of events: an address of yours, and the types that it wants',
  description:
    'Signed as Standard Webhooks says; the libraries of standardwebhooks.com verify it. One `webhook-id` may come ' +
    'more than once: take it once. Tried ten times over some nineteen hours, then dead until it is replayed.',
  ...access('webhooks:write'),
  request: { body: { required: true, content: { 'application/json': { schema: newEndpointSchema } } } },
  responses: {
    201: json(createdEndpointSchema, 'The endpoint, with its secret: shown once.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.conflict,
    ...problems.unprocessable,
    ...problems.unavailable,
  },
});

const list = createRoute({
  method: 'get',
  path: base,
  tags,
  summary: 'Endpoints, newest first',
  ...access('webhooks:read'),
  responses: { 200: json(endpointListSchema, 'All of them.'), ...problems.unauthorised },
});

const rotate = createRoute({
  method: 'post',
  path: `${base}/{id}/rotate`,
  tags,
  summary: 'A new secret; the old one signs beside it for 24 hours',
  ...access('webhooks:write'),
  request: { params: idParams },
  responses: { 200: json(rotatedSchema, 'The new secret: shown once.'), ...found, ...problems.unavailable },
});

const switches = [
  { enabled: false, route: switchRoute('disable', 'Send nothing more there; what waits, waits') },
  { enabled: true, route: switchRoute('enable', 'Go on, with what waited') },
];

function switchRoute(action: string, summary: string) {
  return createRoute({
    method: 'post',
    path: `${base}/{id}/${action}`,
    tags,
    summary,
    ...access('webhooks:write'),
    request: { params: idParams },
    responses: { 204: { description: 'Done; repeating it changes nothing.' }, ...found },
  });
}

const remove = createRoute({
  method: 'delete',
  path: `${base}/{id}`,
  tags,
  summary: 'Delete an endpoint: what waits for it is given up, and its secrets are gone',
  ...access('webhooks:write'),
  request: { params: idParams },
  responses: { 204: { description: 'It is gone; its past deliveries can still be read.' }, ...found },
});

const test = createRoute({
  method: 'post',
  path: `${base}/{id}/test`,
  tags,
  summary: 'Send a test event to this endpoint: signed, tried and listed as every other',
  description: 'Its type is `webhook.test`, whatever types the endpoint wants. At most five a minute.',
  ...access('webhooks:write'),
  request: { params: idParams },
  responses: { 202: json(testSentSchema, 'It is on its way.'), ...found, ...problems.conflict },
});

const replayAll = createRoute({
  method: 'post',
  path: `${base}/{id}/replay`,
  tags,
  summary: 'Send every dead delivery of this endpoint again',
  ...access('webhooks:write'),
  request: { params: idParams },
  responses: { 200: json(replayedSchema, 'How many.'), ...found },
});

const deliveries = createRoute({
  method: 'get',
  path: '/api/v1/webhook-deliveries',
  tags,
  summary: 'Deliveries, newest first; `state=dead` for those that were given up',
  ...access('webhooks:read'),
  request: { query: deliveryQuery },
  responses: {
    200: json(deliveryPageSchema, 'One page.'),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

const delivery = createRoute({
  method: 'get',
  path: '/api/v1/webhook-deliveries/{id}',
  tags,
  summary: 'One delivery: whether the receiver has it, and what it answered last',
  ...access('webhooks:read'),
  request: { params: idParams },
  responses: { 200: json(deliverySchema, 'The delivery.'), ...found },
});

const replayOne = createRoute({
  method: 'post',
  path: '/api/v1/webhook-deliveries/{id}/replay',
  tags,
  summary: 'Send a dead delivery again, under the same `webhook-id`',
  ...access('webhooks:write'),
  request: { params: idParams },
  responses: { 200: json(replayedSchema, '1, or 0 when it was not dead.'), ...found },
});

export function webhookEndpointRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const inside = <T>(accountId: string, work: (trx: Trx) => Promise<T>): Promise<T> =>
    inAccount(deps.app, accountId, work);
  const endpointDeps: EndpointDeps = {
    secrets: deps.secrets ?? noSecretBox,
    targets: deps.targets ?? { allowPrivate: false },
  };
  router.openapi(create, async (c) => {
    const { url, description = '', event_types: eventTypes } = c.req.valid('json');
    const caller = callerOf(c);
    const made = await inside(caller.accountId, (trx) =>
      createEndpoint(trx, endpointDeps, { ...caller, url, description, eventTypes }),
    );
    return c.json({ ...presentEndpoint(made.endpoint), secret: made.secret }, 201);
  });
  router.openapi(list, async (c) => {
    const rows = await inside(callerOf(c).accountId, listEndpoints);
    return c.json({ endpoints: rows.map(presentEndpoint) }, 200);
  });
  router.openapi(rotate, async (c) => {
    const ref = { ...callerOf(c), endpointId: c.req.valid('param').id };
    const secret = await inside(ref.accountId, (trx) => rotateEndpoint(trx, endpointDeps, ref));
    return c.json({ secret }, 200);
  });
  for (const { enabled, route } of switches) {
    router.openapi(route, async (c) => {
      const ref = { ...callerOf(c), endpointId: c.req.valid('param').id };
      await inside(ref.accountId, (trx) => switchEndpoint(trx, ref, enabled));
      return c.body(null, 204);
    });
  }
  router.openapi(remove, async (c) => {
    const ref = { ...callerOf(c), endpointId: c.req.valid('param').id };
    await inside(ref.accountId, (trx) => deleteEndpoint(trx, ref));
    return c.body(null, 204);
  });
  router.openapi(test, async (c) => {
    const ref = { ...callerOf(c), endpointId: c.req.valid('param').id };
    return c.json(await inside(ref.accountId, (trx) => testEndpoint(trx, ref)), 202);
  });
  addDeliveries(router, inside);
  return router;
}

function addDeliveries(
  router: OpenAPIHono<ApiEnv>,
  inside: <T>(accountId: string, work: (trx: Trx) => Promise<T>) => Promise<T>,
): void {
  router.openapi(replayAll, async (c) => {
    const caller = callerOf(c);
    const endpointId = c.req.valid('param').id;
    const replayed = await inside(caller.accountId, (trx) => replay(trx, caller, { endpointId }));
    return c.json({ replayed }, 200);
  });
  router.openapi(deliveries, async (c) => {
    const { state, endpoint, cursor, limit } = c.req.valid('query');
    const wanted = { state, endpointId: endpoint, after: cursor };
    const { shown, next_cursor } = await inside(callerOf(c).accountId, (trx) =>
      pageOf(limit, (most) => listDeliveries(trx, { ...wanted, limit: most }), byId),
    );
    return c.json({ deliveries: shown.map(presentDelivery), next_cursor }, 200);
  });
  router.openapi(delivery, async (c) => {
    const row = await inside(callerOf(c).accountId, (trx) => findDelivery(trx, c.req.valid('param').id));
    if (row === undefined) throw refuse('delivery_not_found');
    return c.json(presentDelivery(row), 200);
  });
  router.openapi(replayOne, async (c) => {
    const caller = callerOf(c);
    const deliveryId = c.req.valid('param').id;
    const replayed = await inside(caller.accountId, (trx) => replay(trx, caller, { deliveryId }));
    return c.json({ replayed }, 200);
  });
}
