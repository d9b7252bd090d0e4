/** Which rows are one person, one debt, or one row twice. Holds a few words per row, never the row. */
import { createHash } from 'node:crypto';
import { problemOf } from './row.ts';
import type { Remark } from './normalise/result.ts';
import type { ParsedRow, RowProblem } from './types.ts';

export type Placing =
  | { readonly kind: 'identical'; readonly problem: RowProblem }
  | { readonly kind: 'taken'; readonly row: ParsedRow };

interface Person {
  readonly row: number;
  readonly name: string;
  /** Null until a row says it. */
  zone: string | null;
  /** Keys of this person's debts, with the row that each came from. */
  readonly debts: Map<string, number>;
}

export class People {
  readonly #people = new Map<string, Person>();
  readonly #rows = new Map<string, number>();
  #debts = 0;

  get contacts(): number {
    return this.#people.size;
  }

  get debts(): number {
    return this.#debts;
  }

  /**
   * Places a good row. Identical to an earlier one: dropped. The same debt of the same person again (one row per phone
   * is a usual layout): its debt is dropped, its phones are kept. Another name for one identity: a notice.
   */
  place(row: ParsedRow): Placing {
    const fingerprint = fingerprintOf(row);
    const twin = this.#rows.get(fingerprint);
    if (twin !== undefined) {
      return {
        kind: 'identical',
        problem: remarkOn(row, { code: 'duplicate_row', values: { first: twin } }),
      };
    }
    this.#rows.set(fingerprint, row.row);
    const known = this.#people.get(row.identityKey);
    const person = known ?? {
      row: row.row,
      name: row.name,
      zone: row.zone,
      debts: new Map<string, number>(),
    };
    if (known === undefined) this.#people.set(row.identityKey, person);
    const notices = [...row.notices];
    if (comparable(person.name) !== comparable(row.name)) {
      const values = { first: person.row, name: person.name };
      notices.push(remarkOn(row, { code: 'name_differs', values }));
    }
    if (person.zone !== null && row.zone !== null && person.zone !== row.zone) {
      notices.push(remarkOn(row, { code: 'zone_differs', values: { first: person.row } }));
    }
    person.zone ??= row.zone;
    const { debt, ...rest } = row;
    if (debt === undefined) return { kind: 'taken', row: { ...rest, notices } };
    const key = JSON.stringify([
      debt.creditor.toLowerCase(),
      debt.amountMicros.toString(),
      debt.currency,
      debt.dueDate,
      debt.reference ?? '',
    ]);
    const first = person.debts.get(key);
    if (first !== undefined) {
      notices.push(remarkOn(row, { code: 'debt_repeated', values: { first } }));
      return { kind: 'taken', row: { ...rest, notices } };
    }
    person.debts.set(key, row.row);
    this.#debts += 1;
    return { kind: 'taken', row: { ...row, notices } };
  }
}

function remarkOn({ sheet, row, name }: ParsedRow, remark: Remark): RowProblem {
  return problemOf({ sheet, row, column: '', value: name }, 'notice', remark);
}

function comparable(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '');
}

function fingerprintOf({ identityKey, name, phones, region, zone, debt, variables }: ParsedRow): string {
  const content = JSON.stringify([
    identityKey,
    name,
    phones,
    region ?? null,
    zone,
    debt === undefined ? null : { ...debt, amountMicros: debt.amountMicros.toString() },
    variables,
  ]);
  return createHash('sha256').update(content).digest('base64').slice(0, 24);
}
