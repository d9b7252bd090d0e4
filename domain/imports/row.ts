/** One raw row to one typed row, or to what is wrong with it. Pure: the same cells always give the same row. */
import type { BoundColumn, HeaderMatch } from '../usecases/headers.ts';
import type { Debt, RowFacts } from '../usecases/types.ts';
import {
  cellText,
  cleanText,
  cutText,
  isBlank,
  isError,
  isFormula,
  isList,
  isRefused,
  MAX_CELL_CHARACTERS,
  type RawCell,
  type RawRow,
  type RowFault,
  type SentRow,
  shownValue,
} from './rules/cells.ts';
import { sentence } from './rules/messages.ts';
import { keptName } from './names.ts';
import { typedRow } from './typed.ts';
import { currencyOf } from './fields.ts';
import { type RowColumns, rowColumns } from './row-columns.ts';
import { normaliseDate } from '../people/rules/date.ts';
import { type Decimals, normaliseMoney } from '../people/rules/money.ts';
import { normaliseNationalId } from '../people/rules/national-id.ts';
import { normalisePhones } from '../people/rules/phone.ts';
import {
  normaliseCountry,
  normaliseZone,
  zoneOfCountry,
  zoneOfLandline,
  zoneOfPlace,
} from '../people/rules/place.ts';
import { bad, type Normalised, type Remark } from '../people/rules/result.ts';
import {
  MAX_NAME_CHARACTERS,
  MAX_TEXT_CHARACTERS,
  normaliseCurrency,
  normaliseText,
} from '../people/rules/text.ts';
import type { ImportDefaults, ParsedRow, RowProblem, Severity, ShownCell } from './types.ts';

/** Phones of one person in one row; more than anybody is reached by. */
export const MAX_PHONES = 10;

export type RowReading =
  | { readonly kind: 'blank' }
  | {
      readonly kind: 'refused';
      readonly problems: readonly RowProblem[];
      /** What it held, in the columns that are read. */
      readonly cells: readonly ShownCell[];
    }
  | { readonly kind: 'good'; readonly row: ParsedRow };

/** Reads every cell of the row, so that all that is wrong with it is said at once. */
export function readRow(match: HeaderMatch, defaults: ImportDefaults, given: RawRow): RowReading {
  const faults = given.sent?.faults ?? [];
  if (faults.length > 0) {
    return { kind: 'refused', problems: faults.map((fault) => problemOfFault(given, fault)), cells: [] };
  }
  const raw = given.sent === undefined ? given : typedRow(match, given);
  const columns = rowColumns(match);
  // What a merged cell leaves in a row that has nothing else is no row.
  if (columns.used.every((index) => isBlank(raw.cells[index]) || raw.merged?.includes(index) === true)) {
    // A blank row of a sheet is what a format leaves; one that was sent is somebody's mistake.
    if (given.sent === undefined) return { kind: 'blank' };
    const fault = { key: '', code: 'json_row_empty', shown: '' } as const;
    return { kind: 'refused', problems: [problemOfFault(given, fault)], cells: [] };
  }
  const row = new RowUnderWay({ match, columns, defaults, raw });
  const parsed = row.read();
  if (parsed !== undefined) return { kind: 'good', row: parsed };
  return { kind: 'refused', problems: row.problems, cells: shownCells(match, raw) };
}

function shownCells({ bound, free }: HeaderMatch, { cells }: RawRow): readonly ShownCell[] {
  return [...bound, ...free]
    .filter(({ index }) => !isBlank(cells[index]))
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, header }) => ({ column: header, value: shownValue(cells[index]) }));
}

function problemOfFault({ sheet, row, sent }: RawRow, { key, code, shown, values }: RowFault): RowProblem {
  const place = {
    sheet,
    row,
    pointer: pointerOf(sent, key),
    column: keptName(key),
    value: cutText(cleanText(shown)),
  };
  return problemOf(place, 'refused', { code, ...(values === undefined ? {} : { values }) });
}

