import type { RawCell, RawRow } from './rules/cells.ts';
import { damaged, ImportFileError } from './errors.ts';
import type { ImportLimits } from './limits.ts';
import { isTrue, type NumberShown, TextOfRuns, unescaped, type WorkbookFrame } from './workbook-parts.ts';
import type { Attributes, QuickHandler } from './quick-xml.ts';
import { textRunTooLong } from './xml.ts';

const dayMs = 86_400_000;
/** Excel's last row. */
const lastRow = 1_048_576;

interface OpenCell {
  /** From 0. */
  column: number;
  type: string;
  shows: NumberShown;
  /** Undefined: the cell has no formula. */
  formula: string | undefined;
  /** Undefined: the cell has no value. */
  value: string | undefined;
}

/** Turns the elements of one sheet into rows, in the order of the file. */
export class SheetRows implements QuickHandler {
  readonly #sheet: string;
  readonly #frame: WorkbookFrame;
  readonly #limits: ImportLimits;
  readonly #inline: TextOfRuns;
  #rows: RawRow[] = [];
  #isOver = false;
  #row: (RawRow & { readonly cells: RawCell[] }) | undefined;
  #lastRow = 0;
  #cell: OpenCell | undefined;
  /** One for all cells: a file has two million of them. */
  readonly #anyCell: OpenCell = {
    column: 0,
    type: '',
    shows: undefined,
    formula: undefined,
    value: undefined,
  };
  #lastColumn = -1;
  readonly #hiddenColumns = new Set<number>();
  /** What the text that comes belongs to. */
  #reading: 'value' | 'formula' | 'inline' | undefined;

  constructor(sheet: string, frame: WorkbookFrame, limits: ImportLimits) {
    this.#sheet = sheet;
    this.#frame = frame;
    this.#limits = limits;
    this.#inline = new TextOfRuns(limits);
  }

  /** The rows of the sheet are over; what comes after them is drawings, filters and the like. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Rows that were finished since the last call. */
  take(): readonly RawRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#isOver) return;
    if (this.#reading === 'inline') return this.#inline.open(name);
    if (name === 'row') return this.#openRow(attributes);
    if (name === 'c') return this.#openCell(attributes);
    if (name === 'col') return this.#openColumns(attributes);
    if (this.#cell === undefined) return;
    if (name === 'v') {
      this.#reading = 'value';
      this.#cell.value = '';
    }
    if (name === 'f') {
      this.#reading = 'formula';
      this.#cell.formula = '';
    }
    if (name === 'is') {
      this.#reading = 'inline';
      this.#inline.clear();
    }
  }

  text(text: string): void {
    const cell = this.#cell;
    if (cell === undefined) return;
    if (this.#reading === 'inline') this.#inline.text(text);
    else if (this.#reading === 'value') cell.value = this.#longer(cell.value ?? '', text);
    else if (this.#reading === 'formula') cell.formula = this.#longer(cell.formula ?? '', text);
  }

  close(name: string): void {
    if (this.#isOver) return;
    if (this.#reading === 'inline' && name !== 'is') return this.#inline.close(name);
    switch (name) {
      case 'is':
        if (this.#cell !== undefined) this.#cell.value = this.#inline.value();
        this.#reading = undefined;
        return;
      case 'v':
      case 'f':
        this.#reading = undefined;
        return;
      case 'c':
        return this.#closeCell();
      case 'row':
        return this.#closeRow();
      case 'sheetData':
        this.#isOver = true;
        return;
      default:
    }
  }

  /** A comment inside a text parts it in two. */
  #longer(text: string, more: string): string {
    const longer = text === '' ? more : text + more;
    if (longer.length > this.#limits.maxTextRun) throw textRunTooLong();
    return longer;
  }

  /** Columns stand before the rows, as ranges: nobody has hidden more than a sheet can have. */
  #openColumns(attributes: Attributes): void {
    if (!isTrue(attributes.get('hidden'))) return;
    const [from, to] = [Number(attributes.get('min')), Number(attributes.get('max'))];
    const last = Math.min(to, this.#limits.maxColumns);
    for (let column = Math.max(1, from); column <= last; column += 1) this.#hiddenColumns.add(column - 1);
  }

  #openRow(attributes: Attributes): void {
    const r = attributes.get('r');
    // Without its number it is the next one (ECMA-376, 18.3.1.73).
    const number = r === undefined ? this.#lastRow + 1 : Number(r);
    if (!Number.isInteger(number) || number < 1 || number > lastRow) throw damaged(new Error(`row ${r}`));
    this.#lastRow = number;
    this.#lastColumn = -1;
    const row = { sheet: this.#sheet, row: number, hidden: isTrue(attributes.get('hidden')), cells: [] };
    this.#row = this.#frame.is1904 ? { ...row, is1904: true } : row;
    if (this.#hiddenColumns.size > 0) this.#row = { ...this.#row, hiddenColumns: this.#hiddenColumns };
  }

  #openCell(attributes: Attributes): void {
    const r = attributes.get('r');
    const column = r === undefined ? this.#lastColumn + 1 : columnOf(r);
    this.#lastColumn = column;
    const style = attributes.get('s');
    const cell = this.#anyCell;
    cell.column = column;
    cell.type = attributes.get('t') ?? 'n';
    cell.shows = this.#frame.shows[style === undefined ? 0 : Number(style)];
    cell.formula = undefined;
    cell.value = undefined;
    this.#cell = cell;
  }

  #closeCell(): void {
    const cell = this.#cell;
    this.#cell = undefined;
    if (cell === undefined || this.#row === undefined) return;
    const value = this.#valueOf(cell);
    // A format without a value reaches the last column in many a file.
    if (value === undefined) return;
    if (cell.column >= this.#limits.maxColumns) throw tooManyColumns(this.#limits);
    this.#row.cells[cell.column] = value;
  }

  #valueOf({ type, value, formula, shows }: OpenCell): RawCell {
    // What the formula showed is not in the file; without a formula the cell is blank.
    const unknown = formula === undefined ? undefined : { formula };
    if (value === undefined) return unknown;
    // The empty text is a value.
    if (type === 'inlineStr') return value;
    if (type === 'str') return unescaped(value);
    const saved = value.trim();
    // How some programs save a formula that they have not computed.
    if (saved === '') return unknown;
    switch (type) {
      case 's':
        return this.#frame.strings.at(Number(saved));
      case 'b':
        return isTrue(saved);
      case 'e':
        return { error: saved };
      case 'd':
        return isoDate(saved, shows);
      default:
        return this.#numberOf(saved, shows);
    }
  }

  #numberOf(text: string, shows: NumberShown): RawCell {
    const number = Number(text);
    // Not a damaged file: its other rows are read, and this one is named.
    if (!Number.isFinite(number)) return { error: text };
    if (shows === undefined) return number;
    if (shows === 'percent') return { percent: number };
    return shownAt(dateAt(this.#frame.epochMs + Math.round(number * dayMs), text), number, shows);
  }

  #closeRow(): void {
    if (this.#row !== undefined) this.#rows.push(this.#row);
    this.#row = undefined;
  }
}

/** 'AB12' is 27. Throws for what is no address. */
function columnOf(address: string): number {
  let column = 0;
  let at = 0;
  for (; at < address.length; at += 1) {
    const letter = address.charCodeAt(at) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  // Three letters are Excel's most.
  if (at === 0 || at > 3) throw damaged(new Error(`cell ${address.slice(0, 20)}`));
  return column - 1;
}

/** `number`: days, of which an hour is a part. */
function shownAt(date: RawCell, number: number, shows: Exclude<NumberShown, 'percent' | undefined>): RawCell {
  if (!(date instanceof Date)) return date;
  // A day whose cell shows no hour, or whose number has none.
  if (shows === 'day' || (shows === 'day_time' && Number.isInteger(number))) return date;
  const time = timeOf(date);
  if (shows === 'elapsed') {
    const hours = Math.floor(Math.round(number * 86_400) / 3_600);
    return { moment: date, shows: `${hours}${time.slice(2)}` };
  }
  // Less than a day is no day: it would be one of 1899.
  const hasDay = shows === 'day_time' && number >= 1;
  return { moment: date, shows: hasDay ? `${date.toISOString().slice(0, 10)} ${time}` : time };
}

/** '10:30', and '10:30:15' where there are seconds. */
function timeOf(date: Date): string {
  const text = new Date(Math.round(date.getTime() / 1_000) * 1_000).toISOString().slice(11, 19);
  return text.endsWith(':00') ? text.slice(0, 5) : text;
}

/** `text` is what the cell holds, for a date that no calendar has. */
function dateAt(ms: number, text: string): RawCell {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? { error: text } : date;
}

/** A day without a zone, in the UTC parts of a Date. */
function isoDate(text: string, shows: NumberShown): RawCell {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return text;
  const isLocal = text.includes('T') && !/Z$|[+-]\d{2}:\d{2}$/.test(text);
  const ms = Date.parse(isLocal ? `${text}Z` : text);
  const number = (ms - Date.UTC(1899, 11, 30)) / dayMs;
  return shownAt(dateAt(ms, text), number, shows === undefined || shows === 'percent' ? 'day_time' : shows);
}

function tooManyColumns({ maxColumns }: ImportLimits): ImportFileError {
  return new ImportFileError(
    'too_many_columns',
    `La hoja usa más de ${maxColumns} columnas. Quite las que sobran.`,
    `The sheet uses over ${maxColumns} columns. Remove those that are not needed.`,
  );
}
