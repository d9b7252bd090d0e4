import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import { changeOneBatch, makeBatch, readBatchPage, readOneBatch } from '../batches/handle.ts';
import type { BatchJson } from '../batches/present.ts';
import { newBatchSchema } from '../batches/schemas.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { importSchema, uploadQuery } from '../imports/schemas.ts';
import { formBody } from '../imports/bodies.ts';
import { boundaryOf } from '../imports/multipart.ts';
import type { Uploads } from '../imports/uploads.ts';
import { preferHeader } from '../prefer.ts';
import { problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import { idempotencyHeader, idParams, json, pageQuery, problems } from '../schemas.ts';
import { oldBatchPageSchema, oldBatchSchema, oldMadeBatchSchema, reasonQuery } from './schemas.ts';
import { countJobs } from './states.ts';

const tags = ['first system'];

const upload = createRoute({
  method: 'post',
  path: '/api/upload/excel',
  tags,
  deprecated: true,
  summary: 'Upload an Excel or CSV of people, as POST /api/v1/imports',
  description: 'Nobody is called: a batch of the import does that.',
  ...access('imports:write'),
  request: {
    headers: idempotencyHeader.extend(preferHeader.shape),
    query: uploadQuery,
    body: { required: true, content: formBody },
  },
  responses: {
    200: json(importSchema, 'A dry run, or a file that was imported before.'),
    201: json(importSchema, 'The import is stored.'),
    202: json(importSchema, 'The import is under way; `Location` has its address.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.conflict,
    ...problems.tooLarge,
    ...problems.unprocessable,
    ...problems.tooMany,
    ...problems.unavailable,
  },
});

const create = createRoute({
  method: 'post',
  path: '/api/batches',
  tags,
  deprecated: true,
  summary: 'Work an import, as POST /api/v1/batches',
  ...access('batches:write'),
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: newBatchSchema } } },
  },
  responses: {
    201: json(oldMadeBatchSchema, 'The batch runs.'),
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
  path: '/api/batches',
  tags,
  deprecated: true,
  summary: 'Batches, newest first, as GET /api/v1/batches',
  ...access('batches:read'),
  request: { query: pageQuery },
  responses: {
    200: json(oldBatchPageSchema, 'One page.'),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

const get = createRoute({
  method: 'get',
  path: '/api/batches/{id}',
  tags,
  deprecated: true,
  summary: 'A batch with progress and cost, as GET /api/v1/batches/{id}',
  ...access('batches:read'),
  request: { params: idParams },
  responses: {
    200: json(oldBatchSchema, 'The batch.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

function changeRoute<A extends 'pause' | 'resume'>(action: A) {
  return createRoute({
    method: 'post',
    path: `/api/batches/{id}/${action}`,
    tags,
    deprecated: true,
    summary: `As POST /api/v1/batches/{id}/${action}; a body is not read`,
    ...access('batches:write'),
    request: { params: idParams, query: reasonQuery },
    responses: {
      200: json(oldBatchSchema, 'The batch as it is now; a repeated request changes nothing.'),
      ...problems.badRequest,
      ...problems.unauthorised,
      ...problems.notFound,
      ...problems.conflict,
    },
  });
}

const changes = [
  ['pause', changeRoute('pause')],
  ['resume', changeRoute('resume')],
] as const;

/** Uploads and batches of the first system: what /api/v1 does, and the states of its jobs beside it. */
export function oldBatchRoutes(deps: ApiDeps, uploads: Uploads): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(upload, async (c) => {
    if (boundaryOf(c.req.header('content-type')) === undefined) throw problem('not_multipart');
    const { status, answer, headers } = await uploads.take(c, c.req.valid('header'), c.req.valid('query'));
    return c.json(answer, status, headers);
  });
  router.openapi(create, async (c) => {
    const request = { key: c.req.valid('header')['idempotency-key'], method: c.req.method, path: c.req.path };
    return c.json(withJobs(await makeBatch(deps, callerOf(c), c.req.valid('json'), request)), 201);
  });
  router.openapi(list, async (c) => {
    const { batches, ...page } = await readBatchPage(deps, c.get('caller').accountId, c.req.valid('query'));
    return c.json({ batches: batches.map(withJobs), ...page }, 200);
  });
  router.openapi(get, async (c) =>
    c.json(withJobs(await readOneBatch(deps, c.get('caller').accountId, c.req.valid('param').id)), 200),
  );
  for (const [action, route] of changes) {
    router.openapi(route, async (c) => {
      const change = { batchId: c.req.valid('param').id, action, ...c.req.valid('query') };
      return c.json(withJobs(await changeOneBatch(deps, callerOf(c), change)), 200);
    });
  }
  return router;
}

const openStates = ['planned', 'waiting', 'suspended', 'calling', 'negotiating', 'paused'] as const;

function withJobs<B extends { readonly progress: Pick<BatchJson['progress'], 'by_state' | 'by_outcome'> }>(
  batch: B,
) {
  const { by_state: byState, by_outcome: byOutcome } = batch.progress;
  const closed = Object.entries(byOutcome).map(([outcome, contacts]) => ({
    state: 'closed' as const,
    outcome,
    contacts,
  }));
  const open = openStates.map((state) => ({ state, outcome: null, contacts: byState[state] }));
  return { ...batch, jobs: countJobs([...open, ...closed]) };
}
