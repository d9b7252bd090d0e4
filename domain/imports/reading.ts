import type { ImportSummary } from './types.ts';

/** How a file was understood, JSON-plain: as it is kept with the import, and shown. */
export function readingOf(summary: ImportSummary) {
  return {
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
  };
}
