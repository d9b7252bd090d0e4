import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { inAccount } from '../../db/client.ts';
import { readPersonRegister, registerCsv, registerLine } from '../../domain/people/register.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { idSchema, instantSchema, json, problems, textSchema } from '../schemas.ts';

const lineSchema = z
  .object({
    at: instantSchema,
    local: z.string().openapi({ description: "On the account's own clock." }),
    kind: z.enum(['call', 'refusal', 'message', 'request']).openapi({
      description: 'request: what the person asked of their data (blocked, block_lifted), and who took it.',
    }),
    channel: z.string(),
    number: z.string().nullable(),
    result: z.string(),
    result_es: z.string(),
    human: z.boolean().nullable(),
    duration_seconds: z.int().nullable(),
    rule: z.string().nullable(),
    rule_es: z.string().nullable(),
    failure: z
      .object({ code: z.string(), es: z.string(), en: z.string() })
      .nullable()
      .openapi({ description: 'Why the channel did not carry it: a provider that refuses our credentials.' }),
    pack: z.string().nullable().openapi({ example: 'cl-collection-strict@2' }),
    batch: z.string().nullable(),
    requested: z.boolean().openapi({ description: 'The person asked for it.' }),
    contact_id: idSchema.nullable(),
    reference: z.string(),
  })
  .openapi('RegisterLine');

const registerSchema = z
  .object({
    person: z.object({ id: idSchema, name: z.string(), national_id: z.string().nullable() }),
    zone: z.string(),
    lines: z.array(lineSchema),
  })
  .openapi('Register');

const get = createRoute({
  method: 'get',
  path: '/api/v1/people/{person}/register',
  tags: ['law'],
  summary: 'The register of contacts with one person, for the authority',
  description:
    'Calls, refused turns, messages and requests for blocking, oldest first. With `format=csv` a file that Excel opens.',
  ...access('people:read'),
  request: {
    params: z.object({
      person: textSchema(60).openapi({ description: 'Id, or national id in any spelling.' }),
    }),
    query: z.object({ format: z.enum(['json', 'csv']).default('json') }),
  },
  responses: {
    200: {
      description: 'Everything that is kept.',
      content: {
        ...json(registerSchema, '').content,
        'text/csv': { schema: z.string() },
      },
    },
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

export function registerRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(get, async (c) => {
    const { person: who } = c.req.valid('param');
    const { format } = c.req.valid('query');
    const register = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      readPersonRegister(trx, who),
    );
    if (format === 'csv') {
      return c.body(registerCsv(register), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="registro-${register.person.id}.csv"`,
      });
    }
    const { id, name, national_id } = register.person;
    const lines = register.rows.map((row) => registerLine(row, register.zone));
    return c.json({ person: { id, name, national_id }, zone: register.zone, lines }, 200);
  });
  return router;
}
