/** Which rows are one person, one debt, or one row twice. Holds a few words per row, never the row. */
import { unaccented } from '../shared/rules/plain-text.ts';
import { Fingerprints } from './fingerprints.ts';
import { problemOf } from './row-problems.ts';
import { mostRowsTold } from '../usecases/variables.ts';
import type { Remark } from '../people/rules/result.ts';
import type { ParsedRow, PlacedRow, RowProblem } from './types.ts';

export type Placing =
  | { readonly kind: 'identical'; readonly problem: RowProblem }
  | { readonly kind: 'taken'; readonly row: PlacedRow };

/** Somebody who was placed: their number in the file, their first row, and how many rows and debts they have. */
export interface KnownPerson {
  readonly person: number;
  readonly row: number;
  readonly rows: number;
  readonly debts: number;
}

/** Texts one behind the other in one buffer: a million strings of their own would take three times as much. */
class Texts {
  #bytes = Buffer.alloc(4_096);
  #ends: number[] = [];

  get length(): number {
    return this.#ends.length;
  }

  push(text: string): void {
    const start = this.#ends.at(-1) ?? 0;
    const end = start + Buffer.byteLength(text);
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    this.#bytes.write(text, start);
    this.#ends.push(end);
  }

  at(index: number): string {
    return this.#bytes.toString('utf8', this.#ends[index - 1] ?? 0, this.#ends[index]);
  }
}

export class People {
  readonly #rows = new Fingerprints();
  /** The same with what is not read of them. */
  readonly #wholeRows = new Fingerprints();
  readonly #debts = new Fingerprints();
  readonly #people = new Fingerprints();
  /** By phone: the first person who has it. */
  readonly #phones = new Fingerprints();
  /** Of each person: the first row, the name in it, and the first zone that a row said. */
  readonly #firstRows: number[] = [];
  readonly #rowsOf: number[] = [];
  readonly #debtsOf: number[] = [];
  readonly #names = new Texts();
  /** Rows of each person without a debt. */
  readonly #told: number[] = [];
  readonly #zones: (string | null)[] = [];

  get contacts(): number {
    return this.#people.size;
  }

  /** The number of a person who was placed, and their first row. */
  known(identityKey: string): KnownPerson | undefined {
    const person = this.#people.of(identityKey);
    if (person === undefined) return undefined;
    const [row = 0, rows = 0, debts = 0] = [this.#firstRows, this.#rowsOf, this.#debtsOf].map(
      (list) => list[person],
    );
    return { person: person + 1, row, rows, debts };
  }

  get debts(): number {
    return this.#debts.size;
  }

