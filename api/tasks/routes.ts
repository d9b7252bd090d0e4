import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { inAccount } from '../../db/client.ts';
import { resolveTask } from '../../domain/tasks/resolve.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { byId, pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import { idParams, idSchema, json, nextCursorSchema, pageQuery, problems } from '../schemas.ts';
import { presentTask, readTaskJson } from './present.ts';
import { listTasks } from '../../domain/tasks/queries-list.ts';
import { resolveSchema, taskSchema, taskWithContextSchema } from './schemas.ts';

const tags = ['tasks'];

const list = createRoute({
  method: 'get',
  path: '/api/v1/tasks',
  tags,
  summary: 'What people must look at: disputes, hardship, lawyers, payments to verify',
  ...access('tasks:read'),
  request: {
    query: pageQuery.extend({
      state: z.enum(['open', 'resolved']).optional(),
      contact_id: idSchema.optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ tasks: z.array(taskSchema), next_cursor: nextCursorSchema }).openapi('TaskPage'),
      'One page, the oldest first.',
    ),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/tasks/{id}',
  tags,
  summary: 'A task with contact, call, debts and agreement',
  ...access('tasks:read'),
  request: { params: idParams },
  responses: {
    200: json(taskWithContextSchema, 'The task.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

const resolve = createRoute({
  method: 'post',
  path: '/api/v1/tasks/{id}/resolve',
  tags,
  summary: 'Say what a person decided; the contact goes on, or closes',
  description:
    '`paid`: it was paid elsewhere. `resume`: calls go on, and a stop for this reason is lifted. `close`.',
  ...access('tasks:write'),
  request: {
    params: idParams,
    body: { required: true, content: { 'application/json': { schema: resolveSchema } } },
  },
  responses: {
    200: json(taskSchema, 'Resolved.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.conflict,
  },
});

export function taskRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const { cursor, limit, state, contact_id: contactId } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      pageOf(limit, (most) => listTasks(trx, { state, contactId, after: cursor, limit: most }), byId),
    );
    return c.json({ tasks: shown.map(presentTask), next_cursor }, 200);
  });
  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const task = await inAccount(deps.app, c.get('caller').accountId, (trx) => readTaskJson(trx, id));
    return c.json(task, 200);
  });
  router.openapi(resolve, async (c) => {
    const { id: taskId } = c.req.valid('param');
    const caller = callerOf(c);
    const task = await inAccount(deps.app, caller.accountId, async (trx) => {
      await resolveTask(trx, caller, { taskId, ...c.req.valid('json') });
      return readTaskJson(trx, taskId);
    });
    return c.json(taskSchema.parse(task), 200);
  });
  return router;
}