/** RFC 6901. `key` undefined or '': the row. */
function pointerOf(sent: SentRow | undefined, key: string | undefined): string | null {
  if (sent === undefined) return null;
  if (key === undefined || key === '') return sent.pointer;
  return `${sent.pointer}/${cutText(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A remark of a row, as it is reported. */
export function problemOf(
  place: Pick<RowProblem, 'sheet' | 'row' | 'pointer' | 'column' | 'value'>,
  severity: Severity,
  { code, values }: Remark,
): RowProblem {
  const { text, hint } = sentence(code, values);
  return {
    ...place,
    severity,
    code,
    message_es: text.es,
    message_en: text.en,
    hint_es: hint.es,
    hint_en: hint.en,
  };
}

interface RowSource {
  readonly match: HeaderMatch;
  readonly columns: RowColumns;
  readonly defaults: ImportDefaults;
  readonly raw: RawRow;
}

/** A spread of an object for each value that may be there takes longer than all else that a row takes. */
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

class RowUnderWay {
  readonly problems: RowProblem[] = [];
  readonly #match: HeaderMatch;
  readonly #columns: RowColumns;
  readonly #defaults: ImportDefaults;
  readonly #raw: RawRow;

  constructor({ match, columns, defaults, raw }: RowSource) {
    this.#match = match;
    this.#columns = columns;
    this.#defaults = defaults;
    this.#raw = raw;
  }

  /** Undefined when a cell that the row cannot do without is wrong. */
  read(): ParsedRow | undefined {
    if (this.#raw.hidden) this.#remark(undefined, 'notice', { code: 'hidden_row' });
    for (const code of this.#raw.remarks ?? []) this.#remark(undefined, 'notice', { code });
    const country = this.#value('country', normaliseCountry) ?? this.#defaults.country;
    const name = this.#value('name', (cell) => normaliseText(cell, MAX_NAME_CHARACTERS));
    const nationalId = this.#value('national_id', (cell) => normaliseNationalId(cell, country));
    const phones = this.#phones(country);
    const zone = this.#zone(country, phones);
    const debt = this.#debt(country);
    const fields = this.#fields();
    const facts: Mutable<RowFacts> = { name: name ?? '', fields, free: this.#free() };
    if (nationalId !== undefined) facts.nationalId = nationalId;
    if (debt !== undefined) facts.debt = debt;
    const [first, ...others] = phones;
    const refused = this.problems.some(({ severity }) => severity === 'refused');
    if (refused || first === undefined || name === undefined) return undefined;
    const region = fields['region'] ?? fields['city'];
    const email = fields['email'];
    const row: Mutable<ParsedRow> = {
      sheet: this.#raw.sheet,
      row: this.#raw.row,
      identityKey: nationalId ?? `tel:${first}`,
      name,
      phones: [first, ...others],
      country,
      zone: zone ?? null,
      variables: this.#match.useCase.variables(facts),
      notices: this.problems,
    };
    if (this.#raw.sent !== undefined) row.pointer = this.#raw.sent.pointer;
    if (nationalId !== undefined) row.nationalId = nationalId;
    if (email !== undefined && email !== '') row.email = email;
    if (region !== undefined) row.region = region;
    if (debt !== undefined) row.debt = debt;
    if (this.#columns.hasUnread) row.unread = this.#unread();
    return row;
  }

  #remark(
    bound: Pick<BoundColumn, 'index' | 'header'> | undefined,
    severity: Severity,
    remark: Remark,
  ): void {
    const { sheet, row, cells, sent } = this.#raw;
    const value = bound === undefined ? '' : shownValue(cells[bound.index]);
    const pointer = pointerOf(sent, bound === undefined ? undefined : sent?.keys[bound.index]);
    const place = { sheet, row, pointer, column: bound?.header ?? '', value };
    this.problems.push(problemOf(place, severity, remark));
  }

  /**
   * The normalised value of the column with this key; undefined when blank, or wrong and remarked on: a required cell
   * refuses the row, another is left out with a notice.
   */
  #value<T>(key: string, normalise: (cell: RawCell) => Normalised<T>): T | undefined {
    const bound = this.#columns.byKey.get(key);
    if (bound === undefined) return undefined;
    const { column } = bound;
    const cell = this.#raw.cells[bound.index];
    if (isBlank(cell)) {
      // The batch's value, where there is one, is put in by the caller.
      if (column.required && !this.#hasDefault(key)) {
        this.#remark(bound, 'refused', { code: 'required_missing', values: { label: column.label } });
      }
      return undefined;
    }
    // One amount over several rows may be the sum of them: each of them would be asked for all of it.
    const isShared = column.kind === 'money' && this.#raw.merged?.includes(bound.index) === true;
    const result = isShared ? bad('money_merged') : (readable(cell) ?? normalise(cell));
    if (!result.ok) {
      this.#remark(bound, column.required || isRefused(cell) ? 'refused' : 'notice', result);
      return undefined;
    }
    if (result.notice !== undefined) this.#remark(bound, 'notice', result.notice);
    return result.value;
  }

  #hasDefault(key: string): boolean {
    return key === 'creditor' && (this.#defaults.creditor ?? '').trim() !== '';
  }

  /** All phones of the row. One bad cell is a notice while another phone is good; with none, the row is refused. */
  #phones(country: string): readonly string[] {
    const phones: string[] = [];
    const wrong: { bound: BoundColumn; remark: Remark }[] = [];
    const columns = this.#columns.phones;
    for (const bound of columns) {
      const cell = this.#raw.cells[bound.index];
      if (isBlank(cell)) continue;
      for (const one of isList(cell) ? cell.list : [cell]) {
        const result = readable(one) ?? normalisePhones(one, country);
        if (result.ok) for (const phone of result.value) if (!phones.includes(phone)) phones.push(phone);
        if (!result.ok) wrong.push({ bound, remark: result });
      }
    }
    const main = columns[0];
    for (const { bound, remark } of wrong) {
      const isLeftOut = phones.length > 0 && !isRefused(this.#raw.cells[bound.index]);
      this.#remark(bound, isLeftOut ? 'notice' : 'refused', remark);
      if (isLeftOut) this.#remark(bound, 'notice', { code: 'phone_dropped' });
    }
    if (phones.length === 0 && wrong.length === 0) {
      this.#remark(main, 'refused', {
        code: 'required_missing',
        values: { label: main?.column.label ?? 'TELEFONO' },
      });
    }
    if (phones.length > MAX_PHONES) {
      this.#remark(main, 'notice', { code: 'phone_too_many', values: { max: MAX_PHONES } });
    }
    return phones.slice(0, MAX_PHONES);
  }

  /** Zone column, else region, else city, else the country when it has one zone, else a landline's area. */
  #zone(country: string, phones: readonly string[]): string | undefined {
    const own = this.#value('zone', normaliseZone);
    if (own !== undefined) return own;
    const places = this.#columns.places.filter(({ index }) => !isBlank(this.#raw.cells[index]));
    for (const { index } of places) {
      const place = cellText(this.#raw.cells[index]);
      const zone =
        country === 'CL'
          ? this.#columns.zones.of(place, (text) => zoneOfPlace(text, country))
          : zoneOfPlace(place, country);
      if (zone !== undefined) return zone;
    }
    const hint = zoneOfCountry(country) ?? phones.map(zoneOfLandline).find((zone) => zone !== undefined);
    if (hint !== undefined) return hint;
    if (country !== 'CL') this.#remark(places[0], 'refused', { code: 'zone_required', values: { country } });
    else if (places[0] !== undefined) this.#remark(places[0], 'notice', { code: 'region_unknown' });
    return undefined;
  }

  #debt(country: string): Debt | undefined {
    if (!this.#columns.hasMoney) return undefined;
    const own = this.#defaults.currency ?? currencyOf(country);
    const currency = this.#currency(own);
    const creditor =
      this.#value('creditor', (cell) => normaliseText(cell, MAX_NAME_CHARACTERS)) ??
      this.#defaults.creditor?.trim();
    const dueDate = this.#value('due_date', (cell) => this.#date(cell));
    const reference = this.#value('reference', (cell) => normaliseText(cell, MAX_NAME_CHARACTERS));
    const amountMicros = this.#value('amount', (cell) =>
      normaliseMoney(cell, currency ?? own, this.#decimals()),
    );
    if (
      currency === undefined ||
      creditor === undefined ||
      dueDate === undefined ||
      amountMicros === undefined
    ) {
      return undefined;
    }
    const debt = { creditor, amountMicros, currency, dueDate };
    return reference === undefined ? debt : { ...debt, reference };
  }

  /** A number of a file has decimals by a calculation, which nobody has written. */
  #decimals(): Decimals {
    if (this.#defaults.roundAmounts === true) return 'round';
    return this.#raw.sent === undefined ? 'of_numbers' : 'refuse';
  }

  /** A file has few days, in many rows. */
  #date(cell: RawCell): Normalised<string> {
    const { country } = this.#defaults;
    if (this.#raw.is1904 === true) return normaliseDate(cell, { country, is1904: true });
    const read = (one: RawCell): Normalised<string> => normaliseDate(one, { country });
    return typeof cell === 'string' ? this.#columns.dates.of(cell, read) : read(cell);
  }

  /** A currency that is not understood refuses the row: an amount in another one is another amount. */
  #currency(own: string): string | undefined {
    const bound = this.#columns.currency;
    const cell = bound === undefined ? undefined : this.#raw.cells[bound.index];
    if (bound === undefined || isBlank(cell)) return own;
    const result = readable(cell) ?? normaliseCurrency(cell, own);
    if (result.ok) return result.value;
    this.#remark(bound, 'refused', result);
    return undefined;
  }

  /** What the row has in columns that nothing is read from: rows that differ there may be two invoices. */
  #unread(): string {
    const { read } = this.#columns;
    let text = '';
    for (const [index, cell] of this.#raw.cells.entries()) {
      const value = read.has(index) ? '' : cellText(cell);
      if (value !== '') text += `${index}:${value}\0`;
    }
    return text;
  }

  /** The other columns by key, as the variables want them. */
  #fields(): Record<string, string> {
    const fields: Record<string, string> = {};
    for (const { key, normalise, isDay } of this.#columns.fields) {
      const value = this.#value(key, isDay ? (cell) => this.#date(cell) : normalise);
      if (value !== undefined) fields[key] = value;
    }
    return fields;
  }

  #free(): Record<string, string> {
    const free: Record<string, string> = {};
    for (const column of this.#match.free) {
      const cell = this.#raw.cells[column.index];
      const result = readable(cell) ?? normaliseText(cell, MAX_TEXT_CHARACTERS);
      free[column.variable] = result.ok ? result.value : '';
      const remark = result.ok ? result.notice : result;
      if (remark !== undefined) this.#remark(column, isRefused(cell) ? 'refused' : 'notice', remark);
    }
    return free;
  }
}

/** Why a cell cannot be read at all; undefined when it can. */
function readable(cell: RawCell): Normalised<never> | undefined {
  if (isFormula(cell)) return bad('formula_without_value');
  if (isError(cell)) return bad('cell_error');
  if (isRefused(cell)) return bad(cell.refused);
  if (typeof cell === 'string' && cell.length > MAX_CELL_CHARACTERS) {
    return bad('cell_too_long', { max: MAX_CELL_CHARACTERS });
  }
  return undefined;
}
