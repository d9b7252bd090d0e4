import { z } from '@hono/zod-openapi';
import { importFileErrorCodes } from '../../domain/imports/errors.ts';
import type { FieldCode } from '../../domain/shared/rules/field-words.ts';
import { useCases } from '../../domain/usecases/registry.ts';
import {
  countryForm,
  currencyForm,
  idSchema,
  instantSchema,
  moneySchema,
  nextCursorSchema,
  pageQuery,
  textSchema,
} from '../schemas.ts';

const count = z.int().min(0);
const bilingualSchema = z.object({ es: z.string(), en: z.string() });
const flag = z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0', ''] });
const [firstUseCase = '', ...otherUseCases] = useCases.map(({ key }) => key);

/** What comes with the file: as form fields, and `dry_run` and `again` in the query as well. */
export const uploadFieldsSchema = z
  .object({
    use_case: z.enum([firstUseCase, ...otherUseCases]).optional(),
    sheet: textSchema(31).optional(),
    creditor: textSchema(120).optional(),
    country: z
      .string()
      .regex(countryForm, 'country' satisfies FieldCode)
      .optional(),
    currency: z
      .string()
      .regex(currencyForm, 'currency' satisfies FieldCode)
      .optional(),
    round_amounts: flag.default(false),
    dry_run: flag.default(false),
    again: flag.default(false),
  })
  .strict();

const given = uploadFieldsSchema.shape;

/** What comes with rows as JSON, the rows in their place. A null is not told. */
export const sentFieldsSchema = z
  .object({
    use_case: given.use_case.nullable(),
    // Refused by its name: rows have no sheet.
    sheet: given.sheet.nullable(),
    creditor: given.creditor.nullable(),
    country: given.country.nullable(),
    currency: given.currency.nullable(),
    round_amounts: z.boolean().nullish(),
    dry_run: z.boolean().nullish(),
    again: z.boolean().nullish(),
    rows: z.array(z.unknown()),
  })
  .strict();

export const uploadQuery = z.object({
  ...uploadFieldsSchema.pick({ use_case: true, creditor: true, country: true, currency: true }).shape,
  round_amounts: z.enum(['true', 'false']).optional().openapi({
    description: 'Round amounts written with decimals that the currency has not. Default: refuse.',
  }),
  dry_run: z.enum(['true', 'false']).optional().openapi({ description: 'Preview only: nothing is stored.' }),
  again: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'Import the file although the same bytes were imported before.' }),
});

/** Stored as it is in core.import.problems. */
export const rowProblemSchema = z
  .object({
    sheet: z.string(),
    row: z.int().openapi({
      description: 'As Excel shows it; of JSON its place from 1, of NDJSON its line.',
    }),
    // Imports of before have none.
    pointer: z.string().nullable().default(null).openapi({
      description:
        'JSON pointer of the value: `/rows/3/saldo`, or `/saldo` in its line of NDJSON. Null in a file.',
    }),
    column: z.string(),
    value: z.string(),
    severity: z.enum(['refused', 'notice']),
    code: z.string(),
    message_es: z.string(),
    message_en: z.string(),
    hint_es: z.string(),
    hint_en: z.string(),
  })
  .openapi('RowProblem');

/** Stored as it is in core.import.reading. */
export const readingSchema = z
  .object({
    kind: z.enum(['workbook', 'csv', 'json', 'ndjson']),
    sheet: z.string(),
    header_row: z.int(),
    reasons: z.array(bilingualSchema).openapi({ description: 'How the use case was found.' }),
    columns: z.array(z.object({ header: z.string(), label: z.string(), key: z.string() })),
    free_variables: z.array(z.object({ header: z.string(), variable: z.string() })),
    ignored_columns: z.array(z.string()),
    warnings: z.array(bilingualSchema),
    rows_with_notices: count,
    rows_identical: count,
    rows_blank: count,
    rows_hidden: count,
    debts: count,
  })
  .openapi('FileReading');

