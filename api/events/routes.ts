import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { EVENT_TYPES } from '../../domain/shared/rules/events.ts';
import { HINT_TYPES, RESET } from '../../domain/shared/rules/hints.ts';
import { access } from '../access.ts';
import { stillMay } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { idSchema, instantSchema, problems } from '../schemas.ts';
import { createFeed } from './feed.ts';

/** Microseconds since 1970: eighteen digits are enough for as long as anybody asks. */
const position = z.string().regex(/^[0-9]{1,18}$/);

const permission = 'events:read';

const streamedSchema = z
  .object({
    type: z.enum([...EVENT_TYPES, ...HINT_TYPES, RESET]).openapi({
      description:
        '`reset`: what was missed is too old or too much, so look at everything again. Types may be added: ignore those that you do not know.',
    }),
    at: instantSchema.optional(),
    subject: z.string().optional().openapi({ description: 'Of an event: the id of what it is about.' }),
    batch_id: idSchema.optional(),
    contact_id: idSchema.optional(),
    attempt_id: idSchema.optional(),
    person_id: idSchema.optional(),
    agreement_id: idSchema.optional(),
    payment_id: idSchema.optional(),
    of_payment_id: idSchema.optional(),
    request_id: z.string().optional(),
    task_id: idSchema.optional(),
    link_id: idSchema.optional(),
    import_id: idSchema.optional(),
    rehearsal_id: idSchema.optional(),
  })
  .openapi('StreamedEvent', { description: 'The `data` of each message of the stream.' });

const stream = createRoute({
  method: 'get',
  path: '/api/v1/events',
  tags: ['events'],
  summary: 'What happens in the account, as it happens: server-sent events',
  description:
    'Each message has types and ids, no names and no amounts: it says where to look again. `id` goes up; a client that sends the last one as `Last-Event-ID` goes on there. ' +
    'At most 6 streams of a key or a person, 50 of an account. A stream ends when who opened it may no longer read it, when the client reads too slowly, and with the process.',
  ...access(permission),
  request: {
    headers: z.object({
      'last-event-id': position.optional().openapi({ description: 'As browsers send it by themselves.' }),
    }),
    query: z.object({
      last_event_id: position
        .optional()
        .openapi({ description: 'The same, for a page that takes over from another one.' }),
      account: idSchema.optional().openapi({
        description: 'The account that a person means, where a page cannot send `Tandas-Account`.',
      }),
    }),
  },
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: streamedSchema } } },
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.forbidden,
    ...problems.tooMany,
    ...problems.unavailable,
  },
});

/** The stream of an account's events and hints. */
export function eventRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const { app, nowMs, logger } = deps;
  const onError = (error: unknown): void => logger.warn({ err: error }, 'events were not read');
  const feed = deps.feed ?? createFeed({ app, nowMs, onError });
  const router = createRouter();
  router.openapi(stream, (c) => {
    const { accountId, holderId } = c.get('caller');
    const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
    // Its body is thrown away unread, and nobody would end it.
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    const last = c.req.valid('header')['last-event-id'] ?? c.req.valid('query').last_event_id;
    const { body } = feed.open({
      accountId,
      holderId,
      after: last === undefined ? undefined : BigInt(last),
      mayStay: () => stillMay(deps, c, permission),
    });
    return c.body(body, 200, headers);
  });
  return router;
}
