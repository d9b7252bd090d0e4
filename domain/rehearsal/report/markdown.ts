import { escape } from '../../shared/rules/markdown.ts';
import {
  calendarTable,
  checkTable,
  figureTable,
  outcomeTable,
  refusalTable,
  storyTable,
  type Table,
  valueInWords,
} from './tables.ts';
import type { RehearsalReport } from './types.ts';

/** The report as a page that an operator can send on. */
export function reportMarkdown(report: RehearsalReport): string {
  return [
    '# Ensayo',
    table([['dato', 'valor'], ...figureTable(report)]),
    '## Calendario',
    table(calendarTable(report)),
    '## Cierres',
    table(outcomeTable(report)),
    ...(report.refusals.length === 0 ? [] : ['## Llamadas no realizadas', table(refusalTable(report))]),
    '## Revisión de las reglas',
    table(checkTable(report)),
    '## Contactos',
    table(storyTable(report)),
    '',
  ].join('\n\n');
}

function table([head = [], ...rows]: Table): string {
  const line = (cells: Table[number]): string =>
    `| ${cells.map((cell) => escape(valueInWords(cell))).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
