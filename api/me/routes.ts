import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { memberRoles, permissionsOf, permissions } from '../../domain/accounts/rules/permissions.ts';
import { readAccount } from '../../domain/billing/top-up.ts';
import { inAccount } from '../../db/client.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { idSchema, json, problems } from '../schemas.ts';

const meSchema = z
  .object({
    kind: z.enum(['member', 'key']).openapi({ description: 'A person who has signed in, or an API key.' }),
    label: z.string().openapi({ description: 'The person’s name, or the label of the key.' }),
    role: z.enum([...memberRoles, 'account', 'administrator']),
    permissions: z
      .array(z.enum(permissions))
      .openapi({ description: 'All that is held; each route names the one it needs as `x-permission`.' }),
    account: z.object({
      id: idSchema,
      slug: z.string(),
      name: z.string(),
      zone: z.string().openapi({ description: 'IANA. Days and hours are shown in it.' }),
      country: z.string(),
    }),
  })
  .openapi('Me');

const get = createRoute({
  method: 'get',
  path: '/api/v1/me',
  tags: ['accounts'],
  summary: 'Who asks, for which account, and what may be done',
  ...access('self:read'),
  responses: { 200: json(meSchema, 'Who asks.'), ...problems.unauthorised },
});

/** Who asks: what a panel shows first, and what a client checks before it fails in the middle. */
export function meRoutes({ app }: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(get, async (c) => {
    const { accountId, holder, label } = c.get('caller');
    const { id, slug, name, zone, country } = await inAccount(app, accountId, (trx) =>
      readAccount(trx, accountId),
    );
    return c.json(
      {
        kind: holder.kind,
        label,
        role: holder.role,
        permissions: [...permissionsOf(holder)],
        account: { id, slug, name, zone, country },
      },
      200,
    );
  });
  return router;
}
