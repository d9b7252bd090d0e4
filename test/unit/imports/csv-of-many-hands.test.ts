/** CSVs that several programs wrote, that were cut, or that people have edited: nobody is lost, and no two people become one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { detectEncoding } from '../../../domain/imports/csv-encoding.ts';
import { createTestFolder, type Parsed, parseFile, type TestFolder } from './fixtures.ts';

const HEADER = 'RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA';
const RUTS = ['9.000.001-2', '9.000.002-0', '9.000.003-9', '9.000.004-7'] as const;
const person = (at: number, name: string, phone = `96223440${at}`): string =>
  [RUTS[at], name, phone, `${70_000 + at}`, '15/12/2026', 'Comercial Sur'].join(';');

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

let files = 0;
const read = async (content: string | Buffer): Promise<Parsed> => {
  files += 1;
  return parseFile(await folder.file(`many-${files}.csv`, content));
};
/** Who is called, where, and for what: what must never be mixed. */
const who = ({ rows }: Parsed): string[] =>
  rows.map(
    ({ row, nationalId, name, phones, debt }) =>
      `${row} ${nationalId} ${name} ${phones.join(' ')} ${(debt?.amountMicros ?? 0n) / 1_000_000n}`,
  );
const told = ({ rows }: Parsed): string[] =>
  rows.flatMap(({ row, notices }) => notices.map(({ code }) => `${row} ${code}`));
const PEOPLE = [
  '2 9000001-2 Rosa Leal +56962234400 70000',
  '3 9000002-0 Tito Vera +56962234401 70001',
  '4 9000003-9 Nora Gil +56962234402 70002',
];
const THREE = [person(0, 'Rosa Leal'), person(1, 'Tito Vera'), person(2, 'Nora Gil')] as const;

describe('line ends', () => {
  test.each([
    ['CRLF, then LF', `${HEADER}\r\n${THREE[0]}\n${THREE[1]}\n${THREE[2]}\n`],
    ['LF, then CRLF', `${HEADER}\n${THREE[0]}\r\n${THREE[1]}\r\n${THREE[2]}`],
    ['CR, then LF and CRLF', `${HEADER}\r${THREE[0]}\n${THREE[1]}\r\n${THREE[2]}\r`],
    ['a return twice, as two conversions leave it', `${HEADER}\r\r\n${THREE.join('\r\r\n')}\r\r\n`],
  ])('%s: everybody is read', async (_, content) => {
    expect(who(await read(content))).toEqual(PEOPLE);
    const other = Buffer.from(`${content.replace('Rosa', 'Rósa')}`, 'latin1');
    expect(who(await read(Buffer.concat([other, Buffer.from(person(3, 'Íker Sáez'))])))).toHaveLength(
      content.endsWith('\n') || content.endsWith('\r') ? 4 : 3,
    );
  });

  test('the pieces in which a file comes are nowhere an end', async () => {
    const filler = 'x'.repeat(97);
    const many = Array.from({ length: 3_000 }, (_, at) =>
      person(at % 4, `${filler}${at}`, `9622${10_000 + at}`),
    );
    const parsed = await read([HEADER, ...many].join('\r\n'));
    expect(parsed.rows.map(({ row }) => row)).toEqual(many.map((_, at) => at + 2));
    const mixed = [HEADER, ...many].join('\r\n').replaceAll('x0', 'ñ');
    const bytes = await read(
      Buffer.concat([Buffer.from(mixed), Buffer.from(`\r\n${person(3, 'Iñe')}`, 'latin1')]),
    );
    expect(bytes.rows).toHaveLength(3_001);
    expect(bytes.rows.every(({ name }) => !name.includes('Ã'))).toBe(true);
  });

  test('a return whose feed comes with the next piece is one end', async () => {
    // Files come in pieces of 64 KB: one of these ends between the two.
    for (let bytes = 64 * 1024 - 4; bytes <= 64 * 1024 + 1; bytes += 1) {
      const first = person(0, 'x');
      const name = 'x'.repeat(bytes - HEADER.length - first.length - 3);
      const short = name.slice(0, 3_000);
      const padded = `${HEADER}\r\n${`${'y'.repeat(998)}\r\n`.repeat(Math.floor((name.length - 3_000) / 1_000))}`;
      const rest = 'z'.repeat((name.length - 3_000) % 1_000);
      const text = `${padded}${person(0, short + rest)}\r\n${THREE[1]}\r\n${THREE[2]}`;
      const rows = Math.floor((name.length - 3_000) / 1_000);
      const last = Buffer.from(`\r\n${person(3, 'Íker')}`, 'latin1');
      for (const content of [Buffer.from(text), Buffer.concat([Buffer.from(`${text}ñ`), last])]) {
        const { rows: good } = await read(content);
        expect(good.slice(0, 3).map(({ row }) => row)).toEqual([rows + 2, rows + 3, rows + 4]);
      }
    }
  });
});

