/** What is said of a row and of its cells, as it is reported. Pure. */
import type { HeaderMatch } from '../usecases/headers.ts';
import type { Remark } from '../people/rules/result.ts';
import { keptName } from './names.ts';
import {
  cleanText,
  cutText,
  isBlank,
  type RawRow,
  type RowFault,
  type SentRow,
  shownValue,
} from './rules/cells.ts';
import { sentence } from './rules/messages.ts';
import type { RowProblem, Severity, ShownCell } from './types.ts';

/** What a row held in the columns that are read. */
export function shownCells({ bound, free }: HeaderMatch, { cells }: RawRow): readonly ShownCell[] {
  return [...bound, ...free]
    .filter(({ index }) => !isBlank(cells[index]))
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, header }) => ({ column: header, value: shownValue(cells[index]) }));
}

/** Why a row of a request cannot be read at all. */
export function problemOfFault(
  { sheet, row, sent }: RawRow,
  { key, code, shown, values }: RowFault,
): RowProblem {
  const place = {
    sheet,
    row,
    pointer: pointerOf(sent, key),
    column: keptName(key),
    value: cutText(cleanText(shown)),
  };
  return problemOf(place, 'refused', { code, ...(values === undefined ? {} : { values }) });
}

/** RFC 6901. `key` undefined or '': the row. */
export function pointerOf(sent: SentRow | undefined, key: string | undefined): string | null {
  if (sent === undefined) return null;
  if (key === undefined || key === '') return sent.pointer;
  return `${sent.pointer}/${cutText(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A remark of a row, as it is reported. */
export function problemOf(
  place: Pick<RowProblem, 'sheet' | 'row' | 'pointer' | 'column' | 'value'>,
  severity: Severity,
  { code, values }: Remark,
): RowProblem {
  const { text, hint } = sentence(code, values);
  return {
    ...place,
    severity,
    code,
    message_es: text.es,
    message_en: text.en,
    hint_es: hint.es,
    hint_en: hint.en,
  };
}
