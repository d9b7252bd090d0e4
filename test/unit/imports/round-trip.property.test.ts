import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RawCell } from '../../../domain/imports/rules/cells.ts';
import { guardUpload } from '../../../domain/imports/guard.ts';
import { readWorkbook } from '../../../domain/imports/read-workbook.ts';
import { type CellInput, createTestFolder, type TestFolder, workbookOf } from './fixtures.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

/** What XML can hold, without what looks like an escape of Excel's. */
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((value) => !/_x|[\p{Cc}]/u.test(value) && value.trim() === value);

interface Written {
  readonly cell: CellInput;
  readonly read: RawCell;
}

const day = fc.date({ min: new Date('1990-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
const cell: fc.Arbitrary<Written> = fc.oneof(
  text.map((value) => ({ cell: value, read: value })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    // A file has one zero.
    .map((value) => (value === 0 ? 0 : value))
    .map((value) => ({ cell: value, read: value })),
  fc.integer().map((value) => ({ cell: value, read: value })),
  fc.boolean().map((value) => ({ cell: value, read: value })),
  day.map((value) => {
    const whole = new Date(Math.floor(value.getTime() / 60_000) * 60_000);
    return { cell: whole, read: whole };
  }),
  fc
    .array(text, { minLength: 1, maxLength: 4 })
    .map((runs) => ({ cell: { richText: runs.map((run) => ({ text: run })) }, read: runs.join('') })),
  text.map((value) => ({ cell: { formula: 'A1', result: value }, read: value })),
  fc.integer().map((value) => ({ cell: { formula: 'A1', result: value }, read: value })),
  fc.constant({ cell: { formula: 'A1' } as CellInput, read: { formula: 'A1' } }),
  fc.constant({ cell: { error: '#N/A' } as CellInput, read: { error: '#N/A' } }),
  fc.constant({ cell: undefined, read: undefined }),
);

test('whatever another program wrote is read cell by cell, in its place', async () => {
  const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(rows, rows, async (first, second) => {
      const sheets = { Uno: first, 'Dos & más': second };
      const written = Object.fromEntries(
        Object.entries(sheets).map(([name, grid]) => [name, grid.map((row) => row.map((one) => one.cell))]),
      );
      const path = await folder.file('any.xlsx', await workbookOf(written));
      await guardUpload(path);
      const read: Record<string, RawCell[][]> = {};
      for await (const sheet of readWorkbook(path)) {
        const grid: RawCell[][] = [];
        for await (const row of sheet.rows) grid[row.row - 1] = [...row.cells];
        read[sheet.name] = grid;
      }
      for (const [name, grid] of Object.entries(sheets)) {
        for (const [at, row] of grid.entries()) {
          for (const [column, one] of row.entries()) {
            expect(read[name]?.[at]?.[column], `${name} ${at}:${column}`).toEqual(one.read);
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});
