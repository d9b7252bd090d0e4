import { z } from '@hono/zod-openapi';
import { useCases } from '../../domain/usecases/registry.ts';
import { reportFormats } from '../../domain/reports/report-files.ts';
import { reportNames } from '../../domain/reports/rules/report.ts';
import { idSchema, instantSchema } from '../schemas.ts';

const daySchema = z.iso.date();
export const answerFormats = ['json', ...reportFormats] as const;

export const reportParams = z.object({
  name: z
    .enum(reportNames)
    .exclude(['batch'])
    .openapi({ param: { name: 'name', in: 'path' } }),
});

const days = {
  from: daySchema.optional().openapi({
    description:
      'First day, on the clocks of those who were called. Without days: all of the batch, or the last 30.',
  }),
  to: daySchema.optional().openapi({ description: 'Last day, counted as well; at most 366 days.' }),
};
const more = {
  zone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_+/-]+$/)
    .optional()
    .openapi({ description: 'Calls to people in this time zone alone, e.g. America/Santiago.' }),
  exact: z.enum(['true', 'false']).default('false').openapi({
    description:
      'true: counted from the rows, and no sum is read. The figures are the same; it takes longer. Needs audit:read.',
  }),
  format: z.enum(answerFormats).default('json'),
  table: z
    .string()
    .regex(/^[a-z_]{1,40}$/)
    .optional()
    .openapi({ description: 'Which table a CSV has, by its key. Default: the first.' }),
};

export const batchReportQuery = z.object({ ...days, ...more });
export const reportQuery = z.object({
  batch_id: idSchema.optional().openapi({ description: 'Of one batch. Default: of all.' }),
  use_case: z.enum(useCases.map(({ key }) => key)).optional(),
  ...days,
  ...more,
});

const value = z.union([z.string(), z.number(), z.null()]);

export const reportSchema = z
  .object({
    report: z.enum(reportNames),
    as_of: instantSchema.openapi({ description: 'All figures are of this instant.' }),
    exact: z.boolean(),
    zone: z.string().openapi({ description: 'Of the account.' }),
    batch: z.object({ id: idSchema, name: z.string() }).nullable(),
    days: z.object({ from: daySchema, to: daySchema }).nullable(),
    use_case: z.string().nullable(),
    zone_of_calls: z.string().nullable(),
    tables: z.array(
      z.object({
        key: z.string(),
        title_es: z.string(),
        columns: z.array(
          z.object({
            key: z.string(),
            title_es: z.string(),
            type: z.enum(['code', 'text', 'day', 'whole', 'amount', 'share', 'seconds']),
          }),
        ),
        rows: z.array(z.record(z.string(), value)).openapi({
          description:
            'By the keys of the columns. An amount is a decimal in a string; its unit stands in `unit`.',
        }),
      }),
    ),
  })
  .openapi('Report');
