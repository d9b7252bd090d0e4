/** What a cell shows is more than its number: hours, shares, days of another calendar, a value for several rows. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importLimits } from '../../../domain/imports/limits.ts';
import { MergeScan } from '../../../domain/imports/merged-cells.ts';
import { readTable } from '../../../domain/imports/table.ts';
import {
  type CellInput,
  createTestFolder,
  type Parsed,
  parseFile,
  type TestFolder,
  workbookOf,
} from './fixtures.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

let files = 0;
const save = async (
  rows: readonly (readonly CellInput[])[],
  adjust?: Parameters<typeof workbookOf>[1],
): Promise<string> => {
  files += 1;
  return folder.file(`shown-${files}.xlsx`, await workbookOf({ Hoja: rows }, adjust));
};
const read = async (...given: Parameters<typeof save>): Promise<Parsed> => parseFile(await save(...given));

describe('hours and shares', () => {
  test.each([
    ['h:mm', 0.4375, '10:30'],
    ['hh:mm:ss', 0.75 + 5 / 86_400, '18:00:05'],
    ['h:mm AM/PM', 0.625, '15:00'],
    ['h:mm" h"', 46_424.6875, '16:30'],
    ['[h]:mm', 1.0625, '25:30'],
    ['dd/mm/yyyy hh:mm', 46_424.6875, '2027-02-06 16:30'],
    ['dd/mm/yyyy hh:mm', 46_424, '2027-02-06'],
    ['yyyy-mm-dd"T"hh:mm', 46_424.25, '2027-02-06 06:00'],
    ['dd/mm/yyyy hh:mm', 0.25, '06:00'],
    ['dd-mmm-yy', 46_424.6875, '2027-02-06'],
    ['mmm yyyy', 46_424, '2027-02-06'],
    ['0%', 0.15, '15 %'],
    ['0.0%', 0.125, '12,5 %'],
    ['#,##0.00%', 1.07, '107 %'],
    ['0 "%"', 15, '15'],
    ['#,##0\\ \\h\\o\\r\\a\\s', 36, '36'],
    ['"día "0', 4, '4'],
    ['General', 0.4375, '0.4375'],
  ])('%s of %d is told as %s', async (format, value, shown) => {
    const { rows } = await read(
      [
        ['nombre', 'telefono', 'dato'],
        ['Rosa', '962234400', value],
      ],
      (workbook) => {
        const cell = workbook.getWorksheet(1)?.getCell('C2');
        if (cell !== undefined) cell.numFmt = format;
      },
    );
    expect(rows[0]?.variables['dato']).toBe(shown);
  });

  test('a due date with an hour is its day; an hour alone is no day, and a share is no amount', async () => {
    const header = ['RUT', 'NOMBRE', 'TELEFONO', 'MONTO', 'FECHA_VENC', 'EMPRESA'];
    const { rows, problems } = await read(
      [
        header,
        ['9.000.001-2', 'Rosa', '962234400', 70_000, 46_424.6875, 'Sur'],
        ['9.000.002-0', 'Tito', '962234401', 70_000, 0.6875, 'Sur'],
        ['9.000.003-9', 'Nora', '962234402', 0.7, 46_424, 'Sur'],
      ],
      (workbook) => {
        const sheet = workbook.getWorksheet(1);
        if (sheet === undefined) return;
        sheet.getCell('E2').numFmt = 'dd/mm/yyyy hh:mm';
        sheet.getCell('E3').numFmt = 'hh:mm';
        sheet.getCell('D4').numFmt = '0%';
      },
    );
    expect(rows.map(({ debt }) => debt?.dueDate)).toEqual(['2027-02-06']);
    expect(problems.map(({ row, code, value }) => [row, code, value])).toEqual([
      [3, 'date_invalid', '16:30'],
      [4, 'money_invalid', '70 %'],
    ]);
  });
});

test('days of a workbook that counts from 1904 are the same as cells, numbers and results, in every file', async () => {
  const count = 46_424 - 1_462;
  const of1904 = (workbook: Parameters<NonNullable<Parameters<typeof workbookOf>[1]>>[0]): void => {
    workbook.properties.date1904 = true;
    const cell = workbook.getWorksheet(1)?.getCell('C2');
    if (cell !== undefined) cell.numFmt = 'dd/mm/yyyy';
  };
  const people = [
    ['RUT', 'NOMBRE', 'FECHA_VENC', 'MONTO', 'TELEFONO', 'EMPRESA', 'FECHA_MAXIMA'],
    ...[count, count, { formula: 'A1', result: count }, String(count)].map((day, at) => [
      '9.000.001-2',
      'Rosa',
      day,
      70_000 + at,
      '962234400',
      'Sur',
      count,
    ]),
  ];
  const { rows } = await read(people, of1904);
  expect(rows.map(({ debt }) => debt?.dueDate)).toEqual(Array.from({ length: 4 }, () => '2027-02-06'));
  expect(new Set(rows.map(({ variables }) => variables['fecha_maxima']))).toEqual(new Set(['2027-02-06']));
  const path = await save(
    [
      ['RUT', 'MONTO', 'FECHA_PAGO'],
      ['9.000.001-2', 500, count],
    ],
    of1904,
  );
  const columns = ['RUT', 'MONTO', 'FECHA_PAGO'].map((label) => ({ key: label, label, aliases: [] }));
  const table: unknown[] = [];
  for await (const row of readTable({ path, fileName: 'a', columns, needs: [['RUT']] })) table.push(row);
  expect(table).toMatchObject([{ row: 2, is1904: true }]);
});

describe('merged cells', () => {
  const HEADER = ['EMPRESA', 'RUT', 'NOMBRE', 'TELEFONO', 'MONTO', 'FECHA_VENC'];
  const person = (rut: string, name: string, phone: string, amount: CellInput): CellInput[] => [
    undefined,
    rut,
    name,
    phone,
    amount,
    '2027-02-06',
  ];
  const merged =
    (...ranges: readonly string[]): Parameters<typeof workbookOf>[1] =>
    (workbook) => {
      for (const range of ranges) workbook.getWorksheet(1)?.mergeCells(range);
    };
  const three = (): CellInput[][] => {
    const rows = [
      person('9.000.001-2', 'Rosa', '962234400', 71_000),
      person('9.000.002-0', 'Tito', '962234401', 72_000),
      person('9.000.003-9', 'Nora', '962234402', 73_000),
    ];
    const [first] = rows;
    if (first !== undefined) first[0] = 'Comercial Sur';
    return rows;
  };

  test('one creditor over its rows is the creditor of each, also where the batch has another; and it is told', async () => {
    const rows = three();
    const path = await save([HEADER, ...rows, [], ['']], merged('A2:A4', 'A5:A6'));
    const parsed = await parseFile(path, { defaults: { country: 'CL', creditor: 'Banco Norte' } });
    expect(parsed.rows.map(({ debt }) => debt?.creditor)).toEqual([
      'Comercial Sur',
      'Comercial Sur',
      'Comercial Sur',
    ]);
    expect(parsed.summary).toMatchObject({ rowsRead: 3, rowsRefused: 0 });
    expect(parsed.summary.warnings.map(({ es }) => es).join()).toContain('celdas combinadas');
    // Behind its last row the cell says nothing any more.
    const short = await save([HEADER, ...rows], merged('A2:A3'));
    const other = await parseFile(short, { defaults: { country: 'CL', creditor: 'Banco Norte' } });
    expect(other.rows.map(({ debt }) => debt?.creditor)).toEqual([
      'Comercial Sur',
      'Comercial Sur',
      'Banco Norte',
    ]);
  });

  test('one amount over several rows is nobody’s share, and a cell over rows without people makes none', async () => {
    const rows = three();
    for (const row of rows.slice(1)) row[4] = undefined;
    const parsed = await read([HEADER, ...rows], merged('A2:A9', 'E2:E4'));
    expect(parsed.rows.map(({ row }) => row)).toEqual([2]);
    expect(parsed.problems.map(({ row, code }) => [row, code])).toEqual([
      [3, 'money_merged'],
      [4, 'money_merged'],
    ]);
    expect(parsed.summary.rowsRead).toBe(3);
  });

  test('a title over the columns of a table is no value of them', async () => {
    const parsed = await read([['Cartera de febrero'], HEADER, ...three()], merged('A1:F1', 'A3:A5'));
    expect(parsed.summary).toMatchObject({ headerRow: 2, rowsGood: 3 });
  });

  test('are found wherever the pieces of a sheet end, under any prefix, and nowhere in its text', () => {
    const xml =
      '<x:row r="1"><x:c t="str"><x:v>mergeCell ref="A1:A9"</x:v></x:c></x:row></x:sheetData>' +
      '<x:mergeCells count="3"><x:mergeCell ref="B2:B7"/><x:mergeCell  foo="1" ref="AA10:AC12" /><x:mergeCell ref="C1:F1"/></x:mergeCells>';
    for (let size = 1; size <= xml.length; size += 1) {
      const scan = new MergeScan(importLimits);
      for (let at = 0; at < xml.length; at += size) scan.add(xml.slice(at, at + size));
      expect(scan.merges, `pieces of ${size}`).toEqual([
        { column: 1, from: 2, to: 7 },
        { column: 26, from: 10, to: 12 },
      ]);
    }
  });
});
