import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyColumns, CopyLines } from '../../../domain/imports/copy-line.ts';
import type { PlacedRow } from '../../../domain/imports/types.ts';

const text = fc.string({
  unit: fc.constantFrom('a', 'ñ', '漢', '\u{1f600}', '\\', '\t', '\n', '\r', '"', 'N', ' '),
});
const row = fc.record({
  sheet: text,
  row: fc.nat(),
  identityKey: text,
  name: text,
  phones: fc.constantFrom<PlacedRow['phones']>(['+56961234567'], ['+56961234567', '+56971234567']),
  country: fc.constant('CL'),
  zone: fc.constantFrom(null, 'America/Santiago'),
  variables: fc.dictionary(text, text),
  notices: fc.constant([]),
  person: fc.nat(),
});
const debt = fc.record({
  creditor: text,
  amountMicros: fc.bigInt(),
  currency: fc.constant('CLP'),
  dueDate: fc.constant('2026-11-30'),
});
const placed = fc.tuple(row, fc.option(debt), fc.option(text)).map(([all, owed, other]): PlacedRow => ({
  ...all,
  ...(other === null ? {} : { nationalId: other, region: other, email: other }),
  ...(owed === null ? {} : { debt: other === null ? owed : { ...owed, reference: other } }),
}));

/** As PostgreSQL takes a line of COPY apart. */
function read(line: string): readonly (string | null)[] {
  const escaped: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };
  return line
    .split('\t')
    .map((value) =>
      value === '\\N' ? null : value.replace(/\\(.)/g, (_, letter: string) => escaped[letter] ?? letter),
    );
}

function valuesOf({ debt: owed, ...all }: PlacedRow, ordinal: number): readonly (string | null)[] {
  return [
    String(ordinal),
    all.sheet,
    String(all.row),
    all.identityKey,
    all.nationalId ?? null,
    all.name,
    `{${all.phones.join(',')}}`,
    all.country,
    all.region ?? null,
    all.zone,
    owed?.creditor ?? null,
    owed?.amountMicros.toString() ?? null,
    owed?.currency ?? null,
    owed?.dueDate ?? null,
    owed?.reference ?? null,
    JSON.stringify(all.variables),
    all.email ?? null,
    String(all.person),
  ];
}

test('a line holds the values of its row in the order of the columns, whatever characters they have', () => {
  fc.assert(
    fc.property(fc.array(placed, { minLength: 1, maxLength: 5 }), (rows) => {
      const lines = new CopyLines();
      rows.forEach((one, index) => lines.add(one, index + 1));
      const whole = Buffer.from(lines.take()).toString();
      expect(whole.endsWith('\n')).toBe(true);
      expect(whole).not.toContain('\r');
      expect(whole.slice(0, -1).split('\n').map(read)).toEqual(
        rows.map((one, index) => valuesOf(one, index + 1)),
      );
    }),
  );
  expect(copyColumns.split(', ')).toHaveLength(18);
});

test('lines are those since the last time, however long, also in memory that came back', () => {
  const [one] = fc.sample(placed, 1);
  if (one === undefined) throw new Error('no row');
  const lines = new CopyLines();
  const long = { ...one, name: '漢'.repeat(700_000) };
  lines.add(one, 1);
  const first = Buffer.from(lines.take()).toString();
  expect(first).not.toBe('');
  lines.add(one, 1);
  lines.giveBack(new ArrayBuffer(16));
  expect(Buffer.from(lines.take()).toString()).toBe(first);
  lines.add(one, 1);
  expect(Buffer.from(lines.take()).toString()).toBe(first);
  // Fewer characters than there is room, and more bytes.
  lines.add(long, 2);
  lines.add(one, 1);
  const both = Buffer.from(lines.take()).toString();
  expect(both.endsWith(`\n${first}`)).toBe(true);
  expect(both).toContain(long.name);
  lines.add(one, 1);
  expect(Buffer.from(lines.take()).toString()).toBe(first);
});
