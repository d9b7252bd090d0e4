import { csvLine } from '../shared/rules/csv.ts';
import { escape } from '../shared/rules/markdown.ts';
import { dayInWords, decimalNumber, percentage, wholeNumber } from '../shared/rules/written.ts';
import { type Cell, writeWorkbook } from '../shared/write-workbook.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import { DateTime } from 'luxon';
import type { Report } from './reports.ts';
import { type ColumnType, type ReportTable, reportTitles, type ReportValue } from './rules/report.ts';

export const reportFormats = ['csv', 'xlsx', 'md'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** A report as a file. CSV has one table: the named one, or the first. */
export function reportFile(
  format: ReportFormat,
  report: Report,
  table: ReportTable,
): AsyncGenerator<Uint8Array> {
  if (format === 'xlsx') return workbook(report);
  return inBytes(format === 'csv' ? csv(table) : markdown(report));
}

// oxlint-disable-next-line require-await -- a generator of one part, as the workbook is of many
async function* inBytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function csv({ columns, rows }: ReportTable): string {
  const lines = rows.map((row) => csvLine(row.map((value) => (value === null ? '' : String(value)))));
  // With its mark Excel reads accents.
  return `\uFEFF${csvLine(columns.map(({ es }) => es))}${lines.join('')}`;
}

function workbook(report: Report): AsyncGenerator<Uint8Array> {
  return writeWorkbook([
    {
      name: 'Informe',
      columns: [
        { title: 'Dato', width: 24 },
        { title: 'Valor', width: 60 },
      ],
      rows: [aboutOf(report).map(([what, value]) => [{ text: what }, value])],
    },
    ...report.tables.map(({ es, columns, rows }) => ({
      name: es,
      columns: columns.map(({ es: title, type }) => ({ title, width: type === 'text' ? 34 : 18 })),
      rows: [rows.map((row) => row.map((value, index) => cellOf(columns[index]?.type ?? 'text', value)))],
    })),
  ]);
}

function cellOf(type: ColumnType, value: ReportValue): Cell {
  if (value === null) return null;
  if (type === 'day') return { local: String(value) };
  if (type === 'code' || type === 'text') return { text: String(value) };
  return { number: String(value), style: type === 'whole' ? 'whole' : 'decimals' };
}

/** What the report is about, for whoever has only the file. */
function aboutOf(report: Report): readonly (readonly [string, Cell])[] {
  const { asOf, zone, batch, days, useCase, zoneOfCalls, name } = report;
  const local = DateTime.fromJSDate(asOf, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
  const text = (what: string, value: string | null): readonly (readonly [string, Cell])[] =>
    value === null ? [] : [[what, { text: value }]];
  return [
    ...text('informe', reportTitles[name]),
    ['contado a las', { local }],
    ...text('hora de', zone),
    ...text('lote', batch?.name ?? null),
    ...(days === null
      ? []
      : ([
          ['desde', { local: days.from }],
          ['hasta', { local: days.to }],
        ] as const)),
    ...text('caso de uso', useCase === null ? null : (useCaseByKey(useCase)?.title.es ?? useCase)),
    ...text('zona de las llamadas', zoneOfCalls),
  ];
}

function markdown(report: Report): string {
  const about = aboutOf(report).map(([what, value]) => `- ${what}: ${escape(inWords(value))}`);
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |`;
  const tables = report.tables.map(({ es, columns, rows }) =>
    [
      `## ${es}`,
      '',
      line(columns.map(({ es: title }) => title)),
      `|${' --- |'.repeat(columns.length)}`,
      ...rows.map((row) =>
        line(row.map((value, index) => valueInWords(columns[index]?.type ?? 'text', value))),
      ),
    ].join('\n'),
  );
  return `${[`# ${reportTitles[report.name]}`, about.join('\n'), ...tables].join('\n\n')}\n`;
}

function valueInWords(type: ColumnType, value: ReportValue): string {
  if (value === null) return '–';
  if (type === 'day') return dayInWords(String(value));
  if (type === 'whole') return wholeNumber(Number(value));
  if (type === 'share') return percentage(Number(value));
  return type === 'amount' || type === 'seconds' ? decimalNumber(String(value)) : String(value);
}

function inWords(cell: Cell): string {
  if (cell === null) return '';
  if ('text' in cell) return cell.text;
  if ('number' in cell) return cell.number;
  const [day = '', time] = cell.local.split('T');
  return time === undefined ? dayInWords(day) : `${dayInWords(day)} ${time}`;
}
