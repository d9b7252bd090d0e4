import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { SentFormat } from '../../../domain/imports/guard.ts';
import { createTestFolder, type Parsed, parseFile, refusalOf, type TestFolder } from './fixtures.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

async function read(text: string | Buffer, format: SentFormat = 'json'): Promise<Parsed> {
  return parseFile(await folder.file('rows', text), { format });
}

const ana = {
  RUT: '12.345.678-5',
  NOMBRE: 'Ana Soto',
  TELEFONO: '961234567',
  MONTO: 104050,
  FECHA_VENC: '2026-11-30',
  EMPRESA: 'Banco',
};
const juan = { ...ana, RUT: '8000000-6', NOMBRE: 'Juan', TELEFONO: '971234567' };

/** Ana's row with other values, and Juan's, which is good. */
const beside = (values: Readonly<Record<string, unknown>>): Promise<Parsed> =>
  read(JSON.stringify([{ ...ana, ...values }, juan]));

const told = ({ problems, rows }: Parsed): string[] =>
  [...problems, ...rows.flatMap(({ notices }) => notices)].map(
    ({ pointer, code, severity }) => `${severity} ${pointer} ${code}`,
  );

/** Ana's row as text, with one value as it is written here. */
const written = (key: keyof typeof ana, value: string): string =>
  JSON.stringify({ ...ana, [key]: '@' }).replace('"@"', value);

describe('rows of JSON', () => {
  it('are read as a file is: same names, same person, same debt', async () => {
    const csv = [Object.keys(ana).join(';'), ...[ana, juan].map((row) => Object.values(row).join(';'))].join(
      '\n',
    );
    const file = await parseFile(await folder.file('same.csv', csv));
    const asJson = await read(JSON.stringify([ana, juan]));
    const lines = await read(`${JSON.stringify(ana)}\n${JSON.stringify(juan)}\n`, 'ndjson');
    const people = ({ rows }: Parsed) =>
      rows.map(({ identityKey, phones, debt, variables }) => ({ identityKey, phones, debt, variables }));
    expect(people(asJson)).toEqual(people(file));
    expect(people(lines)).toEqual(people(file));
    expect(asJson.summary).toMatchObject({ kind: 'json', sheet: '', headerRow: 0, rowsRead: 2, contacts: 2 });
  });

  it('may hold phones in a list and null for what is not told', async () => {
    const { TELEFONO: _, ...rest } = ana;
    const parsed = await read(
      JSON.stringify([
        { ...rest, phones: ['961234567', null, 56971234567], email: null },
        { ...rest, RUT: '8000000-6', phones: false, TELEFONO: '961234560', email: 'a@b.cl' },
      ]),
    );
    expect(parsed.rows.map(({ phones, email }) => [phones, email])).toEqual([
      [['+56961234567', '+56971234567'], undefined],
      [['+56961234560'], 'a@b.cl'],
    ]);
  });

  it('may lack keys, in any order; the keys of all are the header', async () => {
    const { EMPRESA, RUT, ...rest } = juan;
    const parsed = await read(JSON.stringify([ana, { EMPRESA, ...rest, RUT, region: 'Magallanes' }]));
    expect(parsed.rows.map(({ zone }) => zone)).toEqual([null, 'America/Punta_Arenas']);
    const lacking = await read(JSON.stringify([ana, { NOMBRE: 'x', TELEFONO: '971234567' }]));
    expect(told(lacking)).toContain('refused /rows/1/MONTO required_missing');
  });

  it('say by a pointer what is wrong: of the body, or of the line of NDJSON', async () => {
    const bad = { ...juan, 'saldo/ñ~': 1, MONTO: 'mucho' };
    expect(told(await read(JSON.stringify([ana, bad])))).toEqual(['refused /rows/1/MONTO money_invalid']);
    const parsed = await read(`${JSON.stringify(ana)}\r\n\r\n${JSON.stringify(bad)}`, 'ndjson');
    expect(parsed.problems.map(({ row, pointer, column }) => [row, pointer, column])).toEqual([
      [3, '/MONTO', 'MONTO'],
    ]);
    const { MONTO, ...rest } = juan;
    const odd = await read(
      JSON.stringify([
        { ...rest, 'saldo ': MONTO },
        { ...rest, 'saldo ': true },
      ]),
    );
    expect(told(odd)).toEqual(['refused /rows/1/saldo  json_wants_text']);
  });
});

