import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importLimits } from '../../../domain/imports/limits.ts';
import { detectEncoding } from '../../../domain/imports/csv-encoding.ts';
import { detectDelimiter } from '../../../domain/imports/read-csv.ts';
import {
  createTestFolder,
  type Parsed,
  parseFile,
  refusalOf,
  type TestFolder,
  workbookOf,
} from './fixtures.ts';

const HEADERS = ['RUT', 'NOMBRE', 'TELEFONO', 'MONTO', 'FECHA_VENC', 'EMPRESA'];
const ANA = ['12.345.678-5', 'Ana Soto', '+56961234567', '$1.234', '30/11/2026', 'Banco'];
const JUAN = ['8.000.000-6', 'Juan Rojas', '9 7123 4567', '1.500', '2026-11-30', 'Retail'];

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

const names = ({ rows }: Parsed): string[] => rows.map(({ name }) => name);

describe('CSV', () => {
  const lines = [HEADERS.join(';'), ANA.join(';'), '', JUAN.join(';')].join('\r\n');

  test.each([
    ['UTF-8', Buffer.from(lines.replace('Ana', 'Ángela'))],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${lines.replace('Ana', 'Ángela')}`)],
    ['Windows-1252', Buffer.from(lines.replace('Ana', 'Ángela'), 'latin1')],
    ['UTF-16, as Excel’s “Unicode text”', Buffer.from(`\ufeff${lines.replace('Ana', 'Ángela')}`, 'utf16le')],
    ['a line that names the separator', Buffer.from(`sep=;\r\n${lines.replace('Ana', 'Ángela')}`)],
  ])('%s is read, with accents and row numbers as Excel shows them', async (_, content) => {
    const parsed = await parseFile(await folder.file('a.csv', content));
    expect(names(parsed)).toEqual(['Ángela Soto', 'Juan Rojas']);
    expect(parsed.rows.map(({ row }) => row)).toEqual([2, 4]);
  });

  test.each([';', ',', '\t', '|'])(
    'columns split by %j give the same rows as a workbook',
    async (delimiter) => {
      const quoted = [HEADERS, ANA, JUAN]
        .map((row) => row.map((value) => `"${value}"`).join(delimiter))
        .join('\n');
      const csv = await parseFile(await folder.file('b.csv', quoted));
      const book = await parseFile(
        await folder.file('b.xlsx', await workbookOf({ prueba: [HEADERS, ANA, JUAN] })),
      );
      expect(csv.rows).toEqual(book.rows);
    },
  );

  test('an accent on the last line alone decides the encoding', async () => {
    const content = Buffer.from(`${'nombre;telefono\n'.repeat(20_000)}Íñigo`, 'latin1');
    expect(await detectEncoding(await folder.file('late.csv', content))).toBe('windows-1252');
  });

  test('decimal commas and quoted separators do not pass for the separator', () => {
    expect(detectDelimiter('a;b;c\n1,5;2,5;3\n4,5;5,5;6\n')).toBe(';');
    expect(detectDelimiter('a,b\n"x;y;z;w",2\n"x;y;z;w",2\n')).toBe(',');
  });

  test('a record over several lines is one row in Excel’s count', async () => {
    const content = `${HEADERS.join(';')}\n"12.345.678-5";"Ana\nSoto";961234567;1234;30/11/2026;Banco\n${JUAN.join(';')}`;
    const parsed = await parseFile(await folder.file('c.csv', content));
    expect(parsed.rows.map(({ row, name }) => `${row} ${name}`)).toEqual(['2 Ana Soto', '3 Juan Rojas']);
  });

  test('a quote that stays open is refused, and so are too many lines', async () => {
    const open = await folder.file('d.csv', `${lines}\r\n"abierta;1;2;3;4;5\r\n${'x'.repeat(300_000)}`);
    expect(await refusalOf(parseFile(open))).toBe('csv_malformed');
    const long = await folder.file('long.csv', `${lines}\r\n"${'x'.repeat(300_000)}";1;2;3;4;5`);
    expect(await refusalOf(parseFile(long))).toBe('csv_malformed');
    const many = await folder.file('e.csv', lines);
    expect(await refusalOf(parseFile(many, {}, { ...importLimits, maxRows: 2, maxOtherRows: 1 }))).toBe(
      'too_many_rows',
    );
  });
});
