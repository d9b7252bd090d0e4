/** The phones of a row, of all its columns, and what is to be said of those that are none. Pure. */
import type { BoundColumn } from '../usecases/headers.ts';
import { normalisePhones } from '../people/rules/phone.ts';
import { bad, type Normalised, type Remark } from '../people/rules/result.ts';
import { cellText, isBlank, isList, isRefused, type RawCell, textWithin } from './rules/cells.ts';
import type { RowColumns } from './row-columns.ts';
import type { Severity } from './types.ts';
import { readable } from './readable.ts';

/** Phones of one person in one row; more than anybody is reached by. */
export const MAX_PHONES = 10;

export interface RowPhones {
  readonly phones: readonly string[];
  readonly remarks: readonly {
    readonly bound: BoundColumn | undefined;
    readonly severity: Severity;
    readonly remark: Remark;
  }[];
}

/** One bad cell is a notice while another phone is good; with none, the row is refused. `nationalId`: of the row. */
export function phonesOfRow(
  { phones: columns, areas }: RowColumns,
  cells: readonly RawCell[],
  country: string,
  nationalId: string | undefined,
): RowPhones {
  const phones: string[] = [];
  const wrong: { bound: BoundColumn; remark: Remark }[] = [];
  const remarks: { bound: BoundColumn | undefined; severity: Severity; remark: Remark }[] = [];
  for (const bound of columns) {
    const cell = cells[bound.index];
    if (isBlank(cell)) continue;
    const area = areas.get(bound);
    for (const one of isList(cell) ? cell.list : [cell]) {
      const result =
        readable(one) ??
        onePhone(one, area === undefined ? undefined : cells[area.index], country, nationalId);
      if (!result.ok) wrong.push({ bound, remark: result });
      else {
        for (const phone of result.value) if (!phones.includes(phone)) phones.push(phone);
        if (result.notice !== undefined) remarks.push({ bound, severity: 'notice', remark: result.notice });
      }
    }
  }
  for (const { bound, remark } of wrong) {
    const isLeftOut = phones.length > 0 && !isRefused(cells[bound.index]);
    remarks.push({ bound, severity: isLeftOut ? 'notice' : 'refused', remark });
    if (isLeftOut) remarks.push({ bound, severity: 'notice', remark: { code: 'phone_dropped' } });
  }
  const main = columns[0];
  if (phones.length === 0 && wrong.length === 0) {
    const remark = { code: 'required_missing', values: { label: main?.column.label ?? 'TELEFONO' } } as const;
    remarks.push({ bound: main, severity: 'refused', remark });
  }
  if (phones.length > MAX_PHONES) {
    remarks.push({
      bound: main,
      severity: 'notice',
      remark: { code: 'phone_too_many', values: { max: MAX_PHONES } },
    });
  }
  return { phones: phones.slice(0, MAX_PHONES), remarks };
}

/** Figures of a whole Chilean number. */
const wholeNumber = 9;

function onePhone(
  cell: RawCell,
  area: RawCell,
  country: string,
  nationalId: string | undefined,
): Normalised<readonly string[]> {
  // The row's own RUT in the phone's place: as a phone it is a stranger's landline.
  if (country === 'CL' && nationalId !== undefined && isTheRut(cellText(cell), nationalId))
    return bad('phone_is_national_id');
  const code = isBlank(area)
    ? ''
    : textWithin(area, 12)
        .replace(/\D/g, '')
        .replace(/^0+/, '')
        .replace(/^56(?=\d)/, '');
  if (code === '') return normalisePhones(cell, country);
  const figures = cellText(cell).replace(/\D/g, '').replace(/^0+/, '');
  if (country === 'CL') {
    const isPart = figures.length < wholeNumber && figures.length + code.length === wholeNumber;
    return normalisePhones(isPart ? `${code}${figures}` : cell, country);
  }
  const alone = normalisePhones(cell, country);
  return alone.ok ? alone : normalisePhones(`${code}${figures}`, country);
}

function isTheRut(text: string, nationalId: string): boolean {
  // Nine of ten phones end otherwise, and every row of a file comes by here.
  if (text.length > 20 || text.at(-1)?.toUpperCase() !== nationalId.at(-1)) return false;
  const figures = text.toUpperCase().replace(/[^0-9K]/g, '');
  return figures.length >= wholeNumber - 1 && figures === nationalId.replace('-', '');
}
