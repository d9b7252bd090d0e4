import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { access } from '../access.ts';
import type { BatchAction } from '../../domain/batches/batches.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { idempotencyHeader, idParams, json, pageQuery, problems, reasonSchema } from '../schemas.ts';
import { changeBudget, changeOneBatch, makeBatch, readBatchPage, readOneBatch } from './handle.ts';
import {
  batchPageSchema,
  batchSchema,
  batchViewSchema,
  budgetChangeSchema,
  newBatchSchema,
} from './schemas.ts';

const tags = ['batches'];

const create = createRoute({
  method: 'post',
  path: '/api/v1/batches',
  tags,
  summary: 'Work an import: one contact per person, called until it closes',
  ...access('batches:write'),
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: newBatchSchema } } },
  },
  responses: {
    201: json(batchSchema, 'The batch runs.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.conflict,
    ...problems.unprocessable,
    ...problems.unavailable,
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/batches',
  tags,
  summary: 'Batches, newest first, with progress and cost',
  ...access('batches:read'),
  request: { query: pageQuery },
  responses: { 200: json(batchPageSchema, 'One page.'), ...problems.badRequest, ...problems.unauthorised },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/batches/{id}',
  tags,
  summary: 'A batch with progress and cost',
  ...access('batches:read'),
  request: { params: idParams },
  responses: {
    200: json(batchViewSchema, 'The batch.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

function changeRoute<A extends BatchAction>(action: A, summary: string) {
  return createRoute({
    method: 'post',
    path: `/api/v1/batches/{id}/${action}`,
    tags,
    summary,
    ...access('batches:write'),
    request: {
      params: idParams,
      body: { required: true, content: { 'application/json': { schema: reasonSchema } } },
    },
    responses: {
      200: json(batchViewSchema, 'The batch as it is now; a repeated request changes nothing.'),
      ...problems.badRequest,
      ...problems.unauthorised,
      ...problems.notFound,
      ...problems.conflict,
    },
  });
}

const budget = createRoute({
  method: 'put',
  path: '/api/v1/batches/{id}/budget',
  tags,
  summary: 'Say what a batch may cost at most',
  description:
    'Calls and messages together. Who is not called because of it waits `suspended` with that reason, and goes on when it is raised; calls that run are let end.',
  ...access('batches:write'),
  request: {
    params: idParams,
    body: { required: true, content: { 'application/json': { schema: budgetChangeSchema } } },
  },
  responses: {
    200: json(batchViewSchema, 'The batch as it is now.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.conflict,
    ...problems.unprocessable,
  },
});

const changes = [
  ['pause', changeRoute('pause', 'Hold every contact in place')],
  ['resume', changeRoute('resume', 'Go on after a pause')],
  ['cancel', changeRoute('cancel', 'Close every contact; calls that run are let end')],
] as const;

export function batchRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(list, async (c) =>
    c.json(await readBatchPage(deps, c.get('caller').accountId, c.req.valid('query')), 200),
  );
  router.openapi(get, async (c) =>
    c.json(await readOneBatch(deps, c.get('caller').accountId, c.req.valid('param').id), 200),
  );
  for (const [action, route] of changes) {
    router.openapi(route, async (c) => {
      const change = { batchId: c.req.valid('param').id, action, ...c.req.valid('json') };
      return c.json(await changeOneBatch(deps, callerOf(c), change), 200);
    });
  }
  router.openapi(budget, async (c) =>
    c.json(await changeBudget(deps, callerOf(c), c.req.valid('param').id, c.req.valid('json')), 200),
  );
  router.openapi(create, async (c) => {
    const request = { key: c.req.valid('header')['idempotency-key'], method: c.req.method, path: c.req.path };
    return c.json(await makeBatch(deps, callerOf(c), c.req.valid('json'), request), 201);
  });
  return router;
}
