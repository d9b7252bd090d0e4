import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvRecords } from '../../../domain/imports/csv-records.ts';

/** Every cell of a line says which line it is of. */
const cellsOf = (line: number, columns: number): string[] =>
  Array.from({ length: columns }, (_, at) => `${'abcdefghijkl'.charAt(at)}${line}`);
const lineOf = (cell: string): string | undefined => /\d+/.exec(cell)?.[0];

function recordsOf(
  lines: readonly string[],
  columns: number,
  pieces: number,
): readonly (readonly string[])[] {
  const records = new CsvRecords({ delimiter: ';', columns, isWrapped: false, maxRecord: 10_000 });
  const read: (readonly string[])[] = [];
  for (let from = 0; from < lines.length; from += pieces) {
    records.add(lines.slice(from, from + pieces), []);
    for (const { cells } of records.take(false)) read.push(cells);
  }
  for (const { cells } of records.take(true)) read.push(cells);
  return read;
}

describe('quotes in a CSV', () => {
  const strays = fc.array(fc.record({ line: fc.nat(7), column: fc.nat(11), isBehind: fc.boolean() }), {
    maxLength: 8,
  });

  test('wherever they stand, no record that is whole holds cells of two lines, and no line is lost', () => {
    fc.assert(
      fc.property(
        strays,
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (quotes, columns, pieces) => {
          const table = Array.from({ length: 8 }, (_, line) => cellsOf(line, columns));
          for (const { line, column, isBehind } of quotes) {
            const row = table[line];
            if (row?.[column] !== undefined) row[column] = isBehind ? `${row[column]}"` : `"${row[column]}`;
          }
          const read = recordsOf(
            table.map((row) => row.join(';')),
            columns,
            pieces,
          );
          for (const cells of read) {
            if (cells.length < columns) continue;
            expect(
              new Set(cells.flatMap((cell) => [...cell.matchAll(/\d+/g)].map(String))).size,
              cells.join('|'),
            ).toBe(1);
          }
          const lines = new Set(read.flat().map(lineOf));
          for (let line = 0; line < 8; line += 1) expect(lines, String(line)).toContain(String(line));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('two that met so in a property join no lines, also of rows whose last cells were left out', () => {
    const met = ['a1;b1;"c1;d1;e1;f1;g1";"h1', 'a2;b2;c2;d2";e2;f2;g2;h2'];
    expect(recordsOf(met, 8, 9).map((cells) => cells.at(-1))).toEqual(['h1', 'h2']);
    const short = ['a1;b1;c1;"d1', 'a2";b2;c2;d2'];
    expect(recordsOf(short, 5, 9)).toEqual([
      ['a1', 'b1', 'c1', 'd1'],
      ['a2"', 'b2', 'c2', 'd2'],
    ]);
  });

  test('what a program writes is read as it was, in whatever pieces it comes', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', '\n', ' b', 'ñ', '='), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 5, maxLength: 5 }), { maxLength: 6 }), (rows) => {
        const text = rows
          .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(';'))
          .join('\n');
        const expected = rows.map((row) =>
          // A text that looks like ="…" stands for what is inside.
          row.map((one) =>
            one.startsWith('="') && one.endsWith('"') && one.length > 2 ? one.slice(2, -1) : one,
          ),
        );
        for (const pieces of [1, 2, 100])
          expect(recordsOf(text.split('\n'), 5, pieces)).toEqual(rows.length === 0 ? [['']] : expected);
      }),
      { numRuns: 500 },
    );
  });
});
