import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { activityFormats } from '../../domain/reports/activity-files.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import { readContactPage, readOneContact, retryOneContact } from '../contacts/handle.ts';
import { retriedSchema } from '../contacts/schemas.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { presentActivity } from '../reports/present.ts';
import { reportProblems, type Reports, reportTypes } from '../reports/routes.ts';
import { activityQuery } from '../reports/schemas.ts';
import { createRouter } from '../router.ts';
import { idempotencyHeader, idParams, json, problems } from '../schemas.ts';
import { jobPageSchema, jobReportSchema, jobSchema, jobsQuery, reasonQuery } from './schemas.ts';
import { contactsOf, countJobs, jobStateOf } from './states.ts';

const tags = ['first system'];

const list = createRoute({
  method: 'get',
  path: '/api/jobs',
  tags,
  deprecated: true,
  summary: 'Contacts in the order of the file, as GET /api/v1/contacts',
  ...access('contacts:read'),
  request: { query: jobsQuery },
  responses: { 200: json(jobPageSchema, 'One page.'), ...problems.badRequest, ...problems.unauthorised },
});

const get = createRoute({
  method: 'get',
  path: '/api/jobs/{id}',
  tags,
  deprecated: true,
  summary: 'A contact with everything that happened, as GET /api/v1/contacts/{id}',
  ...access('contacts:read'),
  request: { params: idParams },
  responses: {
    200: json(jobSchema, 'The job.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

const retry = createRoute({
  method: 'post',
  path: '/api/jobs/{id}/retry',
  tags,
  deprecated: true,
  summary: 'As POST /api/v1/contacts/{id}/retry; a body is not read',
  ...access('contacts:write'),
  request: { params: idParams, query: reasonQuery, headers: idempotencyHeader },
  responses: {
    201: json(retriedSchema, 'It is called again; a finished batch is open again.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.conflict,
    ...problems.unprocessable,
    ...problems.unavailable,
  },
});

const report = createRoute({
  method: 'get',
  path: '/api/reports/jobs',
  tags,
  deprecated: true,
  summary: 'Jobs by state, hour, day, batch, phone and attempts, and their cost',
  description: 'As GET /api/v1/reports/activity; `format` gives it as a file.',
  ...access('batches:read'),
  request: { query: activityQuery.extend({ format: z.enum(['json', ...activityFormats]).default('json') }) },
  responses: {
    200: {
      description: 'The report.',
      content: {
        'application/json': { schema: jobReportSchema },
        [reportTypes.txt]: { schema: z.string() },
        [reportTypes.md]: { schema: z.string() },
        [reportTypes.xlsx]: { schema: z.string() },
      },
    },
    ...reportProblems,
  },
});

const excel = createRoute({
  method: 'get',
  path: '/api/reports/excel',
  tags,
  deprecated: true,
  summary: 'The same as Excel, as GET /api/v1/reports/activity/xlsx',
  ...access('batches:read'),
  request: { query: activityQuery },
  responses: {
    200: { description: 'The file.', content: { [reportTypes.xlsx]: { schema: z.string() } } },
    ...reportProblems,
  },
});

/** Jobs and reports of the first system: contacts and activity of /api/v1, with the state of each job. */
export function oldJobRoutes(deps: ApiDeps, reports: Reports): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const { batch_id: batchId, status, ...page } = c.req.valid('query');
    const wanted = { batchId, ...(status === undefined ? {} : contactsOf(status)) };
    const { contacts, next_cursor } = await readContactPage(deps, c.get('caller'), { ...page, wanted });
    return c.json({ jobs: contacts.map((row) => ({ ...row, status: jobStateOf(row) })), next_cursor }, 200);
  });
  router.openapi(get, async (c) => {
    const contact = await readOneContact(deps, c.get('caller'), c.req.valid('param').id);
    return c.json({ ...contact, status: jobStateOf(contact) }, 200);
  });
  router.openapi(retry, async (c) => {
    const request = { key: c.req.valid('header')['idempotency-key'], method: c.req.method, path: c.req.path };
    const wish = { contactId: c.req.valid('param').id, ...c.req.valid('query') };
    return c.json(await retryOneContact(deps, callerOf(c), wish, request), 201);
  });
  router.openapi(report, async (c) => {
    const { format, ...query } = c.req.valid('query');
    if (format !== 'json') return reports.send(c, query, format);
    const activity = await reports.read(c, query);
    return c.json({ ...presentActivity(activity), jobs: countJobs(activity.states) }, 200);
  });
  router.openapi(excel, (c) => reports.send(c, c.req.valid('query'), 'xlsx'));
  return router;
}
