import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { maxRemarkedRows, RemarkedRows } from '../../../domain/imports/remarked-rows.ts';
import { ProblemList, MAX_KEPT_PROBLEMS } from '../../../domain/imports/problem-list.ts';
import type { ImportDefaults, RowProblem } from '../../../domain/imports/types.ts';
import { createTestFolder, type Parsed, parseLines, told, type TestFolder } from './fixtures.ts';

const HEADER = 'RUT;NOMBRE;TELEFONO;TELEFONO 2;MONTO;FECHA_VENC;EMPRESA;REGION;EDAD';
const ANA = '12345678-5;Ana Soto;961234567;;1000;30/11/2026;Banco;RM;';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

const parse = (lines: readonly string[], defaults?: ImportDefaults): Promise<Parsed> =>
  parseLines(folder, lines, defaults);

describe('what is wrong with a row', () => {
  test('every bad cell of a row is told at once, by row, column, value and reason', async () => {
    const parsed = await parse([HEADER, '12345678-9;;961;;mucho;31/02/2026;;Nadie;', ANA]);
    expect(parsed.problems.map(({ row, column, value, code }) => [row, column, value, code])).toEqual([
      [2, 'NOMBRE', '', 'required_missing'],
      [2, 'RUT', '12345678-9', 'national_id_check_digit'],
      [2, 'TELEFONO', '961', 'phone_too_short'],
      [2, 'REGION', 'Nadie', 'region_unknown'],
      [2, 'EMPRESA', '', 'required_missing'],
      [2, 'FECHA_VENC', '31/02/2026', 'date_invalid'],
      [2, 'MONTO', 'mucho', 'money_invalid'],
    ]);
    expect(parsed.summary).toMatchObject({ rowsRead: 2, rowsGood: 1, rowsRefused: 1, contacts: 1 });
  });

  test('one bad phone is a notice while another is good; with none the row is refused', async () => {
    const parsed = await parse([
      HEADER,
      '12345678-5;Ana;961;971234567;1000;30/11/2026;Banco;RM;',
      '8000000-6;Juan;961;12;1000;30/11/2026;Banco;RM;',
    ]);
    expect(parsed.rows.map(({ phones }) => phones)).toEqual([['+56971234567']]);
    expect(told(parsed)).toEqual([
      'refused 3 TELEFONO phone_too_short',
      'refused 3 TELEFONO 2 phone_too_short',
      'notice 2 TELEFONO phone_too_short',
      'notice 2 TELEFONO phone_dropped',
    ]);
  });

  test('the same number twice is one phone', async () => {
    const parsed = await parse([
      HEADER,
      '12345678-5;Ana;961234567;+56 9 6123 4567;1000;30/11/2026;Banco;RM;',
    ]);
    expect(parsed.rows[0]?.phones).toEqual(['+56961234567']);
  });

  test('an optional cell that is wrong is left out with a notice, and the row goes on', async () => {
    const parsed = await parse(['nombre;telefono;email;edad;ciudad', 'Ana;961234567;no es;muchos;Marte']);
    expect(told(parsed)).toEqual([
      'notice 2 ciudad region_unknown',
      'notice 2 email email_invalid',
      'notice 2 edad integer_invalid',
    ]);
    expect(parsed.rows[0]).toMatchObject({ zone: null, region: 'Marte', variables: { email: '', edad: '' } });
    expect(parsed.summary).toMatchObject({ rowsGood: 1, rowsWithNotices: 1 });
  });

  test('columns that nothing is read from are told', async () => {
    expect((await parse([HEADER, ANA])).summary.ignoredColumns).toEqual(['EDAD']);
  });

  test('blank rows are neither read nor refused', async () => {
    const parsed = await parse([HEADER, '', ';;;;;;;;', ' ; ;;;;;;;', ANA]);
    expect(parsed.summary).toMatchObject({ rowsRead: 1, rowsBlank: 3, rowsRefused: 0 });
    expect(parsed.rows[0]?.row).toBe(5);
  });
});

