import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type Activity, readActivity } from '../../domain/reports/activity.ts';
import { activityFile, type ActivityFormat } from '../../domain/reports/activity-files.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { json, problems } from '../schemas.ts';
import { OpenFiles } from '../results/open-files.ts';
import { typeOf } from '../results/formats.ts';
import { presentActivity } from './present.ts';
import { activityQuery, activitySchema, formatParams } from './schemas.ts';

const tags = ['reports'];

/** What each file of a report is called by on the wire. */
export const reportTypes: Readonly<Record<ActivityFormat, string>> = {
  txt: 'text/plain',
  md: 'text/markdown',
  xlsx: typeOf.xlsx,
};

/** Answers that refuse a report. */
export const reportProblems = {
  ...problems.badRequest,
  ...problems.unauthorised,
  ...problems.notFound,
  ...problems.unprocessable,
} as const;

const get = createRoute({
  method: 'get',
  path: '/api/v1/reports/activity',
  tags,
  summary: 'What was called, what came of it and what it cost: of a batch, or of some days',
  description: 'Counted from the rows when it is asked for. It names nobody.',
  ...access('batches:read'),
  request: { query: activityQuery },
  responses: { 200: json(activitySchema, 'The report.'), ...reportProblems },
});

const file = createRoute({
  method: 'get',
  path: '/api/v1/reports/activity/{format}',
  tags,
  summary: 'The same as text for a terminal, Markdown or Excel',
  ...access('batches:read'),
  request: { params: formatParams, query: activityQuery },
  responses: {
    200: {
      description: 'The file.',
      content: {
        [reportTypes.txt]: { schema: z.string() },
        [reportTypes.md]: { schema: z.string() },
        [reportTypes.xlsx]: { schema: z.string() },
      },
    },
    ...reportProblems,
  },
});

export type ActivityQuery = z.infer<typeof activityQuery>;

/** Reports for one API, by each of its paths: an account reads some at once, whichever it asks by. */
export interface Reports {
  read(c: Context<ApiEnv>, query: ActivityQuery): Promise<Activity>;
  send(c: Context<ApiEnv>, query: ActivityQuery, format: ActivityFormat): Promise<Response>;
}

/** Files of reports that an account reads at once. */
const mostFiles = 3;

export function createReports({ app }: Pick<ApiDeps, 'app'>): Reports {
  const files = new OpenFiles(mostFiles);
  const read: Reports['read'] = (c, { batch_id: batchId, from, to }) =>
    readActivity(app, c.get('caller').accountId, { batchId, from, to });
  return {
    read,
    async send(c, query, format) {
      const body = await files.body(c.get('caller').accountId, async () =>
        activityFile(format, await read(c, query)),
      );
      const type = reportTypes[format];
      return c.body(body, 200, {
        'content-type': format === 'xlsx' ? type : `${type}; charset=utf-8`,
        'content-disposition': `attachment; filename="actividad.${format}"`,
      });
    },
  };
}

export function reportRoutes(reports: Reports): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(get, async (c) => c.json(presentActivity(await reports.read(c, c.req.valid('query'))), 200));
  router.openapi(file, (c) => reports.send(c, c.req.valid('query'), c.req.valid('param').format));
  return router;
}
