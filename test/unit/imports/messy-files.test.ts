import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestFolder, type Parsed, parseFile, type TestFolder, told } from './fixtures.ts';
import type { MessyFile } from './messy-books.ts';
import { companiesMended, messyFiles } from './messy-files.ts';

let folder: TestFolder;
beforeAll(async () => void (folder = await createTestFolder()));
afterAll(() => folder.remove());

async function readFile(file: MessyFile): Promise<Parsed> {
  const { name } = file;
  return parseFile(await folder.file(name, await file.content()), {
    fileName: name,
    defaults: { country: 'CL', creditor: 'Empresa Uno' },
  });
}

async function read(name: string): Promise<Parsed> {
  const file = messyFiles.find((one) => one.name === name);
  if (file === undefined) throw new Error(`no file ${name}`);
  return readFile(file);
}

/** Who is called, by which phones, for how much. */
const called = ({ rows, summary }: Parsed): string[] =>
  rows
    .filter(({ person }) => !summary.withdrawn.includes(person))
    .map(
      ({ name, phones, debt }) => `${name} ${phones.join(' ')} ${(debt?.amountMicros ?? 0n) / 1_000_000n}`,
    );

const warned = ({ summary }: Parsed): string => summary.warnings.map(({ es }) => es).join('\n');

test('there are ten of them', () => {
  expect(messyFiles.length).toBe(10);
});

