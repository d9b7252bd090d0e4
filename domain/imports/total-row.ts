import type { RowColumns } from './row-columns.ts';
import type { RawRow } from './rules/cells.ts';

const TOTAL = /^(?:sub[ -]?|gran )?total(?:es)?(?: (?:general|cartera|deuda|final|archivo))?:?$/i;

/** The sum below a list, which is nobody. */
export function isTotal({ byKey }: RowColumns, { cells }: RawRow): boolean {
  for (const key of ['name', 'national_id']) {
    const bound = byKey.get(key);
    const cell = bound === undefined ? undefined : cells[bound.index];
    if (typeof cell === 'string' && cell.length < 30 && TOTAL.test(cell.trim())) return true;
  }
  return false;
}
