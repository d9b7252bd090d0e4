import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { mayDo } from '../../domain/accounts/rules/permissions.ts';
import { reportFile } from '../../domain/reports/report-files.ts';
import { readReport, type Report, type WantedReport } from '../../domain/reports/reports.ts';
import type { ReportName, ReportTable } from '../../domain/reports/rules/report.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { access, notPermitted } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { OpenFiles } from '../results/open-files.ts';
import { typeOf } from '../results/formats.ts';
import { createRouter } from '../router.ts';
import { idParams, problems } from '../schemas.ts';
import {
  answerFormats,
  batchReportQuery,
  reportParams,
  reportQuery,
  reportSchema,
} from './summary-schemas.ts';

const tags = ['reports'];

const types: Readonly<Record<(typeof answerFormats)[number], string>> = {
  json: 'application/json',
  csv: 'text/csv',
  xlsx: typeOf.xlsx,
  md: 'text/markdown',
};

const responses = {
  200: {
    description: 'The report.',
    content: {
      [types.json]: { schema: reportSchema },
      [types.csv]: { schema: z.string() },
      [types.xlsx]: { schema: z.string() },
      [types.md]: { schema: z.string() },
    },
  },
  ...problems.badRequest,
  ...problems.unauthorised,
  ...problems.forbidden,
  ...problems.notFound,
  ...problems.unprocessable,
  ...problems.tooMany,
} as const;

const description =
  'Figures of calls, refusals and messages by summaries, of one instant (`as_of`). It names nobody. `format`: json, csv (one table), xlsx or md.';

const ofBatch = createRoute({
  method: 'get',
  path: '/api/v1/reports/batches/{id}',
  tags,
  summary: 'One batch: states, funnel, waves, outcomes, refusals by rule, cost',
  description,
  ...access('batches:read'),
  request: { params: idParams, query: batchReportQuery },
  responses,
});

const ofName = createRoute({
  method: 'get',
  path: '/api/v1/reports/{name}',
  tags,
  summary: 'Overview, hours, waves, funnel, refusals, costs, phones or voice',
  description,
  ...access('batches:read'),
  request: { params: reportParams, query: reportQuery },
  responses,
});

/** Files of reports that an account reads at once. */
const mostFiles = 3;

type Wanted = z.infer<typeof batchReportQuery> & {
  readonly batch_id?: string | undefined;
  readonly use_case?: string | undefined;
};

export function summaryRoutes({ app }: Pick<ApiDeps, 'app'>): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const files = new OpenFiles(mostFiles);
  const answer = async (c: Context<ApiEnv>, name: ReportName, wanted: Wanted) => {
    const { accountId, holder } = c.get('caller');
    const exact = wanted.exact === 'true';
    // It reads all calls of a year, which a figure on a screen never has to.
    if (exact && !mayDo(holder, 'audit:read')) throw notPermitted('audit:read');
    const { batch_id: batchId, use_case: useCase, zone, from, to, format, table } = wanted;
    const query: WantedReport = { batchId, useCase, zone, from, to, exact };
    const read = (): Promise<Report> => readReport(app, accountId, name, query);
    if (format === 'json') return c.json(presentReport(await read()), 200);
    const body = await files.body(accountId, async () => {
      const report = await read();
      return reportFile(format, report, tableOf(report, table));
    });
    return c.body(body, 200, {
      'content-type': format === 'xlsx' ? types.xlsx : `${types[format]}; charset=utf-8`,
      'content-disposition': `attachment; filename="informe-${name}.${format}"`,
    });
  };
  router.openapi(ofBatch, (c) =>
    answer(c, 'batch', { ...c.req.valid('query'), batch_id: c.req.valid('param').id }),
  );
  router.openapi(ofName, (c) => answer(c, c.req.valid('param').name, c.req.valid('query')));
  return router;
}

function tableOf({ tables }: Report, key: string | undefined): ReportTable {
  const found = key === undefined ? tables[0] : tables.find((one) => one.key === key);
  if (found === undefined)
    throw refuse(
      'report_table_unknown',
      { tables: tables.map((one) => one.key).join(', ') },
      { field: 'query.table' },
    );
  return found;
}

export function presentReport(report: Report): z.infer<typeof reportSchema> {
  const { name, asOf, exact, zone, batch, days, useCase, zoneOfCalls, tables } = report;
  return {
    report: name,
    as_of: asOf.toISOString(),
    exact,
    zone,
    batch,
    days,
    use_case: useCase,
    zone_of_calls: zoneOfCalls,
    tables: tables.map(({ key, es, columns, rows }) => ({
      key,
      title_es: es,
      columns: columns.map((column) => ({ key: column.key, title_es: column.es, type: column.type })),
      rows: rows.map((row) =>
        Object.fromEntries(columns.map((column, index) => [column.key, row[index] ?? null])),
      ),
    })),
  };
}
