/** What a row says of its person in columns that are not read, and of columns that it has twice. Pure. */
import { headerWords } from '../usecases/header-words.ts';
import type { BoundColumn, HeaderMatch } from '../usecases/headers.ts';
import { nameOfDead, notToCall, type NotToCall } from '../people/rules/not-to-call.ts';
import { cellText, isBlank, type RawRow } from './rules/cells.ts';

export interface SaidOfPerson {
  readonly code: NotToCall;
  readonly bound: Pick<BoundColumn, 'index' | 'header'> | undefined;
}

/** A column that is looked at for notes, with its header's words. */
interface NoteColumn {
  readonly index: number;
  readonly header: string;
  readonly words: string;
}

const known = new WeakMap<HeaderMatch, readonly NoteColumn[]>();

/** Undefined for nearly every row: nothing forbids to call its person. */
export function saidOfPerson(
  match: HeaderMatch,
  { cells }: RawRow,
  name: string | undefined,
): SaidOfPerson | undefined {
  if (name !== undefined && nameOfDead(name)) {
    const bound = match.bound.find(({ column }) => column.key === 'name');
    return { code: 'person_deceased', bound };
  }
  for (const column of noteColumns(match)) {
    const cell = cells[column.index];
    if (isBlank(cell)) continue;
    const code = notToCall(column.words, cellText(cell));
    if (code !== undefined) return { code, bound: column };
  }
  return undefined;
}

/** All that nothing is read from, and ESTADO, which is a place in few files and a state of the debt in most. */
function noteColumns(match: HeaderMatch): readonly NoteColumn[] {
  let columns = known.get(match);
  if (columns === undefined) {
    const read = new Set(
      match.bound.filter(({ column }) => column.key !== 'state').map(({ index }) => index),
    );
    columns = match.headers.flatMap((header, index) =>
      read.has(index) ? [] : [{ index, header, words: headerWords(header) }],
    );
    known.set(match, columns);
  }
  return columns;
}

/** Another value under the same header: which of the two holds nobody but the operator knows. */
export function twinOf({ twins }: HeaderMatch, { cells }: RawRow, bound: BoundColumn): string | undefined {
  if (twins.length === 0) return undefined;
  const own = cellText(cells[bound.index]);
  for (const twin of twins) {
    if (twin.column !== bound.column) continue;
    const cell = cells[twin.index];
    if (!isBlank(cell) && cellText(cell) !== own) return cellText(cell);
  }
  return undefined;
}

/** RUTs of companies begin here; people's will not come so far for decades. */
const firstOfCompanies = 50_000_000;

/** Whether the creditor stands in a column EMPRESA beside the RUT of a company. */
export function isOwnCompany(
  { header, index }: BoundColumn,
  nationalId: string | undefined,
  { cells }: RawRow,
): boolean {
  if (nationalId === undefined || isBlank(cells[index])) return false;
  const body = Number(/^(\d{8})-[\dK]$/.exec(nationalId)?.[1] ?? 0);
  return body >= firstOfCompanies && headerWords(header) === 'empresa';
}
