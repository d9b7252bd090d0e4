import { calendarTable, figureTable, outcomeTable, refusalTable, storyTable, type Table } from './tables.ts';
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
    ...(report.refusals.length === 0 ? [] : ['## Turnos sin llamada', table(refusalTable(report))]),
    '## Contactos',
    table(storyTable(report)),
    '',
  ].join('\n\n');
}

function table([head = [], ...rows]: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** A name with a bar in it must not become a column. */
function escape(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