describe('quotes', () => {
  test.each([
    ['before a name', THREE[1].replace('Tito', '"Tito')],
    ['before a RUT', `"${THREE[1]}`],
    ['before the creditor, the last column', THREE[1].replace('Comercial', '"Comercial')],
  ])('one that is never closed %s: its row is read by itself, and says so', async (_, line) => {
    const parsed = await read([HEADER, THREE[0], line, THREE[2]].join('\n'));
    expect(who(parsed)).toEqual(PEOPLE);
    expect(told(parsed)).toEqual(['3 quote_stray']);
  });

  test('a nickname in quotes at the start of a cell is a part of it', async () => {
    const parsed = await read([HEADER, THREE[0].replace('Rosa', '"LA ROSA"'), THREE[1], THREE[2]].join('\n'));
    expect(who(parsed)).toEqual([PEOPLE[0]?.replace('Rosa', '"LA ROSA"'), PEOPLE[1], PEOPLE[2]]);
    expect(told(parsed)).toEqual([]);
  });

  test('one that another row closes joins no two people', async () => {
    const lines = [THREE[0].replace('Rosa', '"Rosa'), THREE[1].replace('Vera', 'Vera 42"'), THREE[2]];
    const parsed = await read([HEADER, ...lines].join('\r\n'));
    expect(who(parsed)).toEqual([PEOPLE[0], '3 9000002-0 Tito Vera 42" +56962234401 70001', PEOPLE[2]]);
    const ends = [THREE[0].replace('Comercial', '"Comercial'), `${THREE[1]} 42"`, THREE[2]];
    expect(who(await read([HEADER, ...ends].join('\n')))).toEqual(PEOPLE);
    const nickname = await read(
      [HEADER, lines[0], THREE[1].replace('Tito', 'TITO "EL"'), THREE[2]].join('\n'),
    );
    expect(nickname.rows.map(({ phones }) => phones)).toEqual(PEOPLE.map((text) => [text.split(' ')[4]]));
  });

  test('a text of several lines is one cell still, with separators and doubled quotes', async () => {
    const header = `${HEADER};REGION`;
    const note = '"Calle ""Los Olmos"" 12;\n\ndepto. 4"';
    const parsed = await read(
      [header, `${THREE[0]};${note}`, THREE[1].replace('Tito Vera', '"Tito\nVera"'), THREE[2]].join('\n'),
    );
    expect(parsed.rows[0]?.region).toBe('Calle "Los Olmos" 12; depto. 4');
    expect(who(parsed)).toEqual(PEOPLE);
    expect(told(parsed).filter((text) => text.endsWith('quote_stray'))).toEqual([]);
  });

  test('="…" is the text inside, and a table whose lines stand in quotes is read', async () => {
    const formulas = THREE.map((line) =>
      line
        .split(';')
        .map((cell) => `="${cell}"`)
        .join(';'),
    );
    expect(who(await read([HEADER, ...formulas].join('\n')))).toEqual(PEOPLE);
    const doubled = THREE.map((line) => line.replace(/^[^;]+/, (rut) => `"=""${rut}"""`));
    expect(who(await read([HEADER, ...doubled].join('\n')))).toEqual(PEOPLE);
    const wrapped = [HEADER, ...THREE].map((line) => `"${line}"`).join('\r\n');
    expect(who(await read(wrapped))).toEqual(PEOPLE);
  });
});

describe('separators', () => {
  test('a comma in every name of uneven rows is no separator', async () => {
    const lines = THREE.map((line, at) => line.replace(/ (?=Leal|Vera|Gil)/, ', ') + ';'.repeat(at));
    const parsed = await read([HEADER, ...lines].join('\n'));
    expect(parsed.rows.map(({ name }) => name)).toEqual(['Rosa, Leal', 'Tito, Vera', 'Nora, Gil']);
    const few = ['NOMBRE;TELEFONO', ...THREE.map((_, at) => `Gil, Nora, viuda de Paz;96223440${at}`)];
    expect((await read(few.join('\n'))).rows).toHaveLength(3);
    const names = THREE.map((line) =>
      line.replaceAll(';', ',').replace('Rosa Leal', '"Leal; Rosa; y otros; más"'),
    );
    expect((await read([HEADER.replaceAll(';', ','), ...names].join('\n'))).rows).toHaveLength(3);
  });
});

