import { type Cell, writeWorkbook } from '../../shared/write-workbook.ts';
import {
  calendarTable,
  checkTable,
  figureTable,
  outcomeTable,
  refusalTable,
  storyTable,
  type Table,
  type Value,
  valueInWords,
} from './tables.ts';
import type { RehearsalReport } from './types.ts';

const widestColumn = 100;
const narrowestColumn = 8;

/** The report as an Excel file: one sheet a table, each with a frozen header that filters; days are days and amounts numbers. */
export async function reportWorkbook(report: RehearsalReport): Promise<Uint8Array<ArrayBuffer>> {
  const tables: readonly (readonly [name: string, table: Table])[] = [
    ['Resumen', [['dato', 'valor'], ...figureTable(report)]],
    ['Calendario', calendarTable(report)],
    ['Cierres', outcomeTable(report)],
    ['Llamadas no realizadas', refusalTable(report)],
    ['Revisión de las reglas', checkTable(report)],
    ['Contactos', storyTable(report)],
  ];
  const parts: Buffer[] = [];
  for await (const part of writeWorkbook(tables.map(([name, table]) => sheetOf(name, table))))
    parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

function sheetOf(name: string, table: Table) {
  const [head = [], ...rows] = table;
  const columns = head.map((title, index) => {
    const longest = Math.max(...table.map((row) => valueInWords(row[index] ?? '').length));
    const width = Math.min(widestColumn, Math.max(narrowestColumn, longest + 2));
    return { title: valueInWords(title), width };
  });
  return { name, columns, rows: [rows.map((row) => row.map(cellOf))] };
}

function cellOf(value: Value): Cell {
  if (typeof value === 'string') return value === '' ? null : { text: value };
  if (typeof value === 'number')
    return { number: String(value), style: Number.isInteger(value) ? 'whole' : 'decimals' };
  return value;
}
