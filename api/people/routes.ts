import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { listDoNotContact } from '../../domain/people/queries.ts';
import { blockPerson, liftBlock } from '../../domain/people/blocks.ts';
import { access } from '../access.ts';
import { inAccount } from '../../db/client.ts';
import { liftDoNotCall, liftStop, stopByOperator } from '../../domain/people/people.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { idParams, instantSchema, json, otherwise, problems, textSchema } from '../schemas.ts';

const tags = ['people'];

const stopSchema = z
  .object({
    stop: z
      .enum(['do_not_call', 'legal', 'insolvency', 'dispute', 'hardship', 'removed', 'deceased', 'blocked'])
      .openapi({
        description:
          'Why nobody calls or writes any more. `blocked`: the person asked for their data to be blocked (Ley 21.719); their contacts wait until it is lifted, and are not closed.',
      }),
    reason: textSchema(500),
  })
  .strict()
  .openapi('PersonStop');

const liftSchema = z
  .object({
    what: otherwise(z.enum(['stop', 'do_not_call', 'blocked']), 'stop'),
    reason: textSchema(500).openapi({ example: 'Pidió por escrito que lo volvamos a llamar' }),
  })
  .strict()
  .openapi('PersonLift');

const changedSchema = z.object({ changed: z.boolean() }).openapi('PersonChanged');

const responses = {
  200: json(changedSchema, 'Done, or done before.'),
  ...problems.badRequest,
  ...problems.unauthorised,
  ...problems.notFound,
};

const stop = createRoute({
  method: 'post',
  path: '/api/v1/people/{id}/stop',
  tags,
  summary: 'Nobody calls or writes to this person any more, in any batch',
  ...access('people:write'),
  request: {
    params: idParams,
    body: { required: true, content: { 'application/json': { schema: stopSchema } } },
  },
  responses,
});

const lift = createRoute({
  method: 'post',
  path: '/api/v1/people/{id}/lift',
  tags,
  summary: 'End a stop or a block, or take a person off the do-not-contact list',
  ...access('people:write'),
  request: {
    params: idParams,
    body: { required: true, content: { 'application/json': { schema: liftSchema } } },
  },
  responses,
});

const listed = createRoute({
  method: 'get',
  path: '/api/v1/do-not-contact',
  tags,
  summary:
    'Who must not be contacted: people by national id, numbers (tel:), numbers not to be written to (whatsapp:)',
  ...access('people:read'),
  request: {
    query: z.object({
      after: textSchema(100).optional().openapi({ description: 'The last key of the page before.' }),
      limit: z.coerce.number().int().min(1).max(1_000).default(200),
    }),
  },
  responses: {
    200: json(
      z
        .object({
          entries: z.array(
            z.object({ key: z.string(), reason: z.string(), source: z.string(), created_at: instantSchema }),
          ),
        })
        .openapi('DoNotContactPage'),
      'One page, by key.',
    ),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

const lifts = { stop: liftStop, do_not_call: liftDoNotCall, blocked: liftBlock } as const;

export function peopleRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(stop, async (c) => {
    const { id: personId } = c.req.valid('param');
    const caller = callerOf(c);
    const { stop: why, reason } = c.req.valid('json');
    await inAccount(deps.app, caller.accountId, (trx) =>
      why === 'blocked'
        ? blockPerson(trx, caller, { personId, reason })
        : stopByOperator(trx, caller, { personId, stop: why, reason }),
    );
    return c.json({ changed: true }, 200);
  });
  router.openapi(lift, async (c) => {
    const { id: personId } = c.req.valid('param');
    const { what, reason } = c.req.valid('json');
    const caller = callerOf(c);
    const changed = await inAccount(deps.app, caller.accountId, (trx) =>
      lifts[what](trx, caller, { personId, reason }),
    );
    return c.json({ changed }, 200);
  });
  router.openapi(listed, async (c) => {
    const { after, limit } = c.req.valid('query');
    const rows = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      listDoNotContact(trx, { after, limit }),
    );
    const entries = rows.map(({ created_at, ...row }) => ({ ...row, created_at: created_at.toISOString() }));
    return c.json({ entries }, 200);
  });
  return router;
}
