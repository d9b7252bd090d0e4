import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { listBatches, numbersOf } from '../../domain/batches/queries-list.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { type BatchAction, changeBatch, createBatch } from '../../domain/batches/batches.ts';
import { currentSpan, noteIds } from '../../observability/context.ts';
import { keepTraceIn, traceOfImport } from '../../observability/trace-rows.ts';
import { inSpan } from '../../observability/tracing.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { keyed } from '../keyed.ts';
import { byId, pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import { idempotencyHeader, idParams, json, pageQuery, problems, reasonSchema } from '../schemas.ts';
import { type BatchJson, presentBatch, readBatchJson } from './present.ts';
import { batchPageSchema, batchSchema, batchViewSchema, newBatchSchema } from './schemas.ts';

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

const changes = [
  ['pause', changeRoute('pause', 'Hold every contact in place')],
  ['resume', changeRoute('resume', 'Go on after a pause')],
  ['cancel', changeRoute('cancel', 'Close every contact; calls that run are let end')],
] as const;

export function batchRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  addCreate(router, deps);
  router.openapi(list, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const page = await inAccount(deps.app, c.get('caller').accountId, async (trx) => {
      const { shown, next_cursor } = await pageOf(
        limit,
        (most) => listBatches(trx, { after: cursor, limit: most }),
        byId,
      );
      const numbers = await numbersOf(trx, shown.map(byId));
      const batches: BatchJson[] = [];
      // One after the other: a transaction has one connection.
      for (const row of shown) batches.push(await presentBatch(trx, row, numbers(row.id)));
      return { batches, next_cursor };
    });
    return c.json(page, 200);
  });
  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const batch = await inAccount(deps.app, c.get('caller').accountId, (trx) => readBatchJson(trx, id));
    return c.json(batch, 200);
  });
  for (const [action, route] of changes) {
    router.openapi(route, async (c) => {
      const { id } = c.req.valid('param');
      const { reason } = c.req.valid('json');
      const caller = callerOf(c);
      const batch = await inAccount(deps.app, caller.accountId, async (trx) => {
        await changeBatch(trx, caller, { batchId: id, action, reason });
        return readBatchJson(trx, id);
      });
      return c.json(batch, 200);
    });
  }
  return router;
}

/**
 * Part of the trace of its upload, which may be days old; the request is another trace that it has to do with. In the batch's own
 * transaction: whoever works on the batch reads its trace once.
 */
async function keepTraceOf(
  { app, tracing }: ApiDeps,
  trx: Trx,
  row: { readonly accountId: string; readonly batchId: string; readonly importId: string },
): Promise<void> {
  if (tracing?.tracer === undefined) return;
  noteIds({ batchId: row.batchId });
  const parent = await traceOfImport(app, row.accountId, row.importId);
  const link = currentSpan();
  await inSpan(tracing, 'start batch', parent === undefined ? {} : { parent, link }, () =>
    keepTraceIn(trx, 'core.batch', row.batchId),
  );
}

function addCreate(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  router.openapi(create, async (c) => {
    const body = c.req.valid('json');
    const caller = callerOf(c);
    const { accountId } = caller;
    const { method, path } = c.req;
    const key = c.req.valid('header')['idempotency-key'];
    const answer = await keyed(deps, { accountId, key, method, path, content: body }, async (trx) => {
      const batchId = await createBatch(trx, caller, {
        importId: body.import_id,
        name: body.name,
        pack: body.pack,
        policy: body.policy,
        negotiation: body.negotiation,
        pool: body.pool,
        groupSize: body.group_size,
        settled: body.settled,
      });
      await keepTraceOf(deps, trx, { accountId, batchId, importId: body.import_id });
      return { status: 201, body: await readBatchJson(trx, batchId) };
    });
    return c.json(batchSchema.parse(answer.body), 201);
  });
}