  /**
   * Places a good row. Identical to an earlier one: dropped. The same debt of the same person again (one row per phone
   * is a usual layout): its debt is dropped, its phones are kept. Another name for one identity, or one phone of two people: a notice.
   * Without a national id, another name at one phone is another person: what is somebody's appointment is not told to somebody else.
   */
  place(given: ParsedRow): Placing {
    const row = this.#apart(given);
    const debtKey = debtKeyOf(row);
    const content = contentOf(row, debtKey);
    const twin = this.#rows.put(content, row.row);
    const isWhole =
      row.unread !== undefined && this.#wholeRows.put(content + between + row.unread, row.row) !== undefined;
    if (twin !== undefined) {
      const code = row.unread === undefined || isWhole ? 'duplicate_row' : 'duplicate_unread';
      return { kind: 'identical', problem: remarkOn(row, { code, values: { first: twin } }) };
    }
    const met = this.#meet(row);
    const { person } = met;
    addOne(this.#rowsOf, person - 1);
    const notices = row.notices.length + met.notices.length === 0 ? [] : [...row.notices, ...met.notices];
    if (row.debt === undefined) return { kind: 'taken', row: { ...row, person, notices } };
    const first = this.#debts.put(debtKey, row.row);
    if (first !== undefined) {
      notices.push(remarkOn(row, { code: 'debt_repeated', values: { first } }));
      const { debt: _, ...rest } = row;
      return { kind: 'taken', row: { ...rest, person, notices } };
    }
    addOne(this.#debtsOf, person - 1);
    return { kind: 'taken', row: { ...row, person, notices } };
  }

  /** The row with an identity of its own when its phone is known under another name and nothing else says who it is. */
  #apart(row: ParsedRow): ParsedRow {
    if (row.nationalId !== undefined) return row;
    const known = this.#people.of(row.identityKey);
    const name = comparable(row.name);
    if (known === undefined || comparable(this.#names.at(known)) === name) return row;
    return { ...row, identityKey: `${row.identityKey}/${name}` };
  }

  /** Who it is, and what is to be said of a person whom an earlier row described otherwise, or whose phone is another's. */
  #meet(row: ParsedRow): { readonly person: number; readonly notices: readonly RowProblem[] } {
    const known = this.#people.put(row.identityKey, this.#names.length);
    const person = known ?? this.#names.length;
    const notices: RowProblem[] = [];
    if (known === undefined) {
      this.#firstRows.push(row.row);
      this.#names.push(row.name);
      this.#zones.push(row.zone);
      this.#told.push(1);
      this.#rowsOf.push(0);
      this.#debtsOf.push(0);
    } else notices.push(...this.#differences(row, person));
    for (const phone of row.phones) {
      const owner = this.#phones.put(phone, person);
      if (owner === undefined || owner === person) continue;
      // A company's switchboard, a couple's phone, or the number of the row above: only the operator knows.
      const first = this.#firstRows[owner] ?? 0;
      notices.push(remarkOn(row, { code: 'phone_shared', values: { phone, first } }));
    }
    return { person: person + 1, notices };
  }

  #differences(row: ParsedRow, person: number): readonly RowProblem[] {
    const notices: RowProblem[] = [];
    const first = this.#firstRows[person] ?? 0;
    const name = this.#names.at(person);
    if (comparable(name) !== comparable(row.name)) {
      notices.push(remarkOn(row, { code: 'name_differs', values: { first, name } }));
    }
    const zone = this.#zones[person] ?? null;
    if (zone !== null && row.zone !== null && zone !== row.zone) {
      notices.push(remarkOn(row, { code: 'zone_differs', values: { first } }));
    }
    this.#zones[person] = zone ?? row.zone;
    if (row.debt !== undefined) return notices;
    const told = (this.#told[person] ?? 0) + 1;
    this.#told[person] = told;
    const code = told > mostRowsTold ? 'rows_over' : 'row_joined';
    notices.push(remarkOn(row, { code, values: { first, max: mostRowsTold } }));
    return notices;
  }
}

function addOne(counts: number[], at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

function remarkOn({ sheet, row, pointer, name }: ParsedRow, remark: Remark): RowProblem {
  return problemOf({ sheet, row, pointer: pointer ?? null, column: '', value: name }, 'notice', remark);
}

function comparable(name: string): string {
  return unaccented(name).replace(/[^a-z0-9]+/g, '');
}

/** Between texts that have been cleaned, of which none has it: two lists of them are never one text. */
const between = '\0';

/** Whose debt it is and which; '' where there is none. */
function debtKeyOf({ identityKey, debt }: ParsedRow): string {
  if (debt === undefined) return '';
  const { creditor, amountMicros, currency, dueDate, reference = '' } = debt;
  return (
    identityKey +
    between +
    creditor.toLowerCase() +
    between +
    amountMicros.toString() +
    between +
    currency +
    between +
    dueDate +
    between +
    reference
  );
}

function contentOf(row: ParsedRow, debtKey: string): string {
  let content =
    (debtKey === '' ? row.identityKey : debtKey) +
    between +
    row.name +
    between +
    row.phones.join(',') +
    between +
    (row.region ?? '') +
    between +
    (row.zone ?? '') +
    between +
    (row.debt?.creditor ?? '');
  const { variables } = row;
  // All rows of a file have the same keys, in the same order.
  for (const key in variables) content += between + (variables[key] ?? '');
  return content;
}
