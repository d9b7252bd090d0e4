import type { RowColumns } from './row-columns.ts';
import { isBlank, type RawRow } from './rules/cells.ts';

const TOTAL = /^(?:sub[ -]?|gran )?total(?:es)?(?: (?:general|cartera|deuda|final|archivo))?:?$/i;
/** 'SUBTOTAL SUCURSAL 01', of a row that has nobody's phone: whoever is called Total has one. */
const TOTAL_OF = /^(?:sub[ -]?|gran )?total(?:es)?\b/i;

/** The sum below a list, or below a part of it, which is nobody. */
export function isTotal({ byKey, phones }: RowColumns, { cells }: RawRow): boolean {
  for (const key of ['name', 'national_id']) {
    const bound = byKey.get(key);
    const cell = bound === undefined ? undefined : cells[bound.index];
    if (typeof cell === 'string' && cell.length < 30 && TOTAL.test(cell.trim())) return true;
  }
  if (phones.length === 0 || phones.some(({ index }) => !isBlank(cells[index]))) return false;
  return cells.some((cell) => typeof cell === 'string' && cell.length < 60 && TOTAL_OF.test(cell.trim()));
}
