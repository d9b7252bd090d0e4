/** Columns of a file as its rows ask for them, worked out once. */
import type { BoundColumn, HeaderMatch } from '../usecases/headers.ts';
import { CORE_KEYS, fieldNormalisers, isPhoneKind } from './fields.ts';
import type { RowPlace } from './row-place.ts';
import type { RawCell } from './rules/cells.ts';
import type { Normalised } from '../people/rules/result.ts';

export interface RowColumns {
  readonly byKey: ReadonlyMap<string, BoundColumn>;
  /** Positions of all columns that something is read from. */
  readonly used: readonly number[];
  /** The same, to look one up. */
  readonly read: ReadonlySet<number>;
  /** There are columns that nothing is read from. */
  readonly hasUnread: boolean;
  readonly phones: readonly BoundColumn[];
  /** Of a phone's column, the one with its area code. */
  readonly areas: ReadonlyMap<BoundColumn, BoundColumn>;
  /** Comuna, region and state, as far as the file has them. */
  readonly places: readonly BoundColumn[];
  readonly currency: BoundColumn | undefined;
  readonly hasSurnames: boolean;
  readonly hasMoney: boolean;
  readonly fields: readonly {
    readonly key: string;
    /** Days are read by their file's style. */
    readonly isDay: boolean;
    readonly normalise: (cell: RawCell) => Normalised<string>;
  }[];
  readonly dates: Remembered<Normalised<string>>;
  readonly lives: Remembered<RowPlace>;
}

const known = new WeakMap<HeaderMatch, RowColumns>();

export function rowColumns(match: HeaderMatch): RowColumns {
  const columns = known.get(match) ?? columnsOf(match);
  known.set(match, columns);
  return columns;
}

function columnsOf({ bound, free, ignored }: HeaderMatch): RowColumns {
  const byKey = new Map<string, BoundColumn>();
  for (const one of bound) if (!byKey.has(one.column.key)) byKey.set(one.column.key, one);
  return {
    byKey,
    used: [...bound, ...free].map(({ index }) => index),
    read: new Set([...bound, ...free].map(({ index }) => index)),
    hasUnread: ignored.length > 0,
    phones: bound.filter(({ column }) => isPhoneKind(column.kind)),
    areas: areasOf(bound),
    places: bound.filter(({ column }) => column.kind === 'region' || column.kind === 'city'),
    currency: bound.find(({ column }) => column.kind === 'currency'),
    hasSurnames: bound.some(({ column }) => /^second_name$|surname$/.test(column.key)),
    hasMoney: bound.some(({ column }) => column.kind === 'money'),
    fields: bound.flatMap(({ column: { key, kind } }) => {
      const normalise = fieldNormalisers[kind];
      return normalise === undefined || CORE_KEYS.has(key)
        ? []
        : [{ key, normalise, isDay: kind === 'date' }];
    }),
    dates: new Remembered(),
    lives: new Remembered(),
  };
}

/** The area of a phone stands before it; one of a file with one phone may stand anywhere. */
function areasOf(bound: readonly BoundColumn[]): ReadonlyMap<BoundColumn, BoundColumn> {
  const phones = bound.filter(({ column }) => isPhoneKind(column.kind));
  const areas = bound.filter(({ column }) => column.kind === 'area');
  const found = new Map<BoundColumn, BoundColumn>();
  const [onlyPhone, second] = phones;
  for (const area of areas) {
    const behind = phones.find(({ index }) => index === area.index + 1);
    const phone = behind ?? (second === undefined && areas.length === 1 ? onlyPhone : undefined);
    if (phone !== undefined) found.set(phone, area);
  }
  return found;
}

/** Days and places of a file are some hundred texts, in whatever ways they are written. */
const mostRemembered = 2_000;
const longestRemembered = 160;

/** What was made of a text before. */
export class Remembered<T> {
  readonly #known = new Map<string, { readonly value: T }>();

  of(text: string, make: (text: string) => T): T {
    if (text.length > longestRemembered) return make(text);
    const kept = this.#known.get(text);
    if (kept !== undefined) return kept.value;
    if (this.#known.size >= mostRemembered) this.#known.clear();
    const value = make(text);
    // A copy: a text that was cut from a piece of the file would keep all of the piece.
    this.#known.set(Buffer.from(text, 'utf16le').toString('utf16le'), { value });
    return value;
  }
}
