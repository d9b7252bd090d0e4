import {
  calendarTable,
  figureTable,
  outcomeTable,
  refusalTable,
  type Table,
} from '../../domain/rehearsal/report/tables.ts';
import type { RehearsalReport } from '../../domain/rehearsal/report/types.ts';

const storiesShown = 12;

/** The report as an operator reads it in a terminal: figures, calendar, ends, and the first stories. */
export function reportText(report: RehearsalReport): string {
  const stories = report.stories.slice(0, storiesShown).map(({ row, name, events }) => {
    const lines = events.map(({ at, words }) => `    ${at}  ${words}`);
    return [`  ${row}. ${name}`, ...lines].join('\n');
  });
  const hidden = report.stories.length - stories.length;
  return [
    table(figureTable(report)),
    table(calendarTable(report)),
    table(outcomeTable(report)),
    ...(report.refusals.length === 0 ? [] : [table(refusalTable(report))]),
    ...stories,
    ...(hidden > 0 ? [`  … y ${hidden} contactos más: --md o --xlsx los traen todos.`] : []),
  ].join('\n\n');
}

function table(rows: Table): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}
