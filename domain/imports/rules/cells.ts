/** Raw cells, as all readers give them, and their plain text. */
import type { Bilingual } from '../../shared/rules/bilingual.ts';
import { storableText } from '../../shared/rules/storable.ts';
import type { MessageValues, ProblemCode } from './messages.ts';

/** A formula that was saved without its value: what the operator saw in the cell is not in the file. */
export interface FormulaCell {
  readonly formula: string;
}

/** `#N/A`, `#REF!` … */
export interface ErrorCell {
  readonly error: string;
}

/** A value of a request's JSON that may not be taken for what its column holds: its row is refused, whatever the column. */
export interface RefusedCell {
  readonly refused: ProblemCode;
  /** As it was sent, cut. */
  readonly shown: string;
}

/** Several values of one column, in a request's JSON. */
export interface ListCell {
  readonly list: readonly RawCell[];
}

/** A number that its cell shows as more than a day. */
export interface MomentCell {
  readonly moment: Date;
  /** As the cell shows it: '10:30', '2026-12-10 10:30'. */
  readonly shows: string;
}

/** A number that its cell shows as a share of a hundred. */
export interface PercentCell {
  readonly percent: number;
}

/** Undefined: blank. A Date holds the calendar day in its UTC parts (a sheet's dates have no zone). */
export type RawCell =
  | string
  | number
  | boolean
  | Date
  | MomentCell
  | PercentCell
  | FormulaCell
  | ErrorCell
  | RefusedCell
  | ListCell
  | undefined;

/** Why a row of a request cannot be read at all, beside the key that it is about ('' for the row itself). */
export interface RowFault {
  readonly key: string;
  readonly code: ProblemCode;
  readonly shown: string;
  readonly values?: MessageValues;
}

/** What a row of a request's JSON has that a file's has not. */
export interface SentRow {
  /** JSON pointer of the row: '/rows/3', or '' in its line of NDJSON. */
  readonly pointer: string;
  /** By column, the keys as they were sent; a header is their clean text. */
  readonly keys: readonly string[];
  readonly faults: readonly RowFault[];
}

export interface RawRow {
  readonly sheet: string;
  /** From 1, as the operator sees it in Excel; in NDJSON its line. */
  readonly row: number;
  /** Hidden in Excel (a filter, usually). It counts all the same, and the row says so. */
  readonly hidden: boolean;
  /** By column, from 0; blank cells are undefined or absent. */
  readonly cells: readonly RawCell[];
  /** Absent in a file's row. */
  readonly sent?: SentRow;
  /** What the reader has to say of the whole row, as notices. */
  readonly remarks?: readonly ProblemCode[];
  /** Of a workbook whose day 0 is in 1904: a number in a column of days counts from there. */
  readonly is1904?: true;
  /** Columns whose value is that of a cell merged over several rows. */
  readonly merged?: readonly number[];
  /** Columns that are hidden in Excel; absent when none is. */
  readonly hiddenColumns?: ReadonlySet<number>;
}

export interface RawSheet {
  readonly name: string;
  /** The operator cannot see it: nothing is read from it. */
  readonly hidden: boolean;
  /** About the sheet as a whole. */
  readonly warnings?: readonly Bilingual[];
  /** Read once, in order. */
  readonly rows: AsyncIterable<RawRow>;
}

/** Longest text of one cell. An address or a note fits; a pasted document does not. Excel's own limit is 32,767. */
export const MAX_CELL_CHARACTERS = 4_096;

export function isFormula(cell: RawCell): cell is FormulaCell {
  return typeof cell === 'object' && 'formula' in cell;
}

export function isError(cell: RawCell): cell is ErrorCell {
  return typeof cell === 'object' && 'error' in cell;
}

export function isMoment(cell: RawCell): cell is MomentCell {
  return typeof cell === 'object' && 'moment' in cell;
}

export function isPercent(cell: RawCell): cell is PercentCell {
  return typeof cell === 'object' && 'percent' in cell;
}

export function isRefused(cell: RawCell): cell is RefusedCell {
  return typeof cell === 'object' && 'refused' in cell;
}

export function isList(cell: RawCell): cell is ListCell {
  return typeof cell === 'object' && 'list' in cell;
}

// Control characters (PostgreSQL refuses NUL, and one would fail the COPY of all rows) and invisible marks that
// spreadsheets and web pages leave in pasted text.
const INVISIBLE = /[\p{Cc}\p{Cf}]/gu;

/**
 * Words of printable ASCII and of Latin-1's letters and signs, with single spaces between them: clean already, as most cells are.
 * None of them is composed with what follows it, and the soft hyphen (0xad) is invisible.
 */
function isClean(text: string): boolean {
  let before = 0x20;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (
      code === 0x20
        ? before === 0x20
        : code < 0x21 || (code > 0x7e && code < 0xa1) || code === 0xad || code > 0xff
    )
      return false;
    before = code;
  }
  return before !== 0x20;
}

/** Text without invisible characters, white space folded to single spaces, trimmed, in composed Unicode form. */
export function cleanText(text: string): string {
  if (isClean(text)) return text;
  return text.toWellFormed().normalize('NFC').replace(/\s+/g, ' ').replace(INVISIBLE, '').trim();
}

/** The cell as text; '' when blank, no single value, a formula without value or an error. Dates as 'YYYY-MM-DD', hours as the cell shows them. */
export function cellText(cell: RawCell): string {
  if (cell === undefined) return '';
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? '' : cell.toISOString().slice(0, 10);
  if (isMoment(cell)) return cell.shows;
  if (isPercent(cell)) return percentText(cell.percent);
  if (typeof cell === 'object') return '';
  if (typeof cell === 'number') return numberText(cell);
  return cleanText(String(cell));
}

/**
 * The cell as text; '' when that is longer than any of its kind can be, which every reader refuses. A reader's patterns never run over the longest cell: some take the
 * square of its length, and sixty rows of them stood for three seconds.
 */
export function textWithin(cell: RawCell, maxCharacters: number): string {
  const text = cellText(cell);
  return text.length > maxCharacters ? '' : text;
}

/** What the operator would recognise in a report: at most 120 characters. */
export function shownValue(cell: RawCell): string {
  if (isFormula(cell)) return cutText(`=${cell.formula}`);
  if (isError(cell)) return cutText(cell.error);
  if (isRefused(cell)) return cutText(cleanText(cell.shown));
  if (isList(cell)) return cutText(cell.list.map(cellText).join(', '));
  return cutText(cellText(cell));
}

/** Longest that is shown of a cell or a header. */
const maxShownCharacters = 120;

/** Not through the middle of a character, of which PostgreSQL takes no half. */
export function cutText(text: string): string {
  return text.length <= maxShownCharacters
    ? storableText(text)
    : storableText(text.slice(0, maxShownCharacters).replace(/[\ud800-\udbff]$/, ''));
}

export function isBlank(cell: RawCell): boolean {
  if (cell === undefined) return true;
  if (typeof cell !== 'string') return false;
  const first = cell.charCodeAt(0);
  if ((first > 0x20 && first < 0x7f) || /[!-~]/.test(cell)) return false;
  return cleanText(cell) === '';
}

/** '15 %', '12,5 %': with the comma that Spanish has. */
function percentText(share: number): string {
  const hundreds = Number((share * 100).toFixed(4));
  return Number.isFinite(hundreds) ? `${numberText(hundreds).replace('.', ',')} %` : '';
}

/** Digits in full: `String(1e21)` has an exponent, and a phone must not get one. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return '';
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value).toString() : String(value);
}
