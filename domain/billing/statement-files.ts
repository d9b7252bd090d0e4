import { DateTime } from 'luxon';
import { type Cell, writeWorkbook } from '../shared/write-workbook.ts';
import { monthsEs } from '../contacts/rules/spoken.ts';
import { formatMicros } from '../shared/rules/money.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import type { MovementKind } from './queries-statement.ts';
import type { Statement } from './statement.ts';

/** 'noviembre de 2026'. */
export function monthInWords(month: string): string {
  const [year = '', number = ''] = month.split('-');
  return `${monthsEs[Number(number) - 1] ?? month} de ${year}`;
}

export const notTaxed =
  'Este documento detalla el uso del servicio. No es una factura ni un documento tributario.';

interface Line {
  readonly title: string;
  readonly micros: (row: Statement['totals'][number]) => bigint;
}

/** What a statement sums up, in its order: each is the one before it and what moved. */
export const sumLines: readonly Line[] = [
  { title: 'Saldo inicial', micros: (row) => row.opening_micros },
  { title: 'Abonos', micros: (row) => row.topped_up_micros },
  { title: 'Minutos del plan', micros: (row) => row.granted_micros },
  { title: 'Minutos del plan vencidos', micros: (row) => -row.expired_micros },
  { title: 'Devoluciones y disputas', micros: (row) => -row.taken_back_micros },
  { title: 'Ajustes', micros: (row) => row.adjusted_micros },
  { title: 'Cargos', micros: (row) => -row.charged_micros },
  { title: 'Correcciones de cargos', micros: (row) => -row.corrected_micros },
  { title: 'Saldo final', micros: (row) => row.closing_micros },
  { title: 'Del saldo final, reservado para llamadas y mensajes en curso', micros: (row) => row.held_micros },
];

/** What moved a balance, in words. */
export const movementWords: Readonly<Record<MovementKind, string>> = {
  top_up: 'Abono',
  true_up: 'Corrección',
  grant: 'Minutos del plan',
  expire_allotment: 'Minutos vencidos',
  refund: 'Devolución',
  dispute: 'Disputa',
  dispute_won: 'Disputa ganada',
  adjust: 'Ajuste',
};

/** What a movement did to the balance: a correction that charges takes from it. */
export const effectOf = (row: Statement['movements'][number]): bigint =>
  row.kind === 'true_up' ? -row.amount_micros : row.amount_micros;

/** 'Estado de cuenta de …, marzo de 2026'. */
export const titleOf = ({ account, month, isFinal }: Statement): string =>
  `Estado de cuenta de ${account.name}, ${monthInWords(month)}${isFinal ? '' : ' (mes en curso)'}`;

const useCaseWords = (key: string | null): string =>
  key === null ? '' : (useCaseByKey(key)?.title.es ?? key);

const localOf = (at: Date, zone: string, form: string): string =>
  DateTime.fromJSDate(at, { zone }).toFormat(form);

/** The statement as a workbook: sums, charges, credits and corrections, each a sheet; amounts are numbers. */
export function statementWorkbook(statement: Statement): AsyncGenerator<Buffer> {
  const { account, totals, charges, movements, asOf } = statement;
  const text = (value: string): Cell => ({ text: value });
  const number = (micros: bigint): Cell => ({ number: formatMicros(micros), style: 'decimals' });
  const whole = (value: number): Cell => ({ number: String(value), style: 'whole' });
  const sums = totals.flatMap((row) =>
    sumLines.map(({ title, micros }): readonly Cell[] => [text(title), number(micros(row)), text(row.unit)]),
  );
  return writeWorkbook([
    {
      name: 'Resumen',
      columns: [
        { title: titleOf(statement), width: 64 },
        { title: 'monto', width: 18 },
        { title: 'unidad', width: 8 },
      ],
      rows: [
        [
          ...sums,
          [text(`Leído: ${localOf(asOf, account.zone, 'dd-MM-yyyy HH:mm')} (${account.zone})`)],
          [text(notTaxed)],
        ],
      ],
    },
    {
      name: 'Cargos',
      columns: [
        { title: 'dia', width: 12 },
        { title: 'lote', width: 34 },
        { title: 'caso_de_uso', width: 24 },
        { title: 'llamadas', width: 10 },
        { title: 'mensajes', width: 10 },
        { title: 'cargo', width: 16 },
        { title: 'unidad', width: 8 },
      ],
      rows: [
        charges.map((row): readonly Cell[] => [
          { local: row.day },
          text(row.batch ?? ''),
          text(useCaseWords(row.use_case)),
          whole(row.calls),
          whole(row.messages),
          number(row.charged_micros),
          text(row.unit),
        ]),
      ],
    },
    {
      name: 'Abonos y correcciones',
      columns: [
        { title: 'cuando', width: 20 },
        { title: 'tipo', width: 18 },
        { title: 'referencia', width: 40 },
        { title: 'monto', width: 16 },
        { title: 'unidad', width: 8 },
        { title: 'orden', width: 34 },
        { title: 'total_orden', width: 16 },
        { title: 'moneda', width: 8 },
      ],
      rows: [
        movements.map((row): readonly Cell[] => [
          { local: localOf(row.at, account.zone, "yyyy-MM-dd'T'HH:mm:ss") },
          text(movementWords[row.kind]),
          text(row.reference),
          number(effectOf(row)),
          text(row.unit),
          text(row.order_title ?? ''),
          row.order_total_micros === null ? text('') : number(row.order_total_micros),
          text(row.order_currency ?? ''),
        ]),
      ],
    },
  ]);
}
