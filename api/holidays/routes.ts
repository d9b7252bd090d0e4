import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { inAccount } from '../../db/client.ts';
import { readHolidays, type StoredHoliday } from '../../domain/policy/queries-holidays.ts';
import { addHoliday, dropHoliday } from '../../domain/policy/account-holidays.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import {
  countryForm,
  form,
  idParams,
  idSchema,
  instantSchema,
  json,
  maybe,
  otherwise,
  problems,
  textSchema,
} from '../schemas.ts';

const tags = ['law'];

const newHolidaySchema = z
  .object({
    country: form(countryForm, 'country').openapi({ example: 'CL' }),
    region: maybe(textSchema(60)).openapi({
      description: 'As files spell it. Default: the whole country.',
      example: 'Chillán',
    }),
    day: z.iso.date().openapi({ example: '2027-08-20' }),
    every_year: otherwise(z.boolean(), false),
    name: textSchema(120).openapi({ example: "Natalicio de Bernardo O'Higgins" }),
    source: maybe(textSchema(200)).openapi({ example: 'Ley 20.768' }),
  })
  .strict()
  .openapi('NewHoliday');

const holidaySchema = z
  .object({
    id: idSchema,
    own: z.boolean().openapi({ description: 'False: holds for every account.' }),
    country: z.string(),
    region: z.string().nullable(),
    day: z.iso.date(),
    every_year: z.boolean(),
    name: z.string(),
    kind: z.enum(['closed', 'open']),
    source: z.string(),
    created_by: z.string(),
    created_at: instantSchema,
  })
  .openapi('Holiday');

const list = createRoute({
  method: 'get',
  path: '/api/v1/holidays',
  tags,
  summary: 'Corrections of the holiday calendar that are in force',
  ...access('holidays:read'),
  responses: {
    200: json(z.object({ holidays: z.array(holidaySchema) }).openapi('Holidays'), 'Theirs and everybody’s.'),
    ...problems.unauthorised,
  },
});
const add = createRoute({
  method: 'post',
  path: '/api/v1/holidays',
  tags,
  summary: 'A day on which the account calls nobody (administrator)',
  ...access('holidays:write'),
  request: { body: { required: true, content: { 'application/json': { schema: newHolidaySchema } } } },
  responses: {
    201: json(z.object({ id: idSchema }).openapi('HolidayMade'), 'It is in force.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.forbidden,
    ...problems.conflict,
  },
});
const remove = createRoute({
  method: 'delete',
  path: '/api/v1/holidays/{id}',
  tags,
  summary: 'Takes one of the account’s own days out (administrator)',
  ...access('holidays:write'),
  request: { params: idParams },
  responses: {
    200: json(z.object({ id: idSchema }).openapi('HolidayRemoved'), 'It is out.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.forbidden,
    ...problems.notFound,
  },
});

export function holidayRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const rows = await inAccount(deps.app, c.get('caller').accountId, (trx) => readHolidays(trx));
    return c.json({ holidays: rows.map(present) }, 200);
  });
  router.openapi(add, async (c) => {
    const { country, region = null, day, every_year: everyYear, name, source = '' } = c.req.valid('json');
    const { accountId, actor } = c.get('caller');
    const wish = { country, region, day, everyYear, name, source, kind: 'closed' } as const;
    const id = await inAccount(deps.app, accountId, (trx) => addHoliday(trx, { accountId, actor }, wish));
    return c.json({ id }, 201);
  });
  router.openapi(remove, async (c) => {
    const { id } = c.req.valid('param');
    const { accountId, actor } = c.get('caller');
    await inAccount(deps.app, accountId, (trx) => dropHoliday(trx, { accountId, actor }, id));
    return c.json({ id }, 200);
  });
  return router;
}

function present(row: StoredHoliday): z.infer<typeof holidaySchema> {
  const { account_id, created_at, ...shown } = row;
  return { ...shown, own: account_id !== null, created_at: created_at.toISOString() };
}