describe('what the batch gives', () => {
  const noCreditor = 'RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;MONEDA;PAIS';

  test('a creditor for all rows of a file without EMPRESA, and for blank cells of one with it', async () => {
    const defaults = { country: 'CL', creditor: ' Banco X ' };
    const without = await parse([noCreditor, '12345678-5;Ana;961234567;1000;30/11/2026;;'], defaults);
    expect(without.rows[0]?.debt?.creditor).toBe('Banco X');
    const blank = await parse([HEADER, ANA, ANA.replace('Banco', '').replace('1000', '2000')], defaults);
    expect(blank.rows.map(({ debt }) => debt?.creditor)).toEqual(['Banco', 'Banco X']);
  });

  test('country and currency of a row outrank the batch’s; an unknown currency refuses the row', async () => {
    const parsed = await parse(
      [
        noCreditor,
        '12345678-5;Ana;961234567;1.234,50;30/11/2026;USD;',
        '8-123-456;Luz;6123-4567;100.25;30/11/2026;;Panamá',
        '8000000-6;Juan;961234567;12;30/11/2026;UF;',
      ],
      { country: 'CL', creditor: 'X' },
    );
    expect(parsed.rows.map(({ debt }) => [debt?.amountMicros, debt?.currency])).toEqual([
      [1_234_500_000n, 'USD'],
      [100_250_000n, 'USD'],
    ]);
    expect(parsed.rows[1]).toMatchObject({
      country: 'PA',
      zone: 'America/Panama',
      nationalId: '8123456',
      phones: ['+50761234567'],
    });
    expect(told(parsed)).toEqual(['refused 4 MONEDA currency_unknown']);
  });

  test('a person of a country with several clocks is refused without a zone and taken with one', async () => {
    const lines = [
      'nombre;telefono;pais;zona horaria',
      'Eva;+525512345678;MX;',
      'Eva;+525512345678;MX;America/Mexico_City',
    ];
    const parsed = await parse(lines);
    expect(told(parsed)).toEqual(['refused 2  zone_required']);
    expect(parsed.rows[0]?.zone).toBe('America/Mexico_City');
  });

  test('a Chilean without a region keeps an open zone, and a southern landline tells it', async () => {
    const parsed = await parse(['nombre;telefono', 'Ana;961234567', 'Eva;612345678']);
    expect(parsed.rows.map(({ zone }) => zone)).toEqual([null, 'America/Punta_Arenas']);
    expect(told(parsed)).toEqual([]);
  });
});

describe('rows of one person', () => {
  test('are one contact with several debts, by RUT in any spelling', async () => {
    const parsed = await parse([
      HEADER,
      ANA,
      ANA.replace('12345678-5', '12.345.678-5').replace('Banco', 'Retail'),
    ]);
    expect(parsed.summary).toMatchObject({ contacts: 1, debts: 2, rowsGood: 2 });
    expect(new Set(parsed.rows.map(({ identityKey }) => identityKey))).toEqual(new Set(['12345678-5']));
  });

  test('without a RUT are one contact by their first phone', async () => {
    const parsed = await parse([
      'nombre;telefono;var1',
      'Ana;961234567;a',
      'Ana;+56 9 6123 4567;b',
      'Eva;971234567;c',
    ]);
    expect(parsed.summary).toMatchObject({ contacts: 2, rowsGood: 3 });
    expect(parsed.rows[0]?.identityKey).toBe('tel:+56961234567');
  });

  test('another name at a phone without a RUT is another person, and nobody hears of somebody else’s hour', async () => {
    const parsed = await parse([
      'nombre;telefono;aviso',
      'Rosa Leal;961234567;control el lunes',
      'ROSA LEAL;961234567;examen el jueves',
      'Tito Leal;961234567;vacuna el martes',
      'Tito Leal;961234567;vacuna el martes',
      'Tito Leal;961234567;refuerzo en mayo',
    ]);
    expect(parsed.summary).toMatchObject({ contacts: 2, rowsGood: 4, rowsIdentical: 1 });
    expect(parsed.rows.map(({ name, variables }) => `${name}: ${variables['aviso']}`)).toEqual([
      'Rosa Leal: control el lunes',
      'ROSA LEAL: examen el jueves',
      'Tito Leal: vacuna el martes',
      'Tito Leal: refuerzo en mayo',
    ]);
    const keys = parsed.rows.map(({ identityKey }) => identityKey);
    expect([keys[0] === keys[1], keys[1] === keys[2], keys[2] === keys[3]]).toEqual([true, false, true]);
    expect(told(parsed)).toEqual([
      'notice 5  duplicate_row',
      'notice 3  row_joined',
      'notice 4  phone_shared',
      'notice 6  row_joined',
      'notice 6  phone_shared',
    ]);
  });

  test('a person of more rows than anybody listens to is told so', async () => {
    const rows = Array.from({ length: 12 }, (_, at) => `Rosa;961234567;aviso ${at}`);
    const parsed = await parse(['nombre;telefono;aviso', ...rows]);
    expect(told(parsed).slice(-3)).toEqual([
      'notice 11  row_joined',
      'notice 12  rows_over',
      'notice 13  rows_over',
    ]);
  });

  test.each(['N° DOCUMENTO', 'Nro. Factura', 'No. Pagaré', 'NUMERO CONTRATO', 'N° Operación', 'Nº Boleta'])(
    'invoices of one amount and day are told apart by their number: %s',
    async (header) => {
      const rows = ['A-7', 'A-8', 'A-9'].map((number) => `${ANA};${number}`);
      const parsed = await parse([`${HEADER};${header}`, ...rows]);
      expect(parsed.summary).toMatchObject({ debts: 3, contacts: 1, rowsIdentical: 0 });
      expect(parsed.rows.map(({ debt }) => debt?.reference)).toEqual(['A-7', 'A-8', 'A-9']);
    },
  );

  test('a row that differs only in a column that is not read is told as such: it may be another invoice', async () => {
    const parsed = await parse([`${HEADER};COD X`, `${ANA};1`, `${ANA};2`, `${ANA};2`]);
    expect(parsed.summary).toMatchObject({ debts: 1, rowsIdentical: 2 });
    expect(told(parsed)).toEqual(['notice 3  duplicate_unread', 'notice 4  duplicate_row']);
  });

  test('an identical row counts once and is told, with the row that it repeats', async () => {
    const parsed = await parse([HEADER, ANA, ANA, `${ANA} `]);
    expect(parsed.summary).toMatchObject({ rowsGood: 1, rowsIdentical: 2, debts: 1 });
    expect(told(parsed)).toEqual(['notice 3  duplicate_row', 'notice 4  duplicate_row']);
    expect(parsed.problems[0]?.message_es).toContain('fila 2');
  });

  test('one debt on a row per phone is one debt with all phones', async () => {
    const parsed = await parse([HEADER, ANA, ANA.replace('961234567', '971234567')]);
    expect(parsed.summary).toMatchObject({ contacts: 1, debts: 1, rowsGood: 2 });
    expect(parsed.rows.map(({ phones, debt }) => [phones[0], debt === undefined])).toEqual([
      ['+56961234567', false],
      ['+56971234567', true],
    ]);
    expect(told(parsed)).toEqual(['notice 3  debt_repeated']);
  });

  test('another name or another zone for one identity is told', async () => {
    const parsed = await parse([
      HEADER,
      ANA,
      ANA.replace('Ana Soto', 'ANA  SÓTO').replace('1000', '2000'),
      ANA.replace('Ana Soto', 'Pedro Díaz').replace('1000', '3000').replace('RM', 'Magallanes'),
    ]);
    expect(told(parsed)).toEqual(['notice 4  name_differs', 'notice 4  zone_differs']);
  });

  test('a phone that is an earlier person’s is told with that row; one person’s own phone again is not', async () => {
    const pedro = ANA.replace('12345678-5', '8000000-6').replace('Ana Soto', 'Pedro Díaz');
    const parsed = await parse([HEADER, ANA, ANA.replace('1000', '2000'), pedro]);
    expect(told(parsed)).toEqual(['notice 4  phone_shared']);
    expect(parsed.rows[2]?.notices[0]?.message_es).toContain('(fila 2)');
  });
});

