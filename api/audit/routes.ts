import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { listAudit } from '../../domain/shared/queries-audit-list.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import { instantSchema, json, nextCursorSchema, problems, textSchema } from '../schemas.ts';

const rowSchema = z
  .object({
    id: z.string(),
    at: instantSchema,
    actor: z.string().openapi({ description: 'Who: a key’s name, a person’s, or the part of the product.' }),
    action: z.string().openapi({ example: 'person.stopped' }),
    subject: z.string().openapi({ description: 'What it was done to: an id.' }),
    detail: z.record(z.string(), z.unknown()),
    erased: z.boolean().openapi({ description: 'The detail went with the person whom it was about.' }),
    seal: z
      .object({ no: z.string(), hash: z.string() })
      .nullable()
      .openapi({ description: 'Its link in the account’s chain; null for the seconds until it is sealed.' }),
  })
  .openapi('AuditRow');

const cursor = z.string().regex(/^[1-9][0-9]{0,17}$/);

const list = createRoute({
  method: 'get',
  path: '/api/v1/audit',
  tags: ['account'],
  summary: 'Who did what to what, and when: the newest first',
  ...access('audit:read'),
  request: {
    query: z.object({
      cursor: cursor.optional().openapi({ description: 'The `next_cursor` of the page before.' }),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      subject: textSchema(100).optional(),
      action: textSchema(100).optional(),
      actor: textSchema(200).optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ rows: z.array(rowSchema), next_cursor: nextCursorSchema }).openapi('AuditPage'),
      'One page.',
    ),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

/** What was done in the account, for whoever answers for it. */
export function auditRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const { cursor: after, limit, subject, action, actor } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      pageOf(
        limit,
        (most) =>
          listAudit(trx, {
            subject,
            action,
            actor,
            after: after === undefined ? undefined : BigInt(after),
            limit: most,
          }),
        ({ id }) => id.toString(),
      ),
    );
    const rows = shown.map(({ id, at, salt, no, hash, ...row }) => ({
      ...row,
      id: id.toString(),
      at: at.toISOString(),
      erased: salt === null,
      seal: no === null || hash === null ? null : { no: no.toString(), hash: hash.toString('hex') },
    }));
    return c.json({ rows, next_cursor }, 200);
  });
  return router;
}