describe('a value that could be another one', () => {
  const cases: readonly (readonly [string, keyof typeof ana, string, string])[] = [
    ['a RUT as a number', 'RUT', '123456785', 'json_wants_text'],
    ['a phone with a fraction', 'TELEFONO', '1.5', 'json_wants_text'],
    ['a phone below zero', 'TELEFONO', '-961234567', 'json_wants_text'],
    ['true as a phone', 'TELEFONO', 'true', 'json_wants_text'],
    ['pesos with a fraction', 'MONTO', '104050.5', 'money_decimals'],
    ['pesos with the rest of a division', 'MONTO', '104049.99999999999', 'money_decimals'],
    ['pesos that a number does not keep', 'MONTO', '104050.00000000000000001', 'json_number_inexact'],
    ['an integer above 2^53', 'MONTO', '9007199254740993', 'json_number_inexact'],
    ['a power of two above 2^53', 'MONTO', '1152921504606846976', 'json_number_inexact'],
    ['a number without end', 'MONTO', '1e400', 'json_number_inexact'],
    ['a number of nothing', 'MONTO', '1e-400', 'json_number_inexact'],
    ['money as a list', 'MONTO', '[104050]', 'json_nested'],
    ['money as an object', 'MONTO', '{"amount":104050}', 'json_nested'],
    ['a day as a number', 'FECHA_VENC', '20261130', 'json_wants_text'],
    ['a day as milliseconds', 'FECHA_VENC', '1796007600000', 'json_wants_text'],
    ['an instant for a day', 'FECHA_VENC', '"2026-12-01T02:30:00Z"', 'json_date_instant'],
    ['an instant with an offset', 'FECHA_VENC', '"2026-11-30T23:30:00.000-03:00"', 'json_date_instant'],
    ['a name with half a character', 'NOMBRE', '"Ana \\ud83d"', 'json_text_invalid'],
    ['a name with NUL', 'NOMBRE', '"Ana\\u0000"', 'json_text_invalid'],
    ['a phone among lists of lists', 'TELEFONO', '[["961234567"]]', 'json_nested'],
    ['one bad type among phones', 'TELEFONO', '["961234567", 1.5]', 'json_wants_text'],
  ];
  for (const [what, key, value, code] of cases) {
    test(`${what}: its row is refused, the others are not`, async () => {
      const parsed = await read(`[${written(key, value)}, ${JSON.stringify(juan)}]`);
      expect(told(parsed)).toEqual([`refused /rows/0/${key} ${code}`]);
      expect(parsed.rows.map(({ name }) => name)).toEqual(['Juan']);
    });
  }

  it('refuses the row also in a column that a row may lack', async () => {
    expect(told(await beside({ email: 5 }))).toEqual(['refused /rows/0/email json_wants_text']);
    expect(told(await beside({ 'TELEFONO 2': true }))).toEqual([
      'refused /rows/0/TELEFONO 2 json_wants_text',
    ]);
    expect(told(await beside({ MONEDA: 152 }))).toEqual(['refused /rows/0/MONEDA json_wants_text']);
  });

  it('is no matter in a column that nothing is read from', async () => {
    const parsed = await beside({ meta: { a: [1, { b: 2 }] }, score: 0.1 + 0.2 });
    expect(told(parsed)).toEqual([]);
    expect(parsed.summary.ignoredColumns).toEqual(['meta', 'score']);
  });

  it('that is exact is taken: decimals of the currency, 104050.0, a day at midnight', async () => {
    const row = `{"RUT":"12345678-5","NOMBRE":"Ana","TELEFONO":961234567,"MONTO":19.99,"MONEDA":"USD","FECHA_VENC":"2026-11-30T00:00:00.000Z","EMPRESA":"B"}`;
    const pesos = written('MONTO', '1.0405e5').replace('12.345.678-5', '8000000-6');
    const parsed = await read(`[${row},${pesos}]`);
    expect(parsed.rows.map(({ debt }) => [debt?.amountMicros, debt?.dueDate])).toEqual([
      [19_990_000n, '2026-11-30'],
      [104_050_000_000n, '2026-11-30'],
    ]);
  });
});