describe('encodings', () => {
  const accents = [person(0, 'Íñigo Muñoz'), person(1, 'María Peña'), person(2, 'José Núñez')] as const;
  const text = [HEADER, ...accents].join('\n');
  const NAMES = ['Íñigo Muñoz', 'María Peña', 'José Núñez'];
  const names = ({ rows }: Parsed): string[] => rows.map(({ name }) => name);

  test('a row of Windows-1252 in a file of UTF-8 turns no other name, and is told', async () => {
    const more = Buffer.from(`\n${person(3, 'Begoña Ríos')}`, 'latin1');
    const parsed = await read(Buffer.concat([Buffer.from(text), more]));
    expect(names(parsed)).toEqual([...NAMES, 'Begoña Ríos']);
    expect(told(parsed)).toEqual(['5 encoding_mixed']);
    expect(parsed.summary.warnings.map(({ en }) => en).join()).toContain('Windows-1252');
    // One byte within a row that is UTF-8 otherwise.
    const [head, tail] = text.split('Comercial Sur');
    const byte = Buffer.concat([
      Buffer.from(`${head}Tienda N`),
      Buffer.from([0xba]),
      Buffer.from(` 1${tail}`),
    ]);
    expect((await read(byte)).rows[0]).toMatchObject({
      name: 'Íñigo Muñoz',
      debt: { creditor: 'Tienda Nº 1' },
    });
  });

  test('a row of UTF-8 in a file of Windows-1252 is told likewise; a word in quotes there is no such row', async () => {
    const many = [HEADER, ...accents, ...accents].join('\n');
    const parsed = await read(
      Buffer.concat([Buffer.from(many, 'latin1'), Buffer.from(`\n${person(3, 'Begoña Ríos')}`)]),
    );
    expect(names(parsed).at(-1)).toBe('Begoña Ríos');
    expect(told(parsed).filter((remark) => remark.endsWith('encoding_mixed'))).toEqual(['8 encoding_mixed']);
    const quoted = await read(Buffer.from(text.replace('Comercial Sur', 'Sociedad «CAFÉ»'), 'latin1'));
    expect(quoted.rows[0]?.debt?.creditor).toBe('Sociedad «CAFÉ»');
    expect(told(quoted)).toEqual([]);
  });

  test('a file that was cut within its last character is UTF-8 still', async () => {
    const bytes = Buffer.from(`${text}\n${person(3, 'Ana')};Ñ`);
    expect(names(await read(bytes.subarray(0, -1)))).toEqual([...NAMES, 'Ana']);
  });

  test('text of MS-DOS and of an old Macintosh is read as such, and the file says so', async () => {
    const dos = { í: 0xa1, ñ: 0xa4, Í: 0xd6, é: 0x82, ú: 0xa3 };
    const mac = { í: 0x92, ñ: 0x96, Í: 0xea, é: 0x8e, ú: 0x9c };
    for (const [name, bytes] of [
      ['cp850', dos],
      ['macintosh', mac],
    ] as const) {
      const table = new Map<string, number>(Object.entries(bytes));
      const content = Buffer.from(text.split('').map((letter) => table.get(letter) ?? letter.charCodeAt(0)));
      expect(await detectEncoding(await folder.file(`${name}.csv`, content))).toBe(name);
      const parsed = await read(content);
      expect(names(parsed)).toEqual(NAMES);
      expect(parsed.summary.warnings).toHaveLength(1);
    }
    const word = Buffer.from(`${HEADER}\n${person(0, 'Rosa D\x92Angelo')}`, 'latin1');
    expect(names(await read(word))).toEqual(['Rosa D’Angelo']);
    const small = Buffer.from(`${HEADER}\n${person(0, 'rosa d\x92angelo')}`, 'latin1');
    expect(names(await read(small))).toEqual(['rosa d’angelo']);
  });

  test.each([
    'MuÃ±oz',
    'JosÃ© Paz',
    'Mu¤oz',
    'Mu–oz',
    'Mu\ufffdoz',
    'NÂº 4',
    'D’Angelo',
    'Peña–Ruiz',
    'Ñuñoa',
    'Café § 4',
    'Bar£',
  ])('a name that a conversion has damaged is told: %s', async (name) => {
    const isGood = ['D’Angelo', 'Peña–Ruiz', 'Ñuñoa', 'Café § 4', 'Bar£'].includes(name);
    const parsed = await read(`${HEADER}\n${person(0, name)}`);
    expect(told(parsed)).toEqual(isGood ? [] : ['2 text_garbled']);
  });
});
