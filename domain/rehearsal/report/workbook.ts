import ExcelJS from 'exceljs';
import { calendarTable, figureTable, outcomeTable, refusalTable, storyTable, type Table } from './tables.ts';
import type { RehearsalReport } from './types.ts';

const widestColumn = 100;

/** The report as an Excel file: one sheet a table. */
export async function reportWorkbook(report: RehearsalReport): Promise<Uint8Array<ArrayBuffer>> {
  const workbook = new ExcelJS.Workbook();
  const sheets: readonly (readonly [name: string, table: Table])[] = [
    ['Resumen', [['dato', 'valor'], ...figureTable(report)]],
    ['Calendario', calendarTable(report)],
    ['Cierres', outcomeTable(report)],
    ['Turnos sin llamada', refusalTable(report)],
    ['Contactos', storyTable(report)],
  ];
  for (const [name, table] of sheets) {
    const sheet = workbook.addWorksheet(name);
    for (const row of table) sheet.addRow(row.map(plain));
    sheet.getRow(1).font = { bold: true };
    sheet.views = [{ state: 'frozen', ySplit: 1 }];
    sheet.columns.forEach((column, index) => {
      const longest = Math.max(...table.map((row) => (row[index] ?? '').length));
      column.width = Math.min(widestColumn, longest + 2);
    });
  }
  return new Uint8Array(await workbook.xlsx.writeBuffer());
}

/** Figures as figures; a text that begins like a formula stays a text. */
function plain(cell: string): string | number {
  return /^\d{1,9}$/.test(cell) ? Number(cell) : cell;
}
