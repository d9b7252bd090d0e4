import { DateTime } from 'luxon';
import type { Bilingual } from '../shared/rules/bilingual.ts';
import { formatMicros } from '../shared/rules/money.ts';
import { MAX_KEPT_PROBLEMS } from './problem-list.ts';
import type { SettledRow } from './queries-settled.ts';
import { maxRemarkedRows, type RemarkedRow } from './remarked-rows.ts';
import { problemOf } from './row-problems.ts';
import type { FileRead } from './thread-messages.ts';
import type { RowProblem } from './types.ts';

const codes = {
  settled: 'debt_settled',
  more: 'debt_settled_more',
  unclear: 'debt_settled_unclear',
} as const;

/** What was read of a file, with what our record says of its debts: each with its row, and all of them in a warning. */
export function withSettled(read: FileRead, settled: readonly SettledRow[], zone: string): FileRead {
  if (settled.length === 0) return read;
  const remarks = settled.map((row) => remarkOf(row, zone));
  const room = Math.max(0, MAX_KEPT_PROBLEMS - read.problems.length);
  const remarkedRows = joined(read.remarkedRows, remarks);
  const rowsRemarked = new Set(read.remarkedRows.map(({ row }) => row));
  return {
    ...read,
    summary: {
      ...read.summary,
      warnings: [...read.summary.warnings, warningOf(settled)],
      rowsWithNotices:
        read.summary.rowsWithNotices + remarks.filter(({ row }) => !rowsRemarked.has(row)).length,
    },
    problems: [...read.problems, ...remarks.slice(0, room)].sort((a, b) => a.row - b.row),
    problemsOmitted: read.problemsOmitted + Math.max(0, remarks.length - room),
    remarkedRows: remarkedRows.slice(0, maxRemarkedRows),
    remarkedRowsOmitted: read.remarkedRowsOmitted + Math.max(0, remarkedRows.length - maxRemarkedRows),
  };
}

function remarkOf(row: SettledRow, zone: string): RowProblem {
  const { sheet, sheet_row, currency, reference, name } = row;
  const money = (micros: bigint): string => `${currency} ${formatMicros(micros)}`;
  return problemOf({ sheet, row: sheet_row, pointer: null, column: '', value: reference ?? name }, 'notice', {
    code: codes[row.verdict],
    values: {
      paid: money(row.settled_micros),
      amount: money(row.in_file_micros),
      day: DateTime.fromJSDate(row.paid_at, { zone }).toFormat('dd-MM-yyyy'),
    },
  });
}

/** A row that was remarked on before has one more. */
function joined(rows: readonly RemarkedRow[], remarks: readonly RowProblem[]): readonly RemarkedRow[] {
  const byRow = new Map(rows.map((row) => [row.row, row]));
  for (const remark of remarks) {
    const { sheet, row } = remark;
    const before = byRow.get(row) ?? {
      severity: 'notice',
      sheet,
      row,
      cells: [],
      cellsOmitted: 0,
      problems: [],
    };
    byRow.set(row, { ...before, problems: [...before.problems, remark] });
  }
  return [...byRow.values()].sort((a, b) => a.row - b.row);
}

function warningOf(settled: readonly SettledRow[]): Bilingual {
  const people = (verdict: SettledRow['verdict']): number =>
    new Set(settled.filter((row) => row.verdict === verdict).map(({ person }) => person)).size;
  const [sure, more, unclear] = [people('settled'), people('more'), people('unclear')];
  const parts = [
    ...(sure === 0
      ? []
      : [
          {
            es: `${sure} con deudas ya pagadas, que no se llaman por ellas`,
            en: `${sure} with debts that are paid, not called about them`,
          },
        ]),
    ...(more === 0
      ? []
      : [{ es: `${more} que pagaron y ahora vienen por más`, en: `${more} who paid and come for more now` }]),
    ...(unclear === 0
      ? []
      : [
          {
            es: `${unclear} que pueden haber pagado: diga qué hacer al empezar`,
            en: `${unclear} who may have paid: say what to do when it begins`,
          },
        ]),
  ];
  return {
    es: `Personas que ya pagaron según el registro: ${parts.map(({ es }) => es).join('; ')}.`,
    en: `People who have paid by our record: ${parts.map(({ en }) => en).join('; ')}.`,
  };
}
