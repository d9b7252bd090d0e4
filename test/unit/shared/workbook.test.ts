import { randomBytes } from 'node:crypto';
import ExcelJS from 'exceljs';
import { describe, expect, it } from 'vitest';
import {
  type Cell,
  mostSheetRows,
  type Sheet,
  writeWorkbook,
} from '../../../domain/shared/write-workbook.ts';

const columns = [
  { title: 'uno', width: 10 },
  { title: 'dos', width: 20 },
];

async function read(sheets: readonly Sheet[]): Promise<ExcelJS.Workbook> {
  const parts: Buffer[] = [];
  for await (const part of writeWorkbook(sheets)) parts.push(part);
  const workbook = new ExcelJS.Workbook();
  const bytes = new Uint8Array(Buffer.concat(parts));
  await workbook.xlsx.load(bytes.buffer);
  return workbook;
}

const text = (value: string): Cell => ({ text: value });

describe('a workbook that is written', () => {
  it('is read back: texts as texts whatever they begin with, numbers to the last digit, days and instants as such', async () => {
    const rows: readonly (readonly Cell[])[] = [
      [text('=1+1'), { number: '104050' }],
      [text('<Ñandú> & "Cía" 😀'), { number: '-0.000001', style: 'decimals' }],
      [text('a\u0000b\u000bc\ud800d\n e '), { number: '999999999999.999', style: 'decimals' }],
      [{ local: '2027-03-08' }, { local: '2027-03-08T09:30:05' }],
      [null, text('x'.repeat(40_000))],
    ];
    const workbook = await read([
      { name: 'Uno & dos', columns, rows: [rows.slice(0, 2), [], rows.slice(2)] },
      { name: 'Otra', columns, rows: [] },
    ]);
    expect(workbook.worksheets.map(({ name }) => name)).toEqual(['Uno & dos', 'Otra']);
    const [sheet] = workbook.worksheets;
    const cell = (address: string) => sheet?.getCell(address).value;
    expect([cell('A1'), cell('B1')]).toEqual(['uno', 'dos']);
    expect([cell('A2'), cell('B2')]).toEqual(['=1+1', 104_050]);
    expect([cell('A3'), cell('B3')]).toEqual(['<Ñandú> & "Cía" 😀', -0.000001]);
    expect([cell('A4'), cell('B4')]).toEqual(['abc\ufffdd\n e ', 999_999_999_999.999]);
    expect(cell('A5')).toEqual(new Date('2027-03-08T00:00:00Z'));
    const at = cell('B5');
    expect(at instanceof Date && Math.round(at.getTime() / 1_000)).toBe(
      Date.parse('2027-03-08T09:30:05Z') / 1_000,
    );
    expect(cell('A6')).toBeNull();
    expect(cell('B6')).toHaveLength(32_767);
    expect(sheet?.autoFilter).toBe('A1:B6');
    expect(sheet?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 });
    expect(sheet?.getCell('A1').font).toMatchObject({ bold: true });
    expect([sheet?.getCell('B2').numFmt, sheet?.getCell('A5').numFmt]).toEqual(['#,##0', 'dd-mm-yyyy']);
    expect(workbook.worksheets[1]?.rowCount).toBe(1);
  });

  it('is made no faster than it is taken, and its rows are left alone when it is taken no more', async () => {
    let made = 0;
    let isClosed = false;
    async function* rows(): AsyncGenerator<readonly (readonly Cell[])[]> {
      try {
        for (; made < 2_000; made += 1) yield [[text(randomBytes(10_000).toString('hex')), null]];
      } finally {
        isClosed = true;
      }
    }
    const parts = writeWorkbook([{ name: 'x', columns, rows: rows() }]);
    let taken = 0;
    for (const until = 100_000; taken < until;) taken += (await parts.next()).value?.length ?? until;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(made).toBeLessThan(100);
    await parts.return(undefined);
    await expect.poll(() => isClosed).toBe(true);
  });

  it('of rows that fail fails too', async () => {
    async function* rows(): AsyncGenerator<readonly (readonly Cell[])[]> {
      yield [[text('a')]];
      throw new Error('no more rows');
    }
    await expect(read([{ name: 'x', columns, rows: rows() }])).rejects.toThrow('no more rows');
  });

  it('has no more rows than a sheet of Excel', async () => {
    function* rows(): Generator<readonly (readonly Cell[])[]> {
      for (let i = 0; i < mostSheetRows; i += 1_024) yield Array<readonly Cell[]>(1_024).fill([]);
    }
    const parts = writeWorkbook([{ name: 'x', columns, rows: rows() }]);
    const all = async (): Promise<void> => {
      for await (const part of parts) expect(part.length).toBeGreaterThan(0);
    };
    await expect(all()).rejects.toThrow('1048576');
  });
});
