/** Cells that are merged over several rows: the file has their value in the first of them only, and shows it for all. */
import type { RawCell, RawRow } from './rules/cells.ts';
import { damaged } from './errors.ts';
import type { ImportLimits } from './limits.ts';

export interface Merge {
  /** From 0. A cell that is merged over several columns counts in its first: a title over a table is no value of each. */
  readonly column: number;
  /** Rows from 1, as Excel numbers them. */
  readonly from: number;
  readonly to: number;
}

/** More than any sheet that people have made. */
const mostMerges = 100_000;
/** Longest element that names a merged cell. */
const longestElement = 200;
const mergeElement =
  /<(?:\w{1,20}:)?mergeCell\s{1,9}[^<>]{0,99}?ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"[^<>]{0,99}>/g;

/** Finds merged cells in a sheet that comes in pieces, as Latin-1: what it looks for is ASCII. */
export class MergeScan {
  readonly merges: Merge[] = [];
  readonly #limits: ImportLimits;
  #carry = '';

  constructor(limits: ImportLimits) {
    this.#limits = limits;
  }

  add(piece: string): void {
    const text = this.#carry + piece;
    // An element that has not ended goes on in the next piece.
    const open = text.lastIndexOf('<');
    const isWhole = open === -1 || text.includes('>', open) || text.length - open > longestElement;
    this.#carry = isWhole ? '' : text.slice(open);
    if (!text.includes('mergeCell')) return;
    for (const [, letters = '', from = '', to = ''] of text.matchAll(mergeElement)) {
      const column = columnOf(letters);
      if (Number(to) <= Number(from) || column >= this.#limits.maxColumns) continue;
      const count = this.merges.push({ column, from: Number(from), to: Number(to) });
      if (count > mostMerges) throw damaged(new Error('more merged cells than any sheet has'));
    }
  }
}

function columnOf(letters: string): number {
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/** Gives every row of a merged cell its value. Rows come in their order. */
export class MergedCells {
  readonly #merges: readonly Merge[];
  #next = 0;
  /** By column, so that ranges that lie over each other, which no program makes, are not all kept. */
  readonly #open = new Map<number, { readonly to: number; readonly value: RawCell }>();

  constructor(merges: readonly Merge[]) {
    this.#merges = merges.toSorted((a, b) => a.from - b.from);
  }

  filled(row: RawRow): RawRow {
    const cells = [...row.cells];
    const merged: number[] = [];
    for (const [column, { to, value }] of this.#open) {
      if (to < row.row) this.#open.delete(column);
      else if (cells[column] === undefined && value !== undefined) {
        cells[column] = value;
        merged.push(column);
      }
    }
    for (;;) {
      const merge = this.#merges[this.#next];
      if (merge === undefined || merge.from > row.row) break;
      this.#next += 1;
      if (merge.from === row.row) this.#open.set(merge.column, { to: merge.to, value: cells[merge.column] });
    }
    return merged.length === 0 ? row : { ...row, cells, merged };
  }
}
