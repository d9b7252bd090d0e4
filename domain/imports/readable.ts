import { bad, type Normalised } from '../people/rules/result.ts';
import { isError, isFormula, isRefused, MAX_CELL_CHARACTERS, type RawCell } from './rules/cells.ts';

/** Why a cell cannot be read at all; undefined when it can. */
export function readable(cell: RawCell): Normalised<never> | undefined {
  if (isFormula(cell)) return bad('formula_without_value');
  if (isError(cell)) return bad('cell_error');
  if (isRefused(cell)) return bad(cell.refused);
  if (typeof cell === 'string' && cell.length > MAX_CELL_CHARACTERS) {
    return bad('cell_too_long', { max: MAX_CELL_CHARACTERS });
  }
  return undefined;
}
