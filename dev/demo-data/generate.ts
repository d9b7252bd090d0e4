/**
 * Writes the demo's Excel: debtors who do not exist, in a file as operators send them.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import ExcelJS from 'exceljs';
import { positive, runCommand } from '../../cli/command.ts';
import { tooMany } from '../../cli/files.ts';
import { counted } from '../../domain/shared/rules/written.ts';
import { rutCheckDigit } from '../../domain/people/rules/national-id.ts';
import { CREDITORS, DEMO_TODAY, type DemoPerson, invent } from './people.ts';
import { fixZipDates } from './zip-dates.ts';
import { spellAmount, spellDate, spellPhone, spellRut } from './spellings.ts';

export interface DemoWorkbookOptions {
  /** People to call: exactly as many contacts come out of the file. 1 to 100,000; by default 60. */
  readonly rows?: number;
  /** The same seed writes the same people. By default 1. */
  readonly seed?: number;
}

export interface DemoWorkbook {
  readonly contacts: number;
  /** One more than contacts from two people on: one of them owes two creditors. */
  readonly debts: number;
  /** Rows that an import must refuse. */
  readonly badRows: number;
}

const SHEET = 'Deudores';
const HEADER_ROW = 3;
const HEADERS = [
  'RUT',
  'NOMBRE',
  'TELEFONO',
  'TELEFONO 2',
  'MONTO',
  'FECHA_VENC',
  'EMPRESA',
  'REGION',
  'CUOTAS',
] as const;
const MAX_ROWS = 100_000;

type Cell = string | number | Date | null | ExcelJS.CellFormulaValue;

/**
 * Writes the workbook to `path` (its folder is made): a title, the header on row 3, mixed spellings, one person twice
 * with another creditor, and a few rows that cannot be called, each wrong in its own way.
 */
export async function writeDemoWorkbook(
  path: string,
  { rows = 60, seed = 1 }: DemoWorkbookOptions = {},
): Promise<DemoWorkbook> {
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS) {
    throw new RangeError(`rows must be a whole number from 1 to ${MAX_ROWS}, not ${rows}`);
  }
  const people = invent(rows, seed);
  const data = people.map(personRow);
  const [first] = people;
  const secondDebt = first !== undefined && rows > 1 ? [secondDebtRow(first)] : [];
  const bad = badRows();
  const workbook = new ExcelJS.Workbook();
  // Fixed, as are the dates inside the zip: one seed gives one file, byte for byte.
  workbook.created = new Date(`${DEMO_TODAY}T12:00:00Z`);
  workbook.modified = workbook.created;
  const sheet = workbook.addWorksheet(SHEET);
  sheet.getCell('A1').value = 'CARTERA MOROSA — DATOS DE DEMOSTRACIÓN, PERSONAS INVENTADAS';
  sheet.getCell('A1').font = { bold: true, size: 14 };
  sheet.mergeCells(1, 1, 1, HEADERS.length);
  sheet.getRow(HEADER_ROW).values = [...HEADERS];
  sheet.getRow(HEADER_ROW).font = { bold: true };
  // Bad rows among the good ones, as they come: the first ones a demo shows must not all be at the end.
  const third = Math.floor(data.length / 3);
  const lines: Cell[][] = [
    ...data.slice(0, third),
    ...bad.slice(0, 2),
    ...data.slice(third),
    [],
    ...secondDebt,
  ];
  lines.push(...bad.slice(2));
  lines.forEach((line, index) => {
    line.forEach((value, column) => {
      if (value === null) return;
      const cell = sheet.getCell(HEADER_ROW + 1 + index, column + 1);
      cell.value = value;
      if (value instanceof Date) cell.numFmt = 'dd/mm/yyyy';
    });
  });
  sheet.columns.forEach((column) => (column.width = 22));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, fixZipDates(Buffer.from(await workbook.xlsx.writeBuffer())));
  return { contacts: rows, debts: rows + secondDebt.length, badRows: bad.length };
}

function personRow(person: DemoPerson, index: number): Cell[] {
  return [
    spellRut(person.rutBody, index),
    index % 7 === 3 ? person.name.toUpperCase() : person.name,
    spellPhone(person.mobile, index),
    person.secondMobile === undefined ? null : spellPhone(person.secondMobile, index + 2),
    spellAmount(person.amount, index),
    spellDate(person.dueDate, index),
    person.creditor,
    person.region,
    person.instalments,
  ];
}

/** The same person under another creditor: one conversation about two debts. */
function secondDebtRow(person: DemoPerson): Cell[] {
  const creditor = CREDITORS.find((name) => name !== person.creditor) ?? 'Otro acreedor';
  return [
    spellRut(person.rutBody, 1),
    person.name,
    spellPhone(person.mobile, 4),
    null,
    spellAmount(77_000, 1),
    spellDate(person.dueDate, 1),
    creditor,
    person.region,
    1,
  ];
}

/** Each is refused for one reason: check digit, no phone, scientific notation, amount, formula without value. */
function badRows(): Cell[][] {
  const row = (body: number, changes: Readonly<Record<number, Cell>>): Cell[] => {
    const cells: Cell[] = [
      spellRut(body, 0),
      'Fila Con Error',
      '+56962223344',
      null,
      50_000,
      '30/09/2026',
      'Banco del Sur',
      'Metropolitana',
      1,
    ];
    return cells.map((cell, index) => changes[index] ?? cell);
  };
  const wrongCheck = rutCheckDigit(27_111_222) === '3' ? '4' : '3';
  const withoutPhone = row(27_222_333, {});
  withoutPhone[2] = null;
  return [
    row(27_111_222, { 0: `27.111.222-${wrongCheck}`, 1: 'Dígito Verificador Equivocado' }),
    withoutPhone,
    row(27_333_444, { 2: '9,61235E+08' }),
    row(27_444_555, { 4: 'mucho' }),
    row(27_555_666, { 1: { formula: 'CONCATENATE("Sin ","valor")', date1904: false } }),
  ];
}

const usage = `Uso: npm run demo-file -- [SALIDA.xlsx] [--rows N] [--seed N]

  Una planilla de deudores inventados; por defecto, demo-deudores.xlsx con 60.`;

async function run(args: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { rows: { type: 'string' }, seed: { type: 'string' } },
  });
  const [path = 'demo-deudores.xlsx', ...others] = positionals;
  if (others.length > 0) throw tooMany(others, usage);
  const {
    contacts,
    debts,
    badRows: refused,
  } = await writeDemoWorkbook(path, {
    ...(values.rows === undefined ? {} : { rows: positive('rows', values.rows) }),
    ...(values.seed === undefined ? {} : { seed: positive('seed', values.seed) }),
  });
  console.log(
    `${path}: ${counted(contacts, 'contacto')}, ${counted(debts, 'deuda')}, ${counted(refused, 'fila')} con error (a propósito).`,
  );
}

if (import.meta.main) {
  await runCommand({ usage, run });
}
