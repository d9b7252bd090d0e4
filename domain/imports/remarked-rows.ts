import type { RowProblem, Severity, ShownCell } from './types.ts';

/** A row of the file with what was said about it. JSON-plain: it is stored as it is. */
export interface RemarkedRow {
  readonly severity: Severity;
  readonly sheet: string;
  readonly row: number;
  /** What a refused row held. */
  readonly cells: readonly ShownCell[];
  /** Cells of it beyond those that are kept. */
  readonly cellsOmitted: number;
  readonly problems: readonly RowProblem[];
}

/** Kept of one file: whoever has more bad rows reads the first of them, and mends the file. */
export const maxRemarkedRows = 20_000;
/** 20,000 usual rows with three problems each take 24 million; the reader's thread has 256 MB. */
const maxCharacters = 32 * 1024 * 1024;
const maxCharactersOfRow = 4_000;
const maxProblemsOfRow = 50;

/** Collects remarks by row, in the order of the file, up to a bound. A notice never takes the place of a refused row. */
export class RemarkedRows {
  readonly #lists = { refused: new BoundedRows(), notice: new BoundedRows() };
  #lastRow = 0;
  #seen = 0;

  /** `cells`: what the row held, which is refused; the problems of one row come one behind the other. */
  add(problem: RowProblem, cells?: readonly ShownCell[]): void {
    const severity = cells === undefined ? 'notice' : 'refused';
    if (problem.row === this.#lastRow) return this.#lists[severity].join(problem);
    this.#lastRow = problem.row;
    this.#seen += 1;
    this.#lists[severity].open(severity, problem, cells ?? []);
  }

  get kept(): readonly RemarkedRow[] {
    const refused = this.#lists.refused.rows;
    const notices = this.#lists.notice.rows.slice(0, maxRemarkedRows - refused.length);
    return [...refused, ...notices].sort((a, b) => a.row - b.row);
  }

  /** Rows that something was said about, and that are not kept. */
  get omitted(): number {
    return this.#seen - this.kept.length;
  }
}

class BoundedRows {
  readonly rows: (RemarkedRow & { readonly problems: RowProblem[] })[] = [];
  #characters = 0;
  #isFull = false;

  open(severity: Severity, problem: RowProblem, cells: readonly ShownCell[]): void {
    this.#isFull ||= this.rows.length >= maxRemarkedRows || this.#characters > maxCharacters;
    if (this.#isFull) return;
    const kept = firstOf(cells);
    const { sheet, row } = problem;
    this.rows.push({
      severity,
      sheet,
      row,
      cells: kept,
      cellsOmitted: cells.length - kept.length,
      problems: [],
    });
    this.#characters += JSON.stringify(kept).length;
    this.join(problem);
  }

  /** Another one of the row that was opened last. */
  join(problem: RowProblem): void {
    const last = this.rows.at(-1);
    if (this.#isFull || last === undefined || last.problems.length >= maxProblemsOfRow) return;
    last.problems.push(problem);
    this.#characters += JSON.stringify(problem).length;
  }
}

function firstOf(cells: readonly ShownCell[]): readonly ShownCell[] {
  let characters = 0;
  const end = cells.findIndex(({ column, value }) => {
    characters += column.length + value.length;
    return characters > maxCharactersOfRow;
  });
  return end < 0 ? cells : cells.slice(0, end);
}