describe('a row that cannot be read', () => {
  const lines: readonly (readonly [string, string, string])[] = [
    ['a number', '5', 'json_not_object'],
    ['a list', '[{"RUT":"1-9"}]', 'json_not_object'],
    ['null', 'null', 'json_not_object'],
    ['an empty object', '{}', 'json_row_empty'],
    ['only keys that nobody reads', '{"x":"y"}', 'json_row_empty'],
    ['a key twice', '{"RUT":"12345678-5","RUT":"8000000-6"}', 'json_duplicate_key'],
    ['a key twice, once escaped', '{"RUT":"12345678-5","R\\u0055T":"8000000-6"}', 'json_duplicate_key'],
    ['a key with half a character', '{"\\udc00":1}', 'json_key_invalid'],
    ['a key with NUL', '{"a\\u0000":1}', 'json_key_invalid'],
    ['a key without end', `{"${'k'.repeat(121)}":1}`, 'json_key_invalid'],
    [
      'more keys than a file has columns',
      `{${Array.from({ length: 257 }, (_, n) => `"k${n}":1`).join()}}`,
      'json_too_many_keys',
    ],
  ];
  for (const [what, line, code] of lines) {
    test(`${what}: told, in an array and in a line`, async () => {
      const asJson = await read(`[${JSON.stringify(ana)},${line}]`);
      expect(asJson.problems.map((one) => [one.code, one.row])).toEqual([[code, 2]]);
      expect(asJson.problems[0]?.pointer).toMatch(/^\/rows\/1/);
      const asLine = await read(`${JSON.stringify(ana)}\n${line}`, 'ndjson');
      expect(asLine.problems.map((one) => [one.code, one.row])).toEqual([[code, 2]]);
      expect(asLine.rows).toHaveLength(1);
    });
  }

  const broken = [
    '{"RUT":"1',
    '{"RUT":',
    '{"RUT"',
    '{',
    '{"a":1,}',
    '{"a":01}',
    '{"a":NaN}',
    "{'a':1}",
    '{"a":1}x',
  ];
  it.each([...broken, '{"a":"\t"}', '{"a":"\\x"}', '{"a":+1}', '{"a":.5}', '{"a":1.}', 'nul'])(
    '%s: the line is told, the others are read',
    async (line) => {
      const parsed = await read(`${line}\n${JSON.stringify(ana)}`, 'ndjson');
      expect(parsed.problems.map(({ code, row }) => [code, row])).toEqual([['json_malformed', 1]]);
      expect(parsed.rows).toHaveLength(1);
      expect(await refusalOf(read(`[${JSON.stringify(ana)},${line}]`))).toBe('json_malformed');
    },
  );

  it('half a line at the end is told as any other', async () => {
    const parsed = await read(`${JSON.stringify(ana)}\n${JSON.stringify(juan).slice(0, 40)}`, 'ndjson');
    expect(told(parsed)).toEqual(['refused  json_malformed']);
  });
});

describe('what is refused whole', () => {
  const deep = (depth: number): string => `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;

  it('by its bounds', async () => {
    const rows = (count: number): string => `[${Array.from({ length: count }, () => '{"a":1}').join()}]`;
    expect(await refusalOf(read(rows(10_001)))).toBe('too_many_rows');
    expect(await refusalOf(read('{"a":1}\n'.repeat(10_001), 'ndjson'))).toBe('too_many_rows');
    const keys = Array.from({ length: 257 }, (_, n) => `{"k${n}":1}`);
    expect(await refusalOf(read(`[${keys.join()}]`))).toBe('too_many_columns');
    expect(await refusalOf(read(`[${JSON.stringify(ana)},${deep(40)}]`))).toBe('json_malformed');
    expect(await refusalOf(read('['.repeat(2_000_000)))).toBe('json_malformed');
    expect(await refusalOf(read(`{"x":${'['.repeat(2_000_000)}`, 'ndjson'))).toBe('json_malformed');
  });

  it('when there is nothing to read', async () => {
    expect(await refusalOf(read(''))).toBe('empty_file');
    expect(await refusalOf(read('[]'))).toBe('no_rows');
    expect(await refusalOf(read('\n \n', 'ndjson'))).toBe('no_rows');
    expect(await refusalOf(read('[1,2]'))).toBe('json_malformed');
    expect(await refusalOf(read('[{"x":1}]'))).toBe('header_not_found');
    expect(await refusalOf(read('[{"a":"NOMBRE","b":"TELEFONO"},{"a":"Ana","b":"961234567"}]'))).toBe(
      'header_not_found',
    );
  });

  it('in another encoding', async () => {
    expect(await refusalOf(read(Buffer.from('[{"NOMBRE":"Mu\u00f1oz"}]', 'latin1')))).toBe('json_malformed');
    expect((await read(`\ufeff${JSON.stringify([ana])}`)).rows).toHaveLength(1);
  });

  it('in time: what is long is read in one pass', async () => {
    const slashes = `[{"a":"${'\\\\'.repeat(4_000_000)}"}]`;
    expect(await refusalOf(read(slashes))).toBe('header_not_found');
    expect(await refusalOf(read(`[{"a":${'9'.repeat(8_000_000)}}]`))).toBe('header_not_found');
    expect(await refusalOf(read(`[${' '.repeat(8_000_000)}`))).toBe('json_malformed');
  });
});
