import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { listRequests, type PrivacyRequestRow, readRequest } from '../../domain/privacy/queries.ts';
import { answerRequest, extendRequest, receiveRequest } from '../../domain/privacy/requests.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { byId, pageOf } from '../page.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import { createRouter } from '../router.ts';
import { idParams, json, nextCursorSchema, pageQuery, problems, textSchema } from '../schemas.ts';
import { addErasure } from './erase-routes.ts';
import { addExport } from './export-routes.ts';
import { answerSchema, extensionSchema, newRequestSchema, requestSchema } from './schemas.ts';

const tags = ['privacy'];
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;

const receive = createRoute({
  method: 'post',
  path: '/api/v1/privacy/requests',
  tags,
  summary: 'Take a request about somebody’s data, and start its clock',
  ...access('privacy:write'),
  request: { body: body(newRequestSchema) },
  responses: {
    200: json(requestSchema, 'It was here already, by its number.'),
    201: json(requestSchema, 'Taken.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.conflict,
    ...problems.unprocessable,
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/privacy/requests',
  tags,
  summary: 'Requests about people’s data, and when each of them is due',
  ...access('privacy:read'),
  request: {
    query: pageQuery.extend({
      state: z.enum(['open', 'overdue', 'answered']).optional().openapi({
        description: '`open` has the overdue ones as well; both come by when they are due.',
      }),
      national_id: textSchema(40).optional().openapi({ description: 'As an answer shows it: 12345678-5.' }),
    }),
  },
  responses: {
    200: json(
      z
        .object({ requests: z.array(requestSchema), next_cursor: nextCursorSchema })
        .openapi('PrivacyRequestPage'),
      'One page.',
    ),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

const one = { ...problems.badRequest, ...problems.unauthorised, ...problems.notFound };

const get = createRoute({
  method: 'get',
  path: '/api/v1/privacy/requests/{id}',
  tags,
  summary: 'One request',
  ...access('privacy:read'),
  request: { params: idParams },
  responses: { 200: json(requestSchema, 'The request.'), ...one },
});

const answer = createRoute({
  method: 'post',
  path: '/api/v1/privacy/requests/{id}/answer',
  tags,
  summary: 'Say how a request was answered',
  ...access('privacy:write'),
  request: { params: idParams, body: body(answerSchema) },
  responses: {
    200: json(requestSchema, 'Answered, or so before.'),
    ...one,
    ...problems.conflict,
    ...problems.unavailable,
  },
});

const extend = createRoute({
  method: 'post',
  path: '/api/v1/privacy/requests/{id}/extend',
  tags,
  summary: 'Thirty days more, once, with a reason; never for blocking',
  ...access('privacy:write'),
  request: { params: idParams, body: body(extensionSchema) },
  responses: { 200: json(requestSchema, 'Extended, or so before.'), ...one, ...problems.conflict },
});

export function privacyRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(receive, async (c) => {
    const caller = callerOf(c);
    const { national_id: nationalId, received_at: at, own_id: ownId, ...said } = c.req.valid('json');
    const receivedAt = at === undefined ? undefined : new Date(at);
    const { request, isNew } = await inAccount(deps.app, caller.accountId, (trx) =>
      receiveRequest(trx, caller, { ...said, nationalId, receivedAt, ownId }),
    );
    return isNew ? c.json(present(request), 201) : c.json(present(request), 200);
  });
  router.openapi(list, async (c) => {
    const { cursor, limit, state, national_id: nationalId } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      pageOf(limit, (most) => listRequests(trx, { state, nationalId, after: cursor, limit: most }), byId),
    );
    return c.json({ requests: shown.map(present), next_cursor }, 200);
  });
  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const request = await inAccount(deps.app, c.get('caller').accountId, (trx) => readRequest(trx, id));
    if (request === undefined) throw refuse('privacy_request_not_found');
    return c.json(present(request), 200);
  });
  router.openapi(answer, async (c) => {
    const caller = callerOf(c);
    const { id } = c.req.valid('param');
    const request = await inAccount(deps.app, caller.accountId, (trx) =>
      answerRequest(trx, deps.secrets ?? noSecretBox, caller, { id, ...c.req.valid('json') }),
    );
    return c.json(present(request), 200);
  });
  router.openapi(extend, async (c) => {
    const caller = callerOf(c);
    const { id } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    const request = await inAccount(deps.app, caller.accountId, (trx) =>
      extendRequest(trx, caller, { id, reason }),
    );
    return c.json(present(request), 200);
  });
  addErasure(router, deps);
  addExport(router, deps);
  return router;
}

function present(row: PrivacyRequestRow): z.infer<typeof requestSchema> {
  const { account_id: _, overdue_told_at: _told, ...shown } = row;
  const instant = (at: Date | null): string | null => at?.toISOString() ?? null;
  const open = row.due_at.getTime() <= Date.now() ? 'overdue' : 'open';
  return {
    ...shown,
    state: row.answered_at === null ? open : 'answered',
    received_at: row.received_at.toISOString(),
    due_at: row.due_at.toISOString(),
    extended_at: instant(row.extended_at),
    answered_at: instant(row.answered_at),
    created_at: row.created_at.toISOString(),
  };
}
