import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { type RehearsalView, viewRehearsal } from '../../domain/rehearsal/state.ts';
import { startRehearsal } from '../../domain/rehearsal/rehearsals.ts';
import { reportMarkdown } from '../../domain/rehearsal/report/markdown.ts';
import { reportWorkbook } from '../../domain/rehearsal/report/workbook.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { Problem, problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import { idParams, json, problems } from '../schemas.ts';
import { newRehearsalSchema, rehearsalSchema, reportParams } from './schemas.ts';

const tags = ['rehearsals'];

const create = createRoute({
  method: 'post',
  path: '/api/v1/rehearsals',
  tags,
  summary: 'Live a stored import in virtual time: who would be called when, and what would come of it',
  description: 'Nothing is dialled, sent, counted or charged. The same seed gives the same story.',
  ...access('rehearsals:write'),
  request: { body: { required: true, content: { 'application/json': { schema: newRehearsalSchema } } } },
  responses: {
    202: json(rehearsalSchema, 'It runs; its address is in `location`.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.unprocessable,
    ...problems.tooMany,
    ...problems.unavailable,
  },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/rehearsals/{id}',
  tags,
  summary: 'A rehearsal, with its report once it has ended',
  description: 'Kept for seven days after it was asked for; then 410.',
  ...access('rehearsals:read'),
  request: { params: idParams },
  responses: {
    200: json(rehearsalSchema, 'The rehearsal.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.gone,
  },
});

const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const report = createRoute({
  method: 'get',
  path: '/api/v1/rehearsals/{id}/report/{format}',
  tags,
  summary: 'The report as Markdown or Excel',
  ...access('rehearsals:read'),
  request: { params: reportParams },
  responses: {
    200: {
      description: 'The file.',
      content: { 'text/markdown': { schema: z.string() }, [xlsxType]: { schema: z.string() } },
    },
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.gone,
    ...problems.conflict,
  },
});

export function rehearsalRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(create, async (c) => {
    const body = c.req.valid('json');
    const caller = callerOf(c);
    const { rehearsalTaskQueue: taskQueue = deps.taskQueue } = deps;
    const id = await startRehearsal({ ...deps, taskQueue }, caller, {
      importId: body.import_id,
      policy: body.policy,
      pack: body.pack,
      negotiation: body.negotiation,
      pool: body.pool,
      seed: body.seed,
      start: body.start,
      settled: body.settled,
    });
    c.header('location', `/api/v1/rehearsals/${id}`);
    return c.json(present(await viewRehearsal(deps, caller.accountId, id)), 202);
  });
  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(present(await viewRehearsal(deps, callerOf(c).accountId, id)), 200);
  });
  router.openapi(report, async (c) => {
    const { id, format } = c.req.valid('param');
    const view = await viewRehearsal(deps, callerOf(c).accountId, id);
    if (view.report === null) throw notYet(view);
    if (format === 'md') {
      return c.body(reportMarkdown(view.report), 200, { 'content-type': 'text/markdown; charset=utf-8' });
    }
    return c.body(await reportWorkbook(view.report), 200, { 'content-type': xlsxType });
  });
  return router;
}

function notYet({ state, failure }: RehearsalView): Problem {
  return state === 'failed'
    ? problem('rehearsal_failed', { failure: failure ?? '' })
    : problem('rehearsal_running');
}

function present(view: RehearsalView) {
  const { importId, startsAt, report: found, ...rest } = view;
  return {
    ...rest,
    import_id: importId,
    starts_at: startsAt.toISOString(),
    report: found === null ? null : copyOf(found),
  };
}

/** The schema's lists may be changed by whoever holds them; the report's may not. */
function copyOf(found: NonNullable<RehearsalView['report']>) {
  return {
    ...found,
    calendar: found.calendar.map((cell) => ({ ...cell })),
    refusals: found.refusals.map((turn) => ({ ...turn })),
    checks: found.checks.map((check) => ({ ...check, breaches: [...check.breaches] })),
    stories: found.stories.map((story) => ({
      ...story,
      phones: [...story.phones],
      debt: story.debt.map((money) => ({ ...money })),
      events: story.events.map((event) => ({ ...event })),
    })),
  };
}