const sampleRowSchema = z.object({
  row: z.int(),
  name: z.string(),
  national_id: z.string().nullable(),
  phones: z.array(z.string()),
  zone: z.string().nullable(),
  creditor: z.string().nullable(),
  amount: moneySchema.nullable(),
  due_date: z.string().nullable(),
  variables: z.record(z.string(), z.string()),
});

/** Stored as it is in core.import.failure. */
export const failureSchema = z
  .object({ code: z.enum(importFileErrorCodes), message_es: z.string(), message_en: z.string() })
  .openapi('ImportFailure');

export const importStateSchema = z.enum(['waiting', 'reading', 'stored', 'failed', 'cancelled']);

/** What a list shows of an import. */
export const importRowSchema = z
  .object({
    import_id: idSchema.nullable().openapi({ description: 'Null in a dry run.' }),
    state: importStateSchema.nullable().openapi({
      description:
        'waiting: its turn comes; reading: rows are checked and stored; stored: a batch can be made of it; failed: see `failure`. Null in a dry run.',
    }),
    batch_id: idSchema.nullable().openapi({ description: 'The batch that was made of it.' }),
    file_name: z.string(),
    sha256: z.string().openapi({ description: 'Of the file; of JSON, of the array of rows as it was sent.' }),
    use_case: z.string().nullable().openapi({ description: 'Null until the file has been read.' }),
    progress: z.object({
      bytes_total: count.openapi({ description: 'Of the file as uploaded.' }),
      bytes_read: count.openapi({ description: 'Of a workbook, as its sheet has been read.' }),
      rows_checked: count,
      rows_stored: count,
    }),
    rows_read: count,
    rows_good: count,
    rows_refused: count,
    contacts: count.openapi({ description: 'People: rows of one person become one contact.' }),
    failure: failureSchema.nullable().openapi({ description: 'Why the file could not be taken.' }),
    received_at: instantSchema.nullable(),
    ended_at: instantSchema.nullable(),
  })
  .openapi('ImportRow');

export const importSchema = importRowSchema
  .extend({
    dry_run: z.boolean(),
    already_imported: z
      .boolean()
      .openapi({ description: 'The same bytes were imported before, or are under way; see import_id.' }),
    problems: z.array(rowProblemSchema).openapi({
      description: 'At most 1,000; refused rows before notices. More: `/imports/{id}/problems`.',
    }),
    problems_omitted: count,
    reading: readingSchema
      .nullable()
      .openapi({ description: 'How the file was understood. Null until it has been read.' }),
    sample: z.array(sampleRowSchema).openapi({ description: 'Dry run: the first good rows as understood.' }),
    same_file: z
      .array(
        z.object({
          import_id: idSchema,
          file_name: z.string(),
          imported_at: instantSchema,
          batch_id: idSchema.nullable(),
        }),
      )
      .openapi({ description: 'Dry run: earlier imports of the same bytes.' }),
  })
  .openapi('Import');

export const importPageSchema = z
  .object({ imports: z.array(importRowSchema), next_cursor: nextCursorSchema })
  .openapi('ImportPage');

/** Stored as it is in core.import_remarked_row.cells. */
export const shownCellSchema = z.object({ column: z.string(), value: z.string() });

export const remarkedRowSchema = z
  .object({
    severity: z.enum(['refused', 'notice']).openapi({ description: 'refused: the row was left out.' }),
    sheet: z.string(),
    row: z.int(),
    cells: z.array(shownCellSchema).openapi({
      description:
        'What a refused row held in the columns that are read, as they were read. Empty for a row that was taken.',
    }),
    cells_omitted: count.openapi({ description: 'Cells beyond 4,000 characters.' }),
    problems: z.array(rowProblemSchema),
  })
  .openapi('RemarkedRow');

export const remarkedRowPageSchema = z
  .object({
    rows: z.array(remarkedRowSchema),
    rows_omitted: count.openapi({ description: 'Rows of the import with problems that were not kept.' }),
    next_cursor: nextCursorSchema,
  })
  .openapi('RemarkedRowPage');

export const remarkedRowQuery = pageQuery.extend({
  severity: z.enum(['refused', 'notice']).optional().openapi({ description: 'Default: both.' }),
});
