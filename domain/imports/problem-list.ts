import type { RemarkedRows } from './remarked-rows.ts';
import type { ImportSink, PlacedRow, RowProblem, ShownCell } from './types.ts';

/** Problems kept of one file. A file with more has one mistake repeated: the first ones tell it. */
export const MAX_KEPT_PROBLEMS = 1_000;

/** Collects problems and notices up to a bound, refusals first in line when the bound is reached. */
export class ProblemList {
  readonly #refused: RowProblem[] = [];
  readonly #notices: RowProblem[] = [];
  #seen = 0;

  add(problem: RowProblem): void {
    this.#seen += 1;
    const list = problem.severity === 'refused' ? this.#refused : this.#notices;
    if (list.length < MAX_KEPT_PROBLEMS) list.push(problem);
  }

  /** In the order of the file; a refused row is never pushed out by a notice. */
  get kept(): readonly RowProblem[] {
    const notices = this.#notices.slice(0, MAX_KEPT_PROBLEMS - this.#refused.length);
    return [...this.#refused, ...notices].sort((a, b) => a.row - b.row);
  }

  /** Problems that were seen and not kept. */
  get omitted(): number {
    return this.#seen - this.kept.length;
  }
}

/** A sink that keeps the problems, and the rows that they are of where those are wanted, and hands good rows on. */
export function keepingProblems(
  problems: ProblemList,
  rows: RemarkedRows | undefined,
  onRow: (row: PlacedRow) => void | Promise<void>,
): ImportSink {
  const keep = (problem: RowProblem, cells?: readonly ShownCell[]): void => {
    problems.add(problem);
    rows?.add(problem, cells);
  };
  return {
    problem: keep,
    row: (row) => {
      for (const notice of row.notices) keep(notice);
      return onRow(row);
    },
  };
}
