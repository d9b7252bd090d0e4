import ExcelJS from 'exceljs';

const rowsShown = 8;

/** The first rows of each sheet of a workbook with the kind of each cell, and whether its header is frozen and filters. */
export async function workbookText(file: string): Promise<string> {
  const workbook = new ExcelJS.Workbook();
  await workbook.xlsx.readFile(file);
  return workbook.worksheets.map(sheetText).join('\n\n');
}

function sheetText(sheet: ExcelJS.Worksheet): string {
  const isFrozen = sheet.views.some(({ state }) => state === 'frozen');
  const lines = [
    `hoja «${sheet.name}», ${sheet.rowCount} filas, encabezado ${isFrozen ? 'fijo' : 'suelto'}, filtro ${JSON.stringify(sheet.autoFilter ?? null)}`,
  ];
  for (let number = 1; number <= Math.min(rowsShown, sheet.rowCount); number += 1) {
    const cells: string[] = [];
    sheet.getRow(number).eachCell({ includeEmpty: true }, ({ value }) => {
      cells.push(value instanceof Date ? `fecha ${value.toISOString()}` : JSON.stringify(value));
    });
    lines.push(cells.join(' | '));
  }
  return lines.join('\n');
}
