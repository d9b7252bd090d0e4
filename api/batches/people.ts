import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { findBatch } from '../../domain/batches/queries-list.ts';
import { type BatchImportRow, listBatchImports } from '../../domain/batches/queries-imports.ts';
import { addPeople } from '../../domain/batches/take-people.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { keyed } from '../keyed.ts';
import { pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import {
  idempotencyHeader,
  maybe,
  idParams,
  idSchema,
  instantSchema,
  json,
  nextCursorSchema,
  pageQuery,
  problems,
} from '../schemas.ts';

const tags = ['batches'];

const count = z.int().min(0);

const addedPeopleSchema = z
  .object({
    import_id: idSchema,
    batch_id: idSchema,
    people: count.openapi({ description: 'People of the import.' }),
    added: count.openapi({ description: 'Those that the import has brought into the batch.' }),
    already_there: count.openapi({
      description:
        'Those that were in the batch before. One person is one contact: nothing of theirs is changed.',
    }),
    already_paid: count.openapi({
      description: 'Those whose debts are paid by our record: no contact was made of them.',
    }),
    to_come: count.openapi({ description: 'Those that are still to be taken, in portions.' }),
    state: z.enum(['taking', 'ended']).openapi({
      description: '`ended`: all are in, or the batch was cancelled before, with `to_come` left out.',
    }),
    created_at: instantSchema,
    ended_at: instantSchema.nullable(),
  })
  .openapi('AddedPeople');

const addedPeoplePageSchema = z
  .object({ imports: z.array(addedPeopleSchema), next_cursor: nextCursorSchema })
  .openapi('AddedPeoplePage');

const newPeopleSchema = z
  .object({
    import_id: idSchema,
    settled: maybe(z.enum(['leave_out', 'call'])).openapi({
      description:
        'People whose debts are paid by our record. Default: those of whom it is certain (by the reference of the debt) are left out, and when others may have paid the request is refused with `settled_unclear`. `leave_out` leaves those out too, `call` calls all of them.',
    }),
  })
  .strict()
  .openapi('NewPeople');

const add = createRoute({
  method: 'post',
  path: '/api/v1/batches/{id}/people',
  tags,
  summary: 'Add the people of an import to a batch that runs or is paused',
  description:
    'People come by an import (`POST /api/v1/imports`, a file or JSON): every row is checked there. They are called under the rules of the batch, behind those that are in it. Who is in it already stays one contact, as they are.',
  ...access('batches:write'),
  request: {
    params: idParams,
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: newPeopleSchema } } },
  },
  responses: {
    200: json(addedPeopleSchema, 'The import was added before: how far it is.'),
    201: json(addedPeopleSchema, 'The first people are in; `to_come` says how many are on their way.'),
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
  path: '/api/v1/batches/{id}/people',
  tags,
  summary: 'The imports whose people a batch takes, by id, and how far each is',
  ...access('batches:read'),
  request: { params: idParams, query: pageQuery },
  responses: {
    200: json(addedPeoplePageSchema, 'One page.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

export function batchPeopleRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(add, async (c) => {
    const { id: batchId } = c.req.valid('param');
    const body = c.req.valid('json');
    const caller = callerOf(c);
    const { accountId } = caller;
    const { method, path } = c.req;
    const key = c.req.valid('header')['idempotency-key'];
    const answer = await keyed(deps, { accountId, key, method, path, content: body }, async (trx) => {
      const { isNew, row } = await addPeople(trx, caller, {
        batchId,
        importId: body.import_id,
        settled: body.settled ?? null,
      });
      return { status: isNew ? 201 : 200, body: presentAdded(row) };
    });
    return c.json(addedPeopleSchema.parse(answer.body), answer.status === 201 ? 201 : 200);
  });
  router.openapi(list, async (c) => {
    const { id } = c.req.valid('param');
    const { cursor, limit } = c.req.valid('query');
    const page = await inAccount(deps.app, c.get('caller').accountId, async (trx) => {
      if ((await findBatch(trx, id)) === undefined) throw refuse('batch_not_found');
      const { shown, next_cursor } = await pageOf(
        limit,
        (most) => listBatchImports(trx, id, { after: cursor, limit: most }),
        (row) => row.import_id,
      );
      return { imports: shown.map(presentAdded), next_cursor };
    });
    return c.json(page, 200);
  });
  return router;
}

function presentAdded(row: BatchImportRow): z.infer<typeof addedPeopleSchema> {
  const {
    people_total: people,
    people_taken: taken,
    people_known: known,
    people_settled: paid,
    ended_at: endedAt,
  } = row;
  return {
    import_id: row.import_id,
    batch_id: row.batch_id,
    people,
    added: taken - known - paid,
    already_there: known,
    already_paid: paid,
    to_come: endedAt === null ? people - taken : 0,
    state: endedAt === null ? 'taking' : 'ended',
    created_at: row.created_at.toISOString(),
    ended_at: endedAt?.toISOString() ?? null,
  };
}
