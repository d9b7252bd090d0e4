import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importLimits } from '../../../domain/imports/limits.ts';
import { MAX_CELL_CHARACTERS } from '../../../domain/imports/rules/cells.ts';
import { SharedStrings } from '../../../domain/imports/shared-strings.ts';
import {
  type CellInput,
  createTestFolder,
  type Parsed,
  parseFile,
  refusalOf,
  rowXml,
  sheetParts,
  type TestFolder,
  workbookOf,
  zipOf,
} from './fixtures.ts';

const HEADERS = ['RUT', 'NOMBRE', 'TELEFONO', 'MONTO', 'FECHA_VENC', 'EMPRESA'];
const ANA = ['12.345.678-5', 'Ana Soto', '+56961234567', '$1.234', '30/11/2026', 'Banco'];
const JUAN = ['8.000.000-6', 'Juan Rojas', '9 7123 4567', '1.500', '2026-11-30', 'Retail'];
const NOTE_HEADERS = ['nombre', 'telefono', 'var1'];

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

const names = ({ rows }: Parsed): string[] => rows.map(({ name }) => name);
/** `row column code` of each problem. */
const told = ({ problems }: Parsed): string[] =>
  problems.map(({ row, column, code }) => `${row} ${column} ${code}`);

describe('workbooks', () => {
  const parse = async (
    sheets: Readonly<Record<string, readonly (readonly CellInput[])[]>>,
    adjust?: Parameters<typeof workbookOf>[1],
    input?: Parameters<typeof parseFile>[1],
  ): Promise<Parsed> => parseFile(await folder.file('book.xlsx', await workbookOf(sheets, adjust)), input);

  test('a header below a title, on the second sheet, is found, and rows are numbered as Excel shows them', async () => {
    const parsed = await parse({
      Portada: [['Informe de cartera'], ['noviembre']],
      Deudores: [['CARTERA MOROSA'], [], ['Al', 23, 'nov'], [], HEADERS, ANA, [], JUAN],
    });
    expect(parsed.summary).toMatchObject({
      sheet: 'Deudores',
      headerRow: 5,
      contacts: 2,
      debts: 2,
      rowsRead: 2,
    });
    expect(parsed.rows.map(({ row }) => row)).toEqual([6, 8]);
  });

  test('the sheet that fits best is read, and the other that fits is named, not called', async () => {
    const parsed = await parse({
      // More columns that are known, and none that only a debt file has.
      Ejecutivos: [
        ['nombre', 'telefono', 'fono 2', 'fono 3', 'fono 4', 'region', 'ciudad', 'pais', 'zona horaria'],
        ['Ejecutiva', '+56981234567'],
      ],
      Deudores: [HEADERS, ANA],
      Pagados: [HEADERS, JUAN],
    });
    expect(names(parsed)).toEqual(['Ana Soto']);
    const warnings = parsed.summary.warnings.map(({ es }) => es).join(' ');
    expect(warnings).toContain('Pagados');
    expect(warnings).toContain('Ejecutivos');
  });

  test('a hidden sheet is not read, and is named', async () => {
    const parsed = await parse({ Antiguos: [HEADERS, JUAN], Deudores: [HEADERS, ANA] }, (workbook) => {
      const sheet = workbook.getWorksheet('Antiguos');
      if (sheet !== undefined) sheet.state = 'hidden';
    });
    expect(names(parsed)).toEqual(['Ana Soto']);
    expect(parsed.summary.warnings.map(({ es }) => es).join(' ')).toContain('Antiguos');
  });

  test('a sheet that the operator chose is read, whatever fits better', async () => {
    const parsed = await parse({ Deudores: [HEADERS, ANA], Otros: [HEADERS, JUAN] }, undefined, {
      sheet: 'Otros',
    });
    expect(names(parsed)).toEqual(['Juan Rojas']);
  });

  test('hidden rows count, and say so', async () => {
    const parsed = await parse({ Deudores: [HEADERS, ANA, JUAN] }, (workbook) => {
      const row = workbook.getWorksheet('Deudores')?.getRow(3);
      if (row !== undefined) row.hidden = true;
    });
    expect(parsed.summary).toMatchObject({ contacts: 2, rowsHidden: 1, rowsWithNotices: 1 });
    expect(parsed.rows[1]?.notices.map(({ code }) => code)).toEqual(['hidden_row']);
  });

  test('blank cells, also at the end of a row, do not move the others', async () => {
    const parsed = await parse({
      Deudores: [
        [...HEADERS, undefined, 'REGION'],
        [...ANA],
        [...JUAN, undefined, 'Magallanes'],
        ['12.345.670-K', 'Sin Teléfono', undefined, '1', '30/11/2026', 'Banco', undefined, 'Aysén'],
      ],
    });
    expect(parsed.rows.map(({ zone }) => zone)).toEqual([null, 'America/Punta_Arenas']);
    expect(told(parsed)).toEqual(['4 TELEFONO required_missing']);
  });

  test('formulas: the saved value is read, also as a date; without one the cell is refused', async () => {
    const date = Math.round(Date.UTC(2026, 10, 30) / 86_400_000) + 25_569;
    const parsed = await parse(
      {
        Deudores: [
          HEADERS,
          [
            { formula: 'A1', result: '12.345.678-5' },
            { formula: 'B1', result: 'Ana Soto' },
            { formula: 'C1', result: 961_234_567 },
            { formula: 'D1', result: 1_234 },
            { formula: 'E1', result: date },
            'Banco',
          ],
          [
            '8.000.000-6',
            { formula: 'CONCATENATE("a","b")', date1904: false },
            '971234567',
            1,
            '30/11/2026',
            'Banco',
          ],
          [
            '8.000.000-6',
            'Juan',
            '971234567',
            { formula: '1/0', result: { error: '#DIV/0!' } },
            '30/11/2026',
            'B',
          ],
        ],
      },
      (workbook) => {
        const cell = workbook.getWorksheet('Deudores')?.getCell('E2');
        if (cell !== undefined) cell.numFmt = 'dd/mm/yyyy';
      },
    );
    expect(parsed.rows[0]).toMatchObject({
      nationalId: '12345678-5',
      name: 'Ana Soto',
      phones: ['+56961234567'],
      debt: { amountMicros: 1_234_000_000n, dueDate: '2026-11-30' },
    });
    expect(told(parsed)).toEqual(['3 NOMBRE formula_without_value', '4 MONTO cell_error']);
    expect(parsed.problems[0]?.value).toBe('=CONCATENATE("a","b")');
  });

  test('dragged formulas, and formulas whose value is 0 or nothing, keep their value', async () => {
    const cell = (address: string, type: string, formula: string, value: string): string =>
      `<c r="${address}"${type}>${formula}<v>${value}</v></c>`;
    const dragged = '<f t="shared" si="0"/>';
    const header = rowXml(
      1,
      ['nombre', 'telefono', 'var1', 'var2', 'var3'].map((text) => `<t>${text}</t>`),
    );
    const row =
      cell('A2', ' t="str"', dragged, 'Ana') +
      cell('B2', '', dragged, '961234567') +
      cell('C2', '', '<f>1-1</f>', '0') +
      cell('D2', '', dragged, '0') +
      cell('E2', ' t="str"', '<f>""</f>', '');
    const path = await folder.file(
      'dragged.xlsx',
      zipOf(sheetParts(`<sheetData>${header}<row r="2">${row}</row></sheetData>`)),
    );
    const parsed = await parseFile(path);
    expect(parsed.rows[0]).toMatchObject({
      name: 'Ana',
      phones: ['+56961234567'],
      variables: { var1: '0', var2: '0', var3: '' },
      notices: [],
    });
  });

  test('the saved date of a formula is a day in a text column too, not Excel’s day number', async () => {
    const parsed = await parse(
      { Avisos: [NOTE_HEADERS, ['Ana', '961234567', { formula: 'TODAY()', result: 46_356 }]] },
      (workbook) => {
        const cell = workbook.getWorksheet('Avisos')?.getCell('C2');
        if (cell !== undefined) cell.numFmt = 'dd/mm/yyyy';
      },
    );
    expect(parsed.rows[0]?.variables['var1']).toBe('2026-11-30');
  });

  test('rich text and links give their text', async () => {
    const parsed = await parse({
      Deudores: [
        HEADERS,
        [
          ANA[0],
          { richText: [{ text: 'Ana ' }, { font: { bold: true }, text: 'Soto' }] },
          { text: '+56961234567', hyperlink: 'tel:+56961234567' },
          ...ANA.slice(3),
        ],
      ],
    });
    expect(parsed.rows[0]).toMatchObject({ name: 'Ana Soto', phones: ['+56961234567'] });
  });

  test('an inline rich text gives all its runs, not the last one', async () => {
    const runs =
      '<r><t xml:space="preserve">Ana </t></r><r><rPr><b/></rPr><t>María </t></r><r><t>Soto</t></r>';
    const plain = (value: string): string => `<t>${value}</t>`;
    const sheet =
      rowXml(1, NOTE_HEADERS.map(plain)) +
      rowXml(2, [runs, plain('+56961234567'), plain('x')], ' hidden="1"');
    const path = await folder.file('rich.xlsx', zipOf(sheetParts(`<sheetData>${sheet}</sheetData>`)));
    const parsed = await parseFile(path);
    expect(names(parsed)).toEqual(['Ana María Soto']);
    expect(parsed.summary.rowsHidden).toBe(1);
  });

  test('accents that lie across two chunks of the file stay whole', async () => {
    const plain = (value: string): string => `<t>${value}</t>`;
    const rows = Array.from({ length: 4_000 }, (_, index) =>
      rowXml(index + 2, [
        plain('Ñandú Íñiguez'),
        plain(`+569${61_000_000 + index}`),
        plain('á'.repeat(1 + (index % 7))),
      ]),
    );
    const sheet = `<sheetData>${rowXml(1, NOTE_HEADERS.map(plain))}${rows.join('')}</sheetData>`;
    const parsed = await parseFile(await folder.file('accents.xlsx', zipOf(sheetParts(sheet))));
    expect(new Set(names(parsed))).toEqual(new Set(['Ñandú Íñiguez']));
    expect(parsed.summary.contacts).toBe(4_000);
    expect(parsed.rows.every(({ variables }) => /^á+$/.test(variables['var1'] ?? ''))).toBe(true);
  });

  test('a file whose parts come in another order is read the same: dates stay dates, strings stay strings', async () => {
    const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
    const sheet =
      '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>' +
      '<row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2"><v>961234567</v></c><c r="C2" s="1"><v>46356</v></c></row></sheetData>';
    const strings = ['nombre', 'telefono', 'var1', 'Ana'].map((text) => `<si><t>${text}</t></si>`).join('');
    const [workbook, rels, worksheet] = sheetParts(sheet);
    if (workbook === undefined || rels === undefined || worksheet === undefined)
      throw new Error('three parts');
    const styles = `<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="200" formatCode="dd\\/mm\\/yyyy"/></numFmts><fonts/><fills/><borders/><cellStyleXfs/><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="200" applyNumberFormat="1"/></cellXfs></styleSheet>`;
    const path = await folder.file(
      'order.xlsx',
      zipOf([
        worksheet,
        { name: 'xl/styles.xml', content: styles },
        { name: 'xl/sharedStrings.xml', content: `<sst xmlns="${main}">${strings}</sst>` },
        rels,
        workbook,
      ]),
    );
    const parsed = await parseFile(path);
    expect(parsed.rows[0]).toMatchObject({ name: 'Ana', variables: { var1: '2026-11-30' } });
  });

  test('what programs other than Excel leave out or write otherwise is read the same', async () => {
    const main = 'http://purl.oclc.org/ooxml/spreadsheetml/main';
    const relations = 'http://schemas.openxmlformats.org/package/2006/relationships';
    const office = 'http://purl.oclc.org/ooxml/officeDocument/relationships';
    const relation = (id: string, type: string, target: string): string =>
      `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`;
    // Prefixes, no addresses, absolute and odd paths, texts in another part, days since 1904, escapes, a reading aid.
    const path = await folder.file(
      'other.xlsx',
      zipOf([
        {
          name: 'xl/workbook.xml',
          content: `<x:workbook xmlns:x="${main}" xmlns:q="${office}"><x:workbookPr date1904="1"/><x:sheets><x:sheet name="Avisos" sheetId="1" q:id="a"/></x:sheets></x:workbook>`,
        },
        {
          name: 'xl/_rels/workbook.xml.rels',
          content: `<Relationships xmlns="${relations}">${relation('a', 'worksheet', '/xl/hojas/uno.xml')}${relation('b', 'sharedStrings', '../xl/textos.xml')}${relation('c', 'styles', 'estilos.xml')}</Relationships>`,
        },
        {
          name: 'xl/textos.xml',
          content: `<x:sst xmlns:x="${main}"><x:si><x:t>nombre</x:t><x:rPh sb="0" eb="1"><x:t>ayuda</x:t></x:rPh></x:si><x:si><x:r><x:t>tele</x:t></x:r><x:r><x:t>fono</x:t></x:r></x:si><x:si><x:t>Ana_x0020_Soto_x005F_x000D_</x:t></x:si></x:sst>`,
        },
        {
          name: 'xl/estilos.xml',
          content: `<x:styleSheet xmlns:x="${main}"><x:cellStyleXfs><x:xf numFmtId="14"/></x:cellStyleXfs><x:cellXfs><x:xf numFmtId="0"/><x:xf numFmtId="14"/></x:cellXfs></x:styleSheet>`,
        },
        {
          name: 'xl/hojas/uno.xml',
          content: `<x:worksheet xmlns:x="${main}"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c><x:c t="inlineStr"><x:is><x:t>var1</x:t></x:is></x:c><x:c t="str"><x:v>var2</x:v></x:c></x:row><x:row><x:c t="s"><x:v>2</x:v></x:c><x:c><x:v>9.61234567E8</x:v></x:c><x:c s="1"><x:v>44894</x:v></x:c><x:c t="d"><x:v>2026-11-30T00:00:00</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
        },
      ]),
    );
    const parsed = await parseFile(path);
    expect(parsed.rows[0]).toMatchObject({
      row: 2,
      name: 'Ana Soto_x000D_',
      phones: ['+56961234567'],
      variables: { var1: '2026-11-30', var2: '2026-11-30' },
    });
  });

  test('a format of days is told from one that only has their letters in it', async () => {
    const cells: readonly (readonly [string, string])[] = [
      ['dd/mm/yyyy', '2026-11-30'],
      ['[$-340A]dd" de "mmmm;@', '2026-11-30'],
      ['0 "días"', '46356'],
      ['[Red]#,##0', '46356'],
      ['\\d#,##0', '46356'],
      ['_d* #,##0_);_d* (#,##0)', '46356'],
    ];
    const header = ['nombre', 'telefono', ...cells.map((_, index) => `var${index + 1}`)];
    const path = await folder.file(
      'formats.xlsx',
      await workbookOf({ Avisos: [header, ['Ana', '961234567', ...cells.map(() => 46_356)]] }, (workbook) => {
        for (const [index, [format]] of cells.entries()) {
          const cell = workbook.getWorksheet('Avisos')?.getCell(2, index + 3);
          if (cell !== undefined) cell.numFmt = format;
        }
      }),
    );
    const parsed = await parseFile(path);
    const { variables } = parsed.rows[0] ?? {};
    expect(cells.map((_, index) => variables?.[`var${index + 1}`])).toEqual(cells.map(([, shown]) => shown));
  });

  test('texts of a workbook are what they were, however many and however long', () => {
    const texts = Array.from(
      { length: 5_000 },
      (_, index) => `${'ñ€😀x'.repeat((index * 7919) % 300)}${index}`,
    );
    texts.push('', 'x'.repeat(1024 * 1024), '');
    const strings = new SharedStrings();
    for (const text of texts) strings.add(text);
    expect(texts.every((text, index) => strings.at(index) === text)).toBe(true);
    for (const index of [-1, texts.length, 1.5, Number.NaN]) expect(() => strings.at(index)).toThrow();
  });

  test('a cell longer than the limit refuses its row only', async () => {
    const long = 'x'.repeat(MAX_CELL_CHARACTERS + 1);
    const parsed = await parse({ Deudores: [HEADERS, [ANA[0], long, ...ANA.slice(2)], JUAN] });
    expect(told(parsed)).toEqual(['2 NOMBRE cell_too_long']);
    expect(parsed.problems[0]?.value).toHaveLength(120);
    expect(names(parsed)).toEqual(['Juan Rojas']);
  });

  test('the header is no row: as many rows of data as the limit says are taken, and one more is not', async () => {
    const limits = { ...importLimits, maxRows: 2, maxOtherRows: 4 };
    const code = async (rows: readonly (readonly CellInput[])[]): Promise<string> =>
      refusalOf(parseFile(await folder.file('full.xlsx', await workbookOf({ Deudores: rows })), {}, limits));
    expect(await code([['Cartera'], HEADERS, ANA, JUAN])).toBe('taken');
    expect(await code([['Cartera'], HEADERS, ANA, JUAN, ANA])).toBe('too_many_rows');
  });

  test('a name of 200 KB is kept without its middle, in the summary and in each remark', async () => {
    const name = `Cartera ${'😀'.repeat(50_000)} noviembre`;
    const [workbook, ...parts] = sheetParts(
      `<sheetData>${rowXml(
        1,
        HEADERS.map((one) => `<t>${one}</t>`),
      )}${rowXml(2, ['<t>x</t>'])}</sheetData>`,
    );
    if (workbook === undefined) throw new Error('a workbook part');
    const content = workbook.content.toString().replace('Datos', name);
    const path = await folder.file('name.xlsx', zipOf([{ ...workbook, content }, ...parts]));
    const { summary, problems } = await parseFile(path);
    expect(summary.sheet).toMatch(/^Cartera 😀+…😀+ noviembre$/u);
    expect([...new Set(problems.map(({ sheet }) => sheet))]).toEqual([summary.sheet]);
    expect(summary.sheet.length).toBeLessThan(300);
  });

  test('a sheet with columns beyond the limit is refused', async () => {
    const wide = Array.from({ length: 300 }, (_, index) => `c${index}`);
    const path = await folder.file('wide.xlsx', await workbookOf({ A: [wide] }));
    expect(await refusalOf(parseFile(path))).toBe('too_many_columns');
  });

  test('a workbook without a header, with an unknown or an unclear use case is refused in words', async () => {
    const code = async (rows: readonly (readonly CellInput[])[], input?: Parameters<typeof parseFile>[1]) =>
      refusalOf(parseFile(await folder.file('bad.xlsx', await workbookOf({ Hoja: rows })), input));
    expect(await code([['hola'], [1, 2]])).toBe('header_not_found');
    expect(await code([])).toBe('no_visible_sheet');
    expect(await code([HEADERS])).toBe('no_rows');
    expect(await code([HEADERS, [], [' ']])).toBe('no_rows');
    expect(await code([HEADERS.slice(0, 4), ANA])).toBe('header_not_found');
    expect(await code([HEADERS, ANA], { useCaseKey: 'nada' })).toBe('use_case_unknown');
    const both = [...HEADERS, 'customer_id', 'interaction_type', 'producto'];
    expect(await code([both, ANA])).toBe('use_case_ambiguous');
    expect(await code([both, ANA], { useCaseKey: 'debt_collection' })).toBe('taken');
  });
});
