import { createHash } from 'node:crypto';
import { ownAccount } from '../shared/queries-account.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { isBlank, shownValue, textWithin } from '../imports/rules/cells.ts';
import { sentence } from '../imports/rules/messages.ts';
import { normaliseDate } from '../people/rules/date.ts';
import { normaliseMoney } from '../people/rules/money.ts';
import { bad, type Normalised } from '../people/rules/result.ts';
import { findPayer } from '../payments/payers.ts';
import { hasUndatedElsewhere } from '../payments/queries.ts';
import type { TableColumn, TableRow } from '../imports/table.ts';
import { extraPhoneColumn, nationalIdColumn, partColumns, phoneColumn } from '../usecases/columns.ts';
import { localMinute } from '../policy/rules/calendar.ts';
import { receivePayment, receiveRemoval } from './inbound.ts';
import { OperationRefused } from '../shared/refused.ts';

/** A row that was left out; the others went on. */
export interface TableProblem {
  readonly sheet: string;
  readonly row: number;
  /** As the operator wrote the header; '' for the whole row. */
  readonly column: string;
  readonly value: string;
  readonly message_es: string;
  readonly message_en: string;
}

/** What a row did. `problems`: of what it says that could not be read, while the rest was done. */
export type RowBecame =
  'done' | 'known' | { readonly became: 'done' | 'known'; readonly problems: readonly TableProblem[] };

/** How a file of one kind is read. */
export interface TableReading {
  readonly columns: readonly TableColumn[];
  readonly needs: readonly (readonly string[])[];
  /** What a row says, to be done. Rows come in the order of the file, each once. Throws what `problemOf` knows. */
  readonly understand: (row: TableRow) => (trx: Trx) => Promise<RowBecame>;
}

const nationalId: TableColumn = {
  key: 'national_id',
  label: 'RUT',
  aliases: nationalIdColumn.aliases,
};
/** Whose file has RUT | DV: a bare number beside it is a body. */
const checkDigit: TableColumn = {
  key: 'check_digit',
  label: 'DV',
  aliases: partColumns.find(({ key }) => key === 'check_digit')?.aliases ?? [],
};
/** What banks and shops call the number of a receipt. One that is not known is no number, and the row counts twice. */
const receiptNames = [
  ['id', 'transaccion', 'id transaccion', 'numero transaccion', 'n transaccion', 'external id'],
  ['comprobante', 'numero comprobante', 'n comprobante', 'nro comprobante', 'num comprobante'],
  ['numero de comprobante', 'n de comprobante', 'nro de comprobante', 'comprobante de pago', 'folio pago'],
  ['recibo', 'numero recibo', 'n recibo', 'nro recibo', 'numero de recibo', 'n de recibo', 'voucher'],
  ['boleta', 'numero boleta', 'n boleta', 'codigo autorizacion', 'codigo de autorizacion'],
  ['receipt', 'receipt number'],
].flat();
const paymentColumns: readonly TableColumn[] = [
  nationalId,
  checkDigit,
  {
    key: 'reference',
    label: 'NUMERO_REFERENCIA',
    aliases: ['referencia', 'numero operacion', 'operacion', 'folio', 'factura', 'reference'],
  },
  { key: 'amount', label: 'MONTO', aliases: ['monto pago', 'monto pagado', 'pago', 'abono', 'amount'] },
  { key: 'paid_at', label: 'FECHA_PAGO', aliases: ['fecha', 'fecha de pago', 'paid at', 'date'] },
  {
    key: 'external_id',
    label: 'ID_PAGO',
    aliases: receiptNames,
  },
];
const removalColumns: readonly TableColumn[] = [
  nationalId,
  checkDigit,
  {
    key: 'phone',
    label: 'TELEFONO',
    aliases: [...phoneColumn.aliases, 'numero', ...extraPhoneColumn.aliases],
    isMany: true,
  },
  { key: 'reason', label: 'MOTIVO', aliases: ['motivo baja', 'razon', 'causa', 'observacion', 'reason'] },
];

/**
 * Payments of a file: good rows go on, a bad one says what is wrong with which cell. A row is known again by its own
 * number; without one by person, amount and day, with its hour where the cell has one; without a day by the file that it came in.
 */
export async function paymentRows(app: Database, accountId: string, sha256: string): Promise<TableReading> {
  const terms = await inAccount(app, accountId, ownAccount);
  const seen = new Map<string, number>();
  const needs = [
    ['national_id', 'amount'],
    ['reference', 'amount'],
  ];
  const understand: TableReading['understand'] = (row) => {
    // One amount over several rows may be the sum of them.
    const amountMicros = required(row, 'amount', (cell) =>
      row.merged?.includes('amount') === true
        ? bad('money_merged')
        : normaliseMoney(cell, terms.debt_currency),
    );
    const style = { country: terms.country, is1904: row.is1904 === true };
    const day = optional(row, 'paid_at', (cell) => normaliseDate(cell, style));
    const time = day === null ? undefined : timeOfDay(row.cells['paid_at']?.cell);
    const who = { nationalId: text(row, 'national_id'), reference: text(row, 'reference') };
    const own = text(row, 'external_id');
    const paidAt = day === null ? null : localMinute(terms.zone, day, time?.minute ?? 12 * 60).toJSDate();
    // The hour tells the payment of the morning from that of the afternoon, each in a file of its own.
    const when = day === null ? sha256 : time === undefined ? day : `${day} ${time.text}`;
    const key = JSON.stringify([who, amountMicros.toString(), when]);
    // Two payments of one person, amount and moment in one file are two; the second row of a repeated file is the second.
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    const hash = createHash('sha256').update(`${key}/${nth}`).digest('hex').slice(0, 40);
    const ofFile = `file:undated:${sha256.slice(0, 16)}:`;
    const externalId = own ?? (day === null ? `${ofFile}${hash}` : `file:${hash}`);
    const said = { ...who, checkDigit: digit(row), externalId, amountMicros, currency: null, paidAt };
    return async (trx) => {
      if (own === null && day === null) await requireNotTold(trx, row, said, ofFile);
      return (await receivePayment(trx, accountId, 'file', said)).duplicate ? 'known' : 'done';
    };
  };
  return { columns: paymentColumns, needs, understand };
}

