/** Lines of a CSV to its records. A quote that nobody closed never joins the lines of two people. */
import type { ProblemCode } from './rules/messages.ts';

export interface CsvRecord {
  readonly cells: readonly string[];
  /** What is to be said of it. */
  readonly remarks: readonly ProblemCode[];
}

/** Lines of one text in quotes: an address or a note, not the rest of the file. */
const mostLinesOfText = 100;

export interface RecordShape {
  readonly delimiter: string;
  /** Columns of most lines: a record that is made of several lines has no more. */
  readonly columns: number;
  /** Every line stands in quotes as a whole, as a table that was pasted as text into a CSV does. */
  readonly isWrapped: boolean;
  /** Characters of one record. */
  readonly maxRecord: number;
}

export class CsvRecords {
  readonly #shape: RecordShape;
  #lines: string[] = [];
  /** Places in `#lines` of lines in another encoding. */
  #others = new Set<number>();
  #next = 0;

  constructor(shape: RecordShape) {
    this.#shape = shape;
  }

  add(lines: readonly string[], others: readonly number[]): void {
    const rest = this.#lines.slice(this.#next);
    const kept = [...this.#others].filter((at) => at >= this.#next).map((at) => at - this.#next);
    this.#others = new Set([...kept, ...others.map((at) => at + rest.length)]);
    this.#lines = rest.length === 0 ? [...lines] : rest.concat(lines);
    this.#next = 0;
  }

  /** The records that are whole. `isLast`: no further line comes. */
  *take(isLast: boolean): Generator<CsvRecord> {
    while (this.#next < this.#lines.length) {
      const first = this.#next;
      const line = this.#line(first);
      // Most lines have no quote at all.
      if (!line.includes('"')) {
        this.#next += 1;
        yield { cells: line.split(this.#shape.delimiter), remarks: this.#remarks(first, false) };
        continue;
      }
      const record = this.#quoted(line, isLast);
      if (record === undefined) return;
      yield { cells: record.cells, remarks: this.#remarks(first, record.isStray) };
    }
  }

  #line(at: number): string {
    const line = this.#lines[at] ?? '';
    return this.#shape.isWrapped ? (unwrapped(line) ?? line) : line;
  }

  #remarks(first: number, isStray: boolean): readonly ProblemCode[] {
    if (this.#others.size === 0) return isStray ? ['quote_stray'] : none;
    const remarks: ProblemCode[] = isStray ? ['quote_stray'] : [];
    for (let at = first; at < this.#next; at += 1) {
      if (!this.#others.has(at)) continue;
      remarks.push('encoding_mixed');
      break;
    }
    return remarks;
  }

  /** Undefined: a text may go on in lines that have not come yet. */
  #quoted(line: string, isLast: boolean): ReadLine | undefined {
    const joined = this.#cellsOf(line, { isLast, mayJoin: true });
    if (joined === undefined) return undefined;
    const read = this.#isOne(joined) ? joined : this.#cellsOf(line, { isLast, mayJoin: false });
    if (read !== undefined) this.#next = read.used;
    return read;
  }

  /** Lines that together have the separators of two rows, or more columns than one, are two people whose quotes met. */
  #isOne({ cells, used }: ReadLine): boolean {
    if (used === this.#next + 1) return true;
    const { delimiter, columns } = this.#shape;
    if (cells.length > columns) return false;
    const ofTwo = Math.max(1, 2 * (columns - 1));
    let separators = 0;
    for (const line of this.#lines.slice(this.#next, used)) separators += line.split(delimiter).length - 1;
    return separators < ofTwo;
  }

  #cellsOf(
    first: string,
    { isLast, mayJoin }: { readonly isLast: boolean; readonly mayJoin: boolean },
  ): ReadLine | undefined {
    const { delimiter } = this.#shape;
    const cells: string[] = [];
    let isStray = false;
    let line = first;
    let used = this.#next + 1;
    for (let at = 0; ;) {
      const field = this.#field(line, at, { used, isLast, mayJoin });
      if (field === 'more') return undefined;
      if (field !== undefined) {
        cells.push(field.text);
        [line, used] = [field.line, field.used];
        if (field.end >= line.length) break;
        at = field.end + 1;
        continue;
      }
      const end = line.indexOf(delimiter, at);
      const text = end === -1 ? line.slice(at) : line.slice(at, end);
      const stray = text.trimStart().startsWith('"') && isOdd(text);
      isStray ||= stray;
      cells.push(stray ? text.replace(/^\s*"/, '') : text);
      if (end === -1) break;
      at = end + 1;
    }
    return { cells, isStray, used };
  }

  /**
   * The text in quotes that begins at `at`; undefined when none does, or nobody closed it as CSV is closed: before a separator or an end
   * of line, with quotes inside doubled. It goes on in further lines only while no line of it holds as many separators as a row.
   */
  #field(
    line: string,
    at: number,
    { used, isLast, mayJoin }: { readonly used: number; readonly isLast: boolean; readonly mayJoin: boolean },
  ): QuotedField | 'more' | undefined {
    const start = spacesFrom(line, at);
    // ="0012": how reports keep Excel from taking a text for a number.
    const isFormula = line.charAt(start) === '=' && line.charAt(start + 1) === '"';
    const open = isFormula ? start + 1 : start;
    if (line.charAt(open) !== '"') return undefined;
    const { delimiter, columns, maxRecord } = this.#shape;
    const own = closing(line, open + 1, delimiter);
    if (own.kind === 'stray') return undefined;
    if (own.kind === 'closed')
      return { text: plain(line.slice(open + 1, own.quote)), line, end: own.end, used };
    // So many that of two lines whose quotes meet, one half holds as many or both together are more than a row.
    const mostInside = Math.max(2, Math.floor(columns / 2) + 1);
    if (!mayJoin || isFormula || hasColumns(line, open + 1, line.length, delimiter, mostInside))
      return undefined;
    const texts = [line.slice(open + 1)];
    let length = line.length;
    for (let next = used; next < used + mostLinesOfText; next += 1) {
      const more = this.#lines[next];
      if (more === undefined) return isLast ? undefined : 'more';
      length += more.length;
      if (length > maxRecord) return undefined;
      const end = closing(more, 0, delimiter);
      const inside = end.kind === 'closed' ? end.quote : more.length;
      if (end.kind === 'stray' || hasColumns(more, 0, inside, delimiter, mostInside)) return undefined;
      texts.push(more.slice(0, inside));
      if (end.kind === 'closed')
        return { text: plain(texts.join('\n')), line: more, end: end.end, used: next + 1 };
    }
    return undefined;
  }
}

interface ReadLine {
  readonly cells: string[];
  readonly isStray: boolean;
  /** Number of the line behind it. */
  readonly used: number;
}

const none: readonly ProblemCode[] = [];

interface QuotedField {
  readonly text: string;
  /** The line in which it ends, the place of the separator behind it there, and the number of the line after that. */
  readonly line: string;
  readonly end: number;
  readonly used: number;
}

type Closing =
  | { readonly kind: 'closed'; readonly quote: number; readonly end: number }
  | { readonly kind: 'open' }
  | { readonly kind: 'stray' };

function closing(line: string, from: number, delimiter: string): Closing {
  for (let at = from; ;) {
    const quote = line.indexOf('"', at);
    if (quote === -1) return { kind: 'open' };
    if (line.charAt(quote + 1) === '"') {
      at = quote + 2;
      continue;
    }
    const end = delimiter === ' ' ? quote + 1 : spacesFrom(line, quote + 1);
    return end === line.length || line.charAt(end) === delimiter
      ? { kind: 'closed', quote, end }
      : { kind: 'stray' };
  }
}

function spacesFrom(line: string, from: number): number {
  let at = from;
  while (line.charAt(at) === ' ') at += 1;
  return at;
}

/** Whether a part of a line holds as many columns as `most`. */
function hasColumns(line: string, from: number, to: number, delimiter: string, most: number): boolean {
  let columns = 1;
  for (let at = line.indexOf(delimiter, from); at !== -1 && at < to; at = line.indexOf(delimiter, at + 1)) {
    columns += 1;
    if (columns >= most) return true;
  }
  return columns >= most;
}

/** Quotes inside are doubled; a formula that is a text stands for it: "=""0012""". */
function plain(text: string): string {
  const bare = text.includes('""') ? text.replaceAll('""', '"') : text;
  return bare.startsWith('="') && bare.endsWith('"') && bare.length > 2 ? bare.slice(2, -1) : bare;
}

/** A line that is one text in quotes, without them; undefined for any other. */
export function unwrapped(line: string): string | undefined {
  if (!line.startsWith('"')) return undefined;
  // No character separates here: only the end of the line closes it.
  const end = closing(line, 1, '\n');
  return end.kind === 'closed' ? line.slice(1, end.quote).replaceAll('""', '"') : undefined;
}

function isOdd(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) quotes += 1;
  return quotes % 2 === 1;
}
