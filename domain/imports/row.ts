/** One raw row to one typed row, or to what is wrong with it. Pure: the same cells always give the same row. */
import type { BoundColumn, HeaderMatch } from '../usecases/headers.ts';
import type { Debt, RowFacts } from '../usecases/types.ts';
import {
  cellText,
  isBlank,
  isRefused,
  type RawCell,
  type RawRow,
  shownValue,
  textWithin,
} from './rules/cells.ts';
import { pointerOf, problemOf, problemOfFault, shownCells } from './row-problems.ts';
import { isOwnCompany, saidOfPerson, twinOf } from './row-notes.ts';
import { isTotal } from './total-row.ts';
import { typedRow } from './typed.ts';
import { currencyOf } from './fields.ts';
import { readable } from './readable.ts';
import { type RowColumns, rowColumns } from './row-columns.ts';
import { phonesOfRow } from './row-phones.ts';
import { type PlaceCells, placeOfRow, type RowPlace } from './row-place.ts';
import { normaliseDate } from '../people/rules/date.ts';
import { type Decimals, normaliseMoney } from '../people/rules/money.ts';
import { normaliseNationalId } from '../people/rules/national-id.ts';
import { isNumberOf } from '../people/rules/phone.ts';
import { wholeName } from '../people/rules/name.ts';
import { normaliseCountry, normaliseZone, zoneOfCountry, zoneOfLandline } from '../people/rules/place.ts';
import { bad, type Normalised, type Remark } from '../people/rules/result.ts';
import {
  MAX_NAME_CHARACTERS,
  MAX_TEXT_CHARACTERS,
  normaliseCurrency,
  normaliseText,
} from '../people/rules/text.ts';
import type { ImportDefaults, ParsedRow, RowProblem, Severity, ShownCell, Withdrawal } from './types.ts';