/**
 * A file that runs on has its first rows again, and without day and number nothing tells them from new payments: an equal one of another file
 * refuses the row, and the operator says which it is. The same file once more is known by itself.
 */
async function requireNotTold(
  trx: Trx,
  row: TableRow,
  said: Parameters<typeof receivePayment>[3],
  ofFile: string,
): Promise<void> {
  const { personId } = await findPayer(trx, said);
  const { amountMicros } = said;
  if (!(await hasUndatedElsewhere(trx, { personId, amountMicros, undated: 'file:undated:', ofFile }))) return;
  const { text: words, hint } = sentence('payment_undated_again');
  const amount = row.cells['amount'];
  const value = amount === undefined ? '' : shownValue(amount.cell);
  throw new BadCell(amount?.header ?? '', value, `${words.es}. ${hint.es}`, `${words.en}. ${hint.en}`);
}

/** The hour that a cell shows besides its day; midnight is how programs write a day that has none. */
function timeOfDay(
  cell: TableCell | undefined,
): { readonly minute: number; readonly text: string } | undefined {
  const shown = cell === undefined ? '' : textWithin(cell, longestMoment);
  const [, hour = '', minute = '', second = '00', half = ''] =
    /[\s,tT](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?([ap])?/i.exec(shown) ?? [];
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59) return undefined;
  const inDay = half === '' ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  const text = `${String(inDay).padStart(2, '0')}:${minute}:${second}`;
  return text === '00:00:00' ? undefined : { minute: inDay * 60 + Number(minute), text };
}

/** '01/12/2026 05:40:00.000 p. m.' with room to spare. */
const longestMoment = 60;

/** People and numbers that must not be contacted any more, one a row. */
export function removalRows(accountId: string): TableReading {
  const understand: TableReading['understand'] = (row) => {
    const phones = Object.keys(row.cells)
      .filter((key) => /^phone(?:_\d+)?$/.test(key))
      .flatMap((field) => {
        const said = text(row, field);
        return said === null ? [] : [{ field, text: said }];
      });
    const said = {
      nationalId: text(row, 'national_id'),
      checkDigit: digit(row),
      phones,
      reason: text(row, 'reason') ?? undefined,
    };
    if (said.nationalId === null && phones.length === 0) {
      throw new BadCell('', '', 'Falta el RUT o el teléfono', 'A national id or a phone is missing');
    }
    return async (trx) => {
      const { changed, unread } = await receiveRemoval(trx, accountId, 'file', said);
      const became = changed ? 'done' : 'known';
      const problems = unread.flatMap((error) => problemOf(row, error) ?? []);
      return problems.length === 0 ? became : { became, problems };
    };
  };
  return { columns: removalColumns, needs: [['national_id'], ['phone']], understand };
}

class BadCell extends Error {
  override readonly name = 'BadCell';
  readonly column: string;
  readonly value: string;
  readonly es: string;
  readonly en: string;

  constructor(column: string, value: string, es: string, en: string) {
    super(en);
    this.column = column;
    this.value = value;
    this.es = es;
    this.en = en;
  }
}

/** What is wrong with a row; undefined for what is no fault of its. */
export function problemOf({ sheet, row, cells }: TableRow, error: unknown): TableProblem | undefined {
  if (error instanceof BadCell) {
    const { column, value, es, en } = error;
    return { sheet, row, column, value, message_es: es, message_en: en };
  }
  if (!(error instanceof OperationRefused)) return undefined;
  const cell = cells[error.errors[0]?.field ?? ''];
  return {
    sheet,
    row,
    column: cell?.header ?? '',
    value: cell === undefined ? '' : shownValue(cell.cell),
    message_es: error.es,
    message_en: error.message,
  };
}

function required<T>(row: TableRow, key: string, read: (cell: TableCell) => Normalised<T>): T {
  const found = row.cells[key];
  if (found === undefined || isBlank(found.cell)) {
    const missing = sentence('required_missing', { label: found?.header ?? key });
    throw new BadCell(found?.header ?? key, '', missing.text.es, missing.text.en);
  }
  return readCell(found, read);
}

type TableCell = TableRow['cells'][string]['cell'];

function optional<T>(row: TableRow, key: string, read: (cell: TableCell) => Normalised<T>): T | null {
  const found = row.cells[key];
  return found === undefined || isBlank(found.cell) ? null : readCell(found, read);
}

function readCell<T>(
  { header, cell }: TableRow['cells'][string],
  read: (cell: TableCell) => Normalised<T>,
): T {
  const value = read(cell);
  if (value.ok) return value.value;
  const { text: words } = sentence(value.code, value.values);
  throw new BadCell(header, shownValue(cell), words.es, words.en);
}

/** Of the column with it; undefined when the file has none. */
function digit(row: TableRow): string | undefined {
  return row.cells['check_digit'] === undefined ? undefined : (text(row, 'check_digit') ?? '');
}

function text(row: TableRow, key: string): string | null {
  const shown = shownValue(row.cells[key]?.cell);
  return shown === '' ? null : shown;
}
