/** What reports by summaries there are, by their place in the address. */
export const reportNames = [
  'overview',
  'batch',
  'hours',
  'waves',
  'funnel',
  'refusals',
  'costs',
  'phones',
  'voice',
] as const;
export type ReportName = (typeof reportNames)[number];

export const reportTitles: Readonly<Record<ReportName, string>> = {
  overview: 'Resumen',
  batch: 'Lote',
  hours: 'Días y horas',
  waves: 'Tandas',
  funnel: 'Embudo',
  refusals: 'Turnos rechazados',
  costs: 'Costos',
  phones: 'Teléfonos',
  voice: 'Voz',
};

/**
 * What stands in a column: a word of ours, words for people, a day, a whole number, an amount (a decimal; its unit stands in a column of
 * its own), a share of one, seconds.
 */
export type ColumnType = 'code' | 'text' | 'day' | 'whole' | 'amount' | 'share' | 'seconds';

export interface ReportColumn {
  readonly key: string;
  readonly es: string;
  readonly type: ColumnType;
}

/** A day is 'YYYY-MM-DD', an amount a decimal in a text: no digit of either is lost. Null: there is none. */
export type ReportValue = string | number | null;

export interface ReportTable {
  readonly key: string;
  readonly es: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly ReportValue[])[];
}

/** A part of a whole, to four decimals; null: there is no whole. */
export function shareOf(part: bigint, whole: bigint): number | null {
  return whole === 0n ? null : Number((part * 10_000n + whole / 2n) / whole) / 10_000;
}
