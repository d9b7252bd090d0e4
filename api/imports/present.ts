import { z } from '@hono/zod-openapi';
import type { ImportPreview } from '../../domain/imports/preview.ts';
import type { ImportSummary, ParsedRow } from '../../domain/imports/types.ts';
import type { ImportedUpload } from '../../domain/imports/imports.ts';
import type { readImport } from '../../domain/imports/queries.ts';
import { presentMoney } from '../money.ts';
import { type importSchema, rowProblemSchema } from './schemas.ts';

export type ImportJson = z.infer<typeof importSchema>;
type SampleJson = ImportJson['sample'][number];

export function presentPreview(preview: ImportPreview): ImportJson {
  return {
    ...presentSummary(preview.summary),
    import_id: null,
    dry_run: true,
    problems: [...preview.problems],
    problems_omitted: preview.problemsOmitted,
    sample: preview.sample.map(presentSample),
    same_file: preview.sameFile.map(({ importId, fileName, importedAt, batchId }) => ({
      import_id: importId,
      file_name: fileName,
      imported_at: importedAt,
      batch_id: batchId,
    })),
  };
}

export function presentStored(stored: Extract<ImportedUpload, { kind: 'stored' }>): ImportJson {
  return {
    ...presentSummary(stored.summary),
    import_id: stored.importId,
    problems: [...stored.problems],
    problems_omitted: stored.problemsOmitted,
  };
}

/** An import as it lies in the database: how the file was read is not kept. */
export function presentEarlier(row: Awaited<ReturnType<typeof readImport>>): ImportJson {
  return {
    import_id: row.id,
    dry_run: false,
    already_imported: true,
    batch_id: row.batch_id,
    file_name: row.file_name,
    sha256: row.sha256,
    use_case: row.use_case,
    rows_read: row.rows_read,
    rows_good: row.rows_good,
    rows_refused: row.rows_refused,
    contacts: row.contacts,
    problems: z.array(rowProblemSchema).parse(row.problems),
    problems_omitted: 0,
    reading: null,
    sample: [],
    same_file: [],
  };
}

function presentSummary(summary: ImportSummary): ImportJson {
  return {
    import_id: null,
    dry_run: false,
    already_imported: false,
    batch_id: null,
    file_name: summary.fileName,
    sha256: summary.sha256,
    use_case: summary.useCase,
    rows_read: summary.rowsRead,
    rows_good: summary.rowsGood,
    rows_refused: summary.rowsRefused,
    contacts: summary.contacts,
    problems: [],
    problems_omitted: 0,
    reading: {
      kind: summary.kind,
      sheet: summary.sheet,
      header_row: summary.headerRow,
      reasons: [...summary.reasons],
      columns: [...summary.columns],
      free_variables: [...summary.freeVariables],
      ignored_columns: [...summary.ignoredColumns],
      warnings: [...summary.warnings],
      rows_with_notices: summary.rowsWithNotices,
      rows_identical: summary.rowsIdentical,
      rows_blank: summary.rowsBlank,
      rows_hidden: summary.rowsHidden,
      debts: summary.debts,
    },
    sample: [],
    same_file: [],
  };
}

function presentSample({ row, name, nationalId, phones, zone, debt, variables }: ParsedRow): SampleJson {
  return {
    row,
    name,
    national_id: nationalId ?? null,
    phones: [...phones],
    zone,
    creditor: debt?.creditor ?? null,
    amount: debt === undefined ? null : presentMoney(debt.amountMicros, debt.currency),
    due_date: debt?.dueDate ?? null,
    variables: { ...variables },
  };
}
