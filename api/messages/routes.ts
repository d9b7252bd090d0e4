import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { listMessages, type MessageListRow, readMessage } from '../../domain/messages/queries-read.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { presentMoney } from '../money.ts';
import { byId, pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import {
  idParams,
  idSchema,
  instantSchema,
  json,
  moneySchema,
  nextCursorSchema,
  pageQuery,
  problems,
} from '../schemas.ts';

const tags = ['messages'];

export const messageSchema = z
  .object({
    id: idSchema,
    batch_id: idSchema,
    contact_id: idSchema,
    person_id: idSchema,
    channel: z.enum(['whatsapp']),
    purpose: z.enum(['payment_link']),
    phone: z.string(),
    agreement_id: idSchema.nullable(),
    instalment_no: z.int().nullable(),
    requested_by_person: z.boolean().openapi({ description: 'The person asked for it.' }),
    state: z.enum(['sending', 'accepted', 'unknown', 'sent', 'delivered', 'read', 'failed', 'absent']),
    failure: z.string().nullable().openapi({ description: "The channel's code." }),
    failure_class: z.string().nullable(),
    charged: moneySchema.nullable(),
    at: instantSchema,
    resolved_at: instantSchema.nullable(),
  })
  .openapi('Message');

const list = createRoute({
  method: 'get',
  path: '/api/v1/messages',
  tags,
  summary: 'Messages that were sent, with what became of them, the newest first',
  ...access('messages:read'),
  request: {
    query: pageQuery.extend({ contact_id: idSchema.optional(), person_id: idSchema.optional() }),
  },
  responses: {
    200: json(
      z.object({ messages: z.array(messageSchema), next_cursor: nextCursorSchema }).openapi('MessagePage'),
      'One page.',
    ),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/messages/{id}',
  tags,
  summary: 'A message, with what became of it',
  ...access('messages:read'),
  request: { params: idParams },
  responses: {
    200: json(messageSchema, 'The message.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

export function messageRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const { cursor, limit, contact_id: contactId, person_id: personId } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      pageOf(limit, (most) => listMessages(trx, { contactId, personId, after: cursor, limit: most }), byId),
    );
    return c.json({ messages: shown.map(presentMessage), next_cursor }, 200);
  });
  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const row = await inAccount(deps.app, c.get('caller').accountId, (trx) => readMessage(trx, id));
    if (row === undefined) throw refuse('message_not_found');
    return c.json(presentMessage(row), 200);
  });
  return router;
}

export function presentMessage(row: MessageListRow): z.infer<typeof messageSchema> {
  const { e164: phone, charged_micros: micros, charged_unit: unit, at, resolved_at, ...rest } = row;
  return {
    ...rest,
    phone,
    charged: micros === null || unit === null ? null : presentMoney(micros, unit),
    at: at.toISOString(),
    resolved_at: resolved_at?.toISOString() ?? null,
  };
}
