import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { listAlerts } from '../../domain/alerts/queries.ts';
import { alertWords } from '../../domain/alerts/rules/alert-words.ts';
import { ALERT_KINDS, type AlertDetail } from '../../domain/alerts/rules/alerts.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { byId, pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import { idSchema, instantSchema, json, nextCursorSchema, pageQuery, problems } from '../schemas.ts';

const alertSchema = z
  .object({
    id: idSchema,
    kind: z.enum(ALERT_KINDS),
    subject: z
      .string()
      .openapi({ description: 'Id of the batch, task or endpoint that it is about; else the account.' }),
    es: z.string(),
    en: z.string(),
    raised_at: instantSchema,
    ended_at: instantSchema.nullable().openapi({ description: 'Null: it is so now.' }),
  })
  .openapi('Alert');

const list = createRoute({
  method: 'get',
  path: '/api/v1/alerts',
  tags: ['account'],
  summary: 'What the account was told without being asked, the newest first',
  description: 'Owners and operators are written to as well.',
  ...access('alerts:read'),
  request: { query: pageQuery.extend({ state: z.enum(['open', 'ended']).optional() }) },
  responses: {
    200: json(
      z.object({ alerts: z.array(alertSchema), next_cursor: nextCursorSchema }).openapi('AlertPage'),
      'One page.',
    ),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

/** Alerts of the account that asks. */
export function alertRoutes({ app }: Pick<ApiDeps, 'app'>): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const { cursor, limit, state } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(app, c.get('caller').accountId, (trx) =>
      pageOf(limit, (most) => listAlerts(trx, { state, after: cursor, limit: most }), byId),
    );
    const alerts = shown.map(({ id, kind, subject, detail, raised_at, ended_at }) => ({
      id,
      kind,
      subject,
      ...alertWords(kind, figuresOf(detail)),
      raised_at: raised_at.toISOString(),
      ended_at: ended_at?.toISOString() ?? null,
    }));
    return c.json({ alerts, next_cursor }, 200);
  });
  return router;
}

/** Of a JSON column: what is no figure is left out. */
function figuresOf(detail: Readonly<Record<string, unknown>>): AlertDetail {
  return Object.fromEntries(
    Object.entries(detail).flatMap(([name, value]): [string, string | number][] =>
      typeof value === 'string' || typeof value === 'number' ? [[name, value]] : [],
    ),
  );
}
