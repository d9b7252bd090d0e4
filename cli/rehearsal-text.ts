import { textTable } from '../domain/shared/rules/text-table.ts';
import {
  calendarTable,
  checkTable,
  figureTable,
  outcomeTable,
  refusalTable,
  shortInstant,
  type Table,
  valueInWords,
} from '../domain/rehearsal/report/tables.ts';
import { amountsInWords, counted } from '../domain/shared/rules/written.ts';
import type { RehearsalReport } from '../domain/rehearsal/report/types.ts';

const storiesShown = 12;

/** The report as an operator reads it in a terminal: figures, calendar, ends, and the first stories. */
export function reportText(report: RehearsalReport): string {
  const stories = report.stories.slice(0, storiesShown).map(({ row, name, debt, events }) => {
    const lines = events.map(({ at, words }) => `    ${shortInstant(at)}  ${words}`);
    const owes = debt.length === 0 ? '' : `, debe ${amountsInWords(debt, '')}`;
    return [`  Fila ${row}: ${name}${owes}`, ...lines].join('\n');
  });
  const hidden = report.stories.length - stories.length;
  return [
    table(figureTable(report)),
    table(calendarTable(report)),
    table(outcomeTable(report)),
    ...(report.refusals.length === 0 ? [] : [table(refusalTable(report))]),
    table(checkTable(report)),
    ...stories,
    ...(hidden > 0 ? [`  … y ${counted(hidden, 'contacto')} más: --md o --xlsx los traen todos.`] : []),
  ].join('\n\n');
}

function table(rows: Table): string {
  return textTable(rows.map((row) => ['', ...row.map(valueInWords)]));
}