describe('ten files as operators send them', () => {
  test('a bank’s: subtotals are nobody, an error in a cell is no amount, hidden columns are told', async () => {
    const parsed = await read('banco.xlsx');
    expect(called(parsed)).toEqual([
      'PEREZ SOTO, ANA +56987650001 150000',
      'ROJAS DIAZ, LUIS +56987650002 45900',
    ]);
    expect(told(parsed)).toEqual([
      'refused 7  total_row',
      'refused 8 SALDO INSOLUTO cell_error',
      'refused 9  total_row',
    ]);
    expect(warned(parsed)).toMatch(/columnas ocultas en Excel: «FEC. VCTO.»\. /);
    expect(warned(parsed)).toContain('se usa «SALDO INSOLUTO»');
    expect(parsed.summary.headerRow).toBe(4);
  });

  test('a shop’s: who has a credit note is not asked for the rest, a daughter’s phone is not the debtor’s', async () => {
    const parsed = await read('tienda.csv');
    expect(called(parsed)).toEqual(['José Muñoz Peña +56987650001 +56987650002 45990']);
    expect(told(parsed)).toEqual([
      'refused 4 Teléfonos phone_of_other',
      'refused 5 Saldo money_negative',
      'refused 6 Saldo money_negative',
      'notice 8 Rut Cliente national_id_placeholder',
      'refused 8 Teléfonos phone_filler',
      'refused 9  total_row',
      'refused 7  person_withdrawn',
    ]);
    const { rowsRead, rowsGood, rowsRefused, contacts, debts, withdrawn, rowsWithdrawn } = parsed.summary;
    expect({ rowsRead, rowsGood, rowsRefused, contacts, debts, withdrawn, rowsWithdrawn }).toEqual({
      rowsRead: 7,
      rowsGood: 1,
      rowsRefused: 6,
      contacts: 1,
      debts: 1,
      withdrawn: [2],
      rowsWithdrawn: 1,
    });
  });

  test('a clinic’s: who pays is called, never the patient; nobody asks for the dead', async () => {
    const parsed = await read('clinica.xlsx');
    expect(called(parsed)).toEqual(['Ana Pérez +56987650001 120000', 'Rosa Vera +56987650005 50000']);
    expect(told(parsed)).toEqual([3, 4, 5].map((row) => `refused ${row} NOMBRE TITULAR person_deceased`));
    expect(warned(parsed)).toMatch(/comentarios o notas en celdas/);
    expect(warned(parsed)).toMatch(/No se lee «NOMBRE»/);
  });

  test('a school’s: three fees of a guardian are three debts, what is paid is not asked for', async () => {
    const parsed = await read('colegio.xlsx');
    expect(called(parsed)).toEqual([
      'Ana Pérez Soto +56987650001 90000',
      'Ana Pérez Soto +56987650001 90000',
      'Ana Pérez Soto +56987650001 90000',
      'Marta Pino +56987650003 90000',
    ]);
    expect(told(parsed)).toEqual(['notice 6  hidden_row', 'refused 6 ESTADO debt_settled']);
    expect(parsed.summary.contacts).toBe(2);
    expect(warned(parsed)).toMatch(/No se lee «NOMBRE», «RUT»/);
  });

  test('a water company’s: the digit from its column, lost figures refused, a note that somebody died is heard', async () => {
    const parsed = await read('aguas.csv');
    expect(called(parsed)).toEqual(['EVA MUNOZ +56987650003 22100']);
    expect(told(parsed)).toEqual([
      'refused 2 TELEFONO phone_scientific',
      'refused 3 OBSERVACION person_deceased',
      'notice 5 RUT national_id_computed',
      'refused 5 TELEFONO phone_scientific',
      'refused 5 OBSERVACION not_to_call',
      'refused 6 TELEFONO phone_too_short',
      'refused 7 NOMBRE CLIENTE person_deceased',
    ]);
  });

  test('companies: whose RUT it is, is asked; a UF is no peso; the debtor as its own creditor is told', async () => {
    await expect(read('empresas.xlsx')).rejects.toThrow(/le falta: NOMBRE, RUT/);
    const parsed = await readFile(companiesMended);
    expect(called(parsed)).toEqual(['Ana Pérez +56223456789 450000', 'Luis Rojas +56987650002 90000']);
    expect(told(parsed)).toEqual([
      'refused 2 Moneda currency_unknown',
      'notice 2 Saldo money_rounded',
      'notice 2 Empresa creditor_perhaps_debtor',
      'notice 3 Empresa creditor_perhaps_debtor',
      'notice 4 RUT national_id_placeholder',
      'notice 4 Empresa creditor_perhaps_debtor',
    ]);
  });

  test('the same header twice: other values under it are asked, equal ones are read', async () => {
    const parsed = await read('repetidos.xlsx');
    expect(called(parsed)).toEqual(['Luis Rojas +56987650002 30000']);
    expect(told(parsed)).toEqual([
      'refused 2 NOMBRE column_twice',
      'refused 2 VENCIMIENTO column_twice',
      'refused 2 MONTO column_twice',
    ]);
  });

  test('an agency’s: of five sheets the right one, the client is the creditor, who asked to be left alone is', async () => {
    const parsed = await read('agencia.xlsx');
    expect(called(parsed)).toEqual(['Ana Pérez +56987650001 +56221234567 200000']);
    expect(parsed.rows.map(({ debt }) => debt?.creditor)).toEqual(['Tienda Uno']);
    expect(told(parsed)).toEqual([
      'notice 3 FONO 1 phone_invalid',
      'notice 3 FONO 1 phone_dropped',
      'refused 3 GESTION not_to_call',
    ]);
    expect(warned(parsed)).toBe(
      'La hoja oculta «BASE» no se leyó.\n' +
        'La hoja «PAGADOS» también parece tener datos y no se leyó: cárguela aparte si corresponde.',
    );
  });

  test('a university’s: words in amounts, months first, days that no calendar has are refused', async () => {
    const parsed = await read('universidad.csv');
    expect(called(parsed)).toEqual(['Ana Pérez Soto +56987650001 1234567']);
    expect(told(parsed)).toEqual([
      'refused 3 RUT national_id_malformed',
      'refused 3 CELULAR phone_invalid',
      'refused 4 DEUDA money_invalid',
      'notice 4 E-MAIL email_invalid',
      'refused 5 DEUDA money_invalid',
      'refused 6 FECHA DE VENCIMIENTO date_invalid',
      'refused 7 FECHA DE VENCIMIENTO date_invalid',
      'refused 7 DEUDA money_invalid',
    ]);
  });

  test('a condominium’s: a month is no day, the total stands in a column of its own, formats are no rows', async () => {
    const parsed = await read('gastos-comunes.xlsx');
    expect(called(parsed)).toEqual(['Arrendatario +56987650003 42000', 'Ana Pérez +56987650001 85432']);
    expect(told(parsed)).toEqual([
      'refused 4 VENCIMIENTO date_invalid',
      'notice 4 MONTO ADEUDADO money_rounded',
      'refused 5 VENCIMIENTO date_invalid',
      'refused 7  total_row',
    ]);
    expect(parsed.summary.rowsRead).toBe(5);
  });
});