describe('kept problems', () => {
  const problem = (row: number, severity: 'refused' | 'notice'): RowProblem => ({
    sheet: 'a',
    row,
    pointer: null,
    column: '',
    value: '',
    severity,
    code: 'hidden_row',
    message_es: '',
    message_en: '',
    hint_es: '',
    hint_en: '',
  });

  test('are bounded, in the order of the file, and no notice pushes a refusal out', () => {
    const list = new ProblemList();
    for (let row = 1; row <= 2 * MAX_KEPT_PROBLEMS; row += 1) list.add(problem(row, 'notice'));
    list.add(problem(5_000, 'refused'));
    expect(list.kept).toHaveLength(MAX_KEPT_PROBLEMS);
    expect(list.kept.at(-1)).toMatchObject({ row: 5_000, severity: 'refused' });
    expect(list.omitted).toBe(MAX_KEPT_PROBLEMS + 1);
  });

  test('rows with remarks are bounded, in the order of the file, with the values of those that were refused', () => {
    const rows = new RemarkedRows();
    const cells = [{ column: 'RUT', value: '1-9' }];
    for (let row = 1; row <= maxRemarkedRows + 5; row += 1) rows.add(problem(row, 'notice'));
    rows.add(problem(50_000, 'notice'), cells);
    rows.add(problem(50_000, 'refused'), cells);
    expect(rows.kept).toHaveLength(maxRemarkedRows);
    expect(rows.kept.at(-1)).toMatchObject({ row: 50_000, severity: 'refused', cells, problems: [{}, {}] });
    expect(rows.omitted).toBe(6);
  });

  test('a row of long cells is kept in part, and a file of long rows up to a bound of all', () => {
    const rows = new RemarkedRows();
    const cells = Array.from({ length: 256 }, (_, n) => ({ column: `C${n}`, value: 'x'.repeat(100) }));
    for (let row = 1; row <= 10_000; row += 1) rows.add(problem(row, 'refused'), cells);
    const [first] = rows.kept;
    expect(first?.cellsOmitted).toBe(256 - (first?.cells.length ?? 0));
    expect(JSON.stringify(rows.kept).length).toBeLessThan(36 * 1024 * 1024);
    expect(rows.kept.length + rows.omitted).toBe(10_000);
    expect(rows.omitted).toBeGreaterThan(0);
  });

  test('no value, header or key is cut through a character: half of one fails the whole import', async () => {
    const cut = `${'x'.repeat(119)}😀`;
    const header = HEADER.replace('REGION', 'REGION;NADA');
    const { problems, rows, summary } = await parse([
      `${header};${cut}`,
      `12345678-5;Ana;961234567;;1000;30/11/2026;Banco;${cut};;;a`,
      `${cut};Ana;961234567;;1000;30/11/2026;Banco;RM;;;b`,
    ]);
    const said = JSON.stringify([problems, rows.map(({ notices }) => notices), summary.ignoredColumns]);
    expect(problems).toHaveLength(1);
    expect(rows[0]?.notices.map(({ value }) => value)).toEqual(['x'.repeat(119)]);
    expect(said).not.toMatch(/\\ud83d/);
  });
});
