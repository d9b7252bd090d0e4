import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { inAccount } from '../../db/client.ts';
import {
  createNegotiation,
  listNegotiations,
  viewNegotiation,
} from '../../domain/negotiation/negotiations.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { json, problems, versionParams } from '../schemas.ts';
import {
  negotiationsSchema,
  newNegotiationSchema,
  presentNegotiation,
  storedNegotiationSchema,
} from './schemas.ts';

const tags = ['negotiations'];

const list = createRoute({
  method: 'get',
  path: '/api/v1/negotiations',
  tags,
  summary: 'How debts are negotiated: the account’s own, and what ships',
  ...access('negotiations:read'),
  responses: { 200: json(negotiationsSchema, 'Every version.'), ...problems.unauthorised },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/negotiations/{key}/{version}',
  tags,
  summary: 'One version of a negotiation; the account’s own before one that ships',
  ...access('negotiations:read'),
  request: { params: versionParams },
  responses: {
    200: json(storedNegotiationSchema, 'The negotiation.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/negotiations',
  tags,
  summary: 'Store an own negotiation: the next version of its key',
  description: 'Versions never change: a batch keeps the one that it was made with.',
  ...access('negotiations:write'),
  request: { body: { required: true, content: { 'application/json': { schema: newNegotiationSchema } } } },
  responses: {
    201: json(storedNegotiationSchema, 'Stored; new batches take it by its key.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.conflict,
    ...problems.unprocessable,
  },
});

export function negotiationRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const stored = await inAccount(deps.app, c.get('caller').accountId, listNegotiations);
    return c.json({ negotiations: stored.map(presentNegotiation) }, 200);
  });
  router.openapi(get, async (c) => {
    const { key, version } = c.req.valid('param');
    const stored = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      viewNegotiation(trx, key, version),
    );
    return c.json(presentNegotiation(stored), 200);
  });
  router.openapi(create, async (c) => {
    const caller = callerOf(c);
    const { stages, ...rest } = c.req.valid('json');
    const [first, ...others] = stages;
    if (first === undefined) throw new Error('a negotiation without a stage passed its schema');
    const stored = await inAccount(deps.app, caller.accountId, (trx) =>
      createNegotiation(trx, caller, { ...rest, stages: [first, ...others] }),
    );
    return c.json(presentNegotiation(stored), 201);
  });
  return router;
}
