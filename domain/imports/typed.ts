/** Values of a request's JSON as the columns take them. A program can send what it means: nothing is guessed of a type. */
import type { HeaderMatch } from '../usecases/headers.ts';
import type { ColumnKind } from '../usecases/types.ts';
import { isList, isRefused, type RawCell, type RawRow, type RefusedCell, shownValue } from './rules/cells.ts';
import type { ProblemCode } from './rules/messages.ts';

/** The row with what its columns may not take refused, and what is not told left blank. */
export function typedRow({ bound, free }: HeaderMatch, raw: RawRow): RawRow {
  const cells = [...raw.cells];
  for (const { index, column } of bound) cells[index] = typedCell(cells[index], column.kind);
  // A variable of the agent is what the file's cell would show: a list or an object is neither.
  for (const { index } of free) {
    const cell = cells[index];
    if (cell !== undefined && isList(cell)) cells[index] = refused('json_nested', cell);
  }
  return { ...raw, cells };
}

function typedCell(cell: RawCell, kind: ColumnKind): RawCell {
  if (cell === undefined || isRefused(cell)) return cell;
  if (isList(cell)) return typedList(cell.list, kind, cell);
  // What some programs send for a field that nobody filled in.
  if (cell === false) return undefined;
  if (cell === true) return refused('json_wants_text', cell);
  if (typeof cell === 'number') return typedNumber(cell, kind);
  if (kind === 'date' && typeof cell === 'string' && isInstant(cell))
    return refused('json_date_instant', cell);
  return cell;
}

function typedList(list: readonly RawCell[], kind: ColumnKind, whole: RawCell): RawCell {
  if (kind !== 'phone' && kind !== 'phone_extra') return refused('json_nested', whole);
  const told = list.map((one) => typedCell(one, kind)).filter((one) => one !== undefined);
  // One of them that cannot be a phone may stand for another one: none is called by a guess.
  return told.find(isRefused) ?? (told.length === 0 ? undefined : { list: told });
}

/**
 * A RUT loses its K or its first figure, a day may be a serial, a year or milliseconds, and a name is no number. Whole
 * figures of a phone are the phone.
 */
function typedNumber(value: number, kind: ColumnKind): RawCell {
  switch (kind) {
    case 'money':
    case 'integer':
    case 'text':
    case 'area':
      return value;
    case 'phone':
    case 'phone_extra':
      return Number.isInteger(value) && value > 0 ? value : refused('json_wants_text', value);
    case 'national_id':
    case 'date':
    case 'currency':
    case 'region':
    case 'city':
    case 'zone':
    case 'country':
    case 'email':
      return refused('json_wants_text', value);
    default: {
      const unreachable: never = kind;
      return unreachable;
    }
  }
}

/** A time of a day with its zone. Midnight is how programs write a day that has none. */
function isInstant(text: string): boolean {
  const [, time] =
    /^\s*\d{4}-\d{2}-\d{2}[tT ](\S+?)\s*(?:[zZ]|[+-]\d{2}:?\d{2})\s*$/.exec(text.slice(0, 100)) ?? [];
  return time !== undefined && !/^00:00(?::00(?:\.0+)?)?$/.test(time);
}

function refused(code: ProblemCode, cell: RawCell): RefusedCell {
  return { refused: code, shown: shownValue(cell) };
}
