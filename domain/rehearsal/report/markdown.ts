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

/**
 * A cell is text: what a file brings as a name must become no column, link, picture or tag of the page of whoever opens
 * the report. Addresses are not made links either.
 */
export function escape(cell: string): string {
  return cell
    .replace(/[\r\n\u2028\u2029]+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replace(/:(?=\/\/)|@/g, (mark) => `&#${mark.charCodeAt(0)};`)
    .replace(/(www)\./gi, '$1&#46;');
}