export type RowReading =
  | { readonly kind: 'blank' }
  | {
      readonly kind: 'refused';
      readonly problems: readonly RowProblem[];
      /** What it held, in the columns that are read. */
      readonly cells: readonly ShownCell[];
      /** The person whom it forbids to call, in whatever other rows. */
      readonly withdrawal?: Withdrawal;
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
  if (isTotal(columns, raw)) {
    const place = { sheet: raw.sheet, row: raw.row, pointer: null, column: '', value: '' };
    return {
      kind: 'refused',
      problems: [problemOf(place, 'refused', { code: 'total_row' })],
      cells: shownCells(match, raw),
    };
  }
  const row = new RowUnderWay({ match, columns, defaults, raw });
  const parsed = row.read();
  if (parsed !== undefined) return { kind: 'good', row: parsed };
  const refused = { kind: 'refused', problems: row.problems, cells: shownCells(match, raw) } as const;
  return row.withdrawal === undefined ? refused : { ...refused, withdrawal: row.withdrawal };
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
  withdrawal: Withdrawal | undefined;
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
    const country = this.#country();
    const name = this.#name();
    const nationalId = this.#nationalId(country);
    const phones = this.#phones(country, nationalId);
    const { zone, region } = this.#place(country, phones);
    const debt = this.#debt(country);
    this.#whoseCompany(nationalId);
    const fields = this.#fields();
    this.#saidOfPerson(name, nationalId ?? phones[0]?.replace(/^/, 'tel:'));
    const facts: Mutable<RowFacts> = { name: name ?? '', fields, free: this.#free() };
    if (nationalId !== undefined) facts.nationalId = nationalId;
    if (debt !== undefined) facts.debt = debt;
    const [first, ...others] = phones;
    const refused = this.problems.some(({ severity }) => severity === 'refused');
    if (refused || first === undefined || name === undefined) return undefined;
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
    const twin = twinOf(this.#match, this.#raw, bound);
    const result = isShared
      ? bad('money_merged')
      : (readable(cell) ?? (twin === undefined ? normalise(cell) : bad('column_twice', { value: twin })));
    if (!result.ok) {
      this.#remark(bound, column.required || isRefused(cell) ? 'refused' : 'notice', result);
      return undefined;
    }
    if (result.notice !== undefined) this.#remark(bound, 'notice', result.notice);
    return result.value;
  }

  /** Who died, asked to be left alone or is owed money is called for no row of the file. */
  #saidOfPerson(name: string | undefined, identityKey: string | undefined): void {
    const said = saidOfPerson(this.#match, this.#raw, name);
    if (said !== undefined) this.#remark(said.bound, 'refused', { code: said.code });
    const code = said?.code ?? this.problems.find((one) => one.code === 'money_negative')?.code;
    if (code === undefined || code === 'debt_settled' || identityKey === undefined) return;
    this.withdrawal = { identityKey, row: this.#raw.row };
  }

  #hasDefault(key: string): boolean {
    return key === 'creditor' && (this.#defaults.creditor ?? '').trim() !== '';
  }

  #phones(country: string, nationalId: string | undefined): readonly string[] {
    const { phones, remarks } = phonesOfRow(this.#columns, this.#raw.cells, country, nationalId);
    for (const { bound, severity, remark } of remarks) this.#remark(bound, severity, remark);
    return phones;
  }

  /** Zone column, else comuna, else region, else the country when it has one zone, else a landline's area. */
  #place(country: string, phones: readonly string[]): Pick<RowPlace, 'zone' | 'region'> {
    const own = this.#value('zone', normaliseZone);
    const cells: PlaceCells = {
      city: this.#text('city'),
      region: this.#text('region'),
      state: this.#text('state'),
    };
    const place = this.#columns.lives.of(`${country}\0${cells.city}\0${cells.region}\0${cells.state}`, () =>
      placeOfRow(cells, country),
    );
    if (own !== undefined) return { zone: own, region: place.region };
    const bound = this.#columns.places.find(({ index }) => !isBlank(this.#raw.cells[index]));
    const { remark } = place;
    if (remark !== undefined && remark.code !== 'region_unknown') this.#remark(bound, 'notice', remark);
    if (place.zone !== undefined || place.isEnough === true || remark?.code === 'zone_open') return place;
    const hint = zoneOfCountry(country) ?? phones.map(zoneOfLandline).find((zone) => zone !== undefined);
    if (hint !== undefined) return { zone: hint, region: place.region };
    if (country !== 'CL') this.#remark(bound, 'refused', { code: 'zone_required', values: { country } });
    else if (remark !== undefined) this.#remark(bound, 'notice', remark);
    return place;
  }

  /** Of a column that stands beside others; '' when it is blank or cannot be read. */
  #text(key: string): string {
    const bound = this.#columns.byKey.get(key);
    const cell = bound === undefined ? undefined : this.#raw.cells[bound.index];
    if (isBlank(cell) || readable(cell) !== undefined) return '';
    const text = normaliseText(cell, MAX_NAME_CHARACTERS);
    return text.ok ? text.value : '';
  }

  /** With the surnames that stand in columns of their own. */
  #name(): string | undefined {
    const name = this.#value('name', (cell) => normaliseText(cell, MAX_NAME_CHARACTERS));
    if (name === undefined || !this.#columns.hasSurnames) return name;
    const whole = wholeName(
      name,
      ['second_name', 'surname', 'second_surname'].map((key) => this.#text(key)),
    );
    const cut = normaliseText(whole, MAX_NAME_CHARACTERS);
    return cut.ok ? cut.value : whole;
  }

  /** With the check digit of its own column, where the file has one. */
  #nationalId(country: string): string | undefined {
    const digit = this.#columns.byKey.get('check_digit');
    const told = digit === undefined ? undefined : (this.#raw.cells[digit.index] ?? '');
    return this.#value('national_id', (cell) => normaliseNationalId(cell, country, told));
  }

  /**
   * The country of the row, unless its phone says that PAIS is a nationality: whoever has a phone here is called by the
   * hours and rules of here.
   */
  #country(): string {
    const home = this.#defaults.country;
    const told = this.#value('country', normaliseCountry) ?? home;
    if (told === home) return home;
    const { phones } = this.#columns;
    const own = (country: string): string | undefined =>
      phonesOfRow(this.#columns, this.#raw.cells, country, undefined).phones[0];
    const phone = phones.length === 0 ? undefined : (own(told) ?? own(home));
    const isOfHome = phone !== undefined && isNumberOf(phone, home) && !isNumberOf(phone, told);
    // A bare number may be one of either country; a RUT with its right digit is of here.
    if (!isOfHome && !this.#hasRut(home)) return told;
    const values = { country: told, home };
    this.#remark(this.#columns.byKey.get('country'), 'notice', { code: 'country_differs', values });
    return home;
  }

  /** A column RUT with a RUT of whole spelling. */
  #hasRut(home: string): boolean {
    const bound = this.#columns.byKey.get('national_id');
    if (home !== 'CL' || bound === undefined || !/^r\.?u\.?[tn]/i.test(bound.header)) return false;
    const text = textWithin(this.#raw.cells[bound.index], 20);
    return text.includes('-') && normaliseNationalId(text, 'CL').ok;
  }

  /** A file of companies that owe has them in EMPRESA: as creditor they would be told that they owe to themselves. */
  #whoseCompany(nationalId: string | undefined): void {
    const bound = this.#columns.byKey.get('creditor');
    if (bound === undefined || !isOwnCompany(bound, nationalId, this.#raw)) return;
    this.#remark(bound, 'notice', { code: 'creditor_perhaps_debtor' });
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
