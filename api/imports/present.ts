import { z } from '@hono/zod-openapi';
import type { ImportPreview } from '../../domain/imports/imports.ts';
import type { readImport } from '../../domain/imports/queries.ts';
import type { listRemarkedRows } from '../../domain/imports/queries-remarks.ts';
import type { listImports } from '../../domain/imports/queries-runs.ts';
import { readingOf } from '../../domain/imports/reading.ts';
import type { ParsedRow } from '../../domain/imports/types.ts';
import { presentMoney } from '../money.ts';
import {
  failureSchema,
  type importRowSchema,
  type importSchema,
  readingSchema,
  type remarkedRowSchema,
  rowProblemSchema,
  shownCellSchema,
} from './schemas.ts';

export type ImportJson = z.infer<typeof importSchema>;
type ImportRowJson = z.infer<typeof importRowSchema>;
type RemarkedRowJson = z.infer<typeof remarkedRowSchema>;
type SampleJson = ImportJson['sample'][number];
type ImportRow = Awaited<ReturnType<typeof readImport>>;
type ListedImport = Awaited<ReturnType<typeof listImports>>[number];

export function presentPreview({
  summary,
  problems,
  problemsOmitted,
  sample,
  sameFile,
}: ImportPreview): ImportJson {
  return {
    import_id: null,
    state: null,
    batch_id: null,
    file_name: summary.fileName,
    sha256: summary.sha256,
    use_case: summary.useCase,
    progress: {
      bytes_total: summary.bytes,
      bytes_read: summary.bytes,
      rows_checked: summary.rowsRead,
      rows_stored: 0,
    },
    rows_read: summary.rowsRead,
    rows_good: summary.rowsGood,
    rows_refused: summary.rowsRefused,
    contacts: summary.contacts,
    failure: null,
    received_at: null,
    ended_at: null,
    dry_run: true,
    already_imported: false,
    problems: [...problems],
    problems_omitted: problemsOmitted,
    reading: readingOf(summary),
    sample: sample.map(presentSample),
    same_file: sameFile.map(({ importId, fileName, importedAt, batchId }) => ({
      import_id: importId,
      file_name: fileName,
      imported_at: importedAt,
      batch_id: batchId,
    })),
  };
}

/** An import as its row is now. `isNew`: this request has made it. */
export function presentImport(row: ImportRow, isNew: boolean): ImportJson {
  return {
    ...presentImportRow(row),
    dry_run: false,
    already_imported: !isNew,
    problems: z.array(rowProblemSchema).parse(row.problems),
    problems_omitted: row.problems_omitted,
    reading: readingSchema.nullable().parse(row.reading),
    sample: [],
    same_file: [],
  };
}

export function presentImportRow(row: ListedImport): ImportRowJson {
  return {
    import_id: row.id,
    state: row.state,
    batch_id: row.batch_id,
    file_name: row.file_name,
    sha256: row.sha256,
    use_case: row.use_case,
    progress: {
      bytes_total: Number(row.bytes),
      bytes_read: Number(row.bytes_read),
      rows_checked: row.rows_read,
      rows_stored: row.rows_stored,
    },
    rows_read: row.rows_read,
    rows_good: row.rows_good,
    rows_refused: row.rows_refused,
    contacts: row.contacts,
    failure: failureSchema.nullable().parse(row.failure),
    received_at: row.created_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}

export function presentRemarkedRow(
  row: Awaited<ReturnType<typeof listRemarkedRows>>[number],
): RemarkedRowJson {
  return {
    severity: row.severity,
    sheet: row.sheet,
    row: row.sheet_row,
    cells: z.array(shownCellSchema).parse(row.cells),
    cells_omitted: row.cells_omitted,
    problems: z.array(rowProblemSchema).parse(row.problems),
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
