/** Columns of a file as its rows ask for them, worked out once. */
import type { BoundColumn, HeaderMatch } from '../usecases/headers.ts';
import { CORE_KEYS, fieldNormalisers, isPhoneKind } from './fields.ts';
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
  /** Regions and cities. */
  readonly places: readonly BoundColumn[];
  readonly currency: BoundColumn | undefined;
  readonly hasMoney: boolean;
  readonly fields: readonly {
    readonly key: string;
    /** Days are read by their file's style. */
    readonly isDay: boolean;
    readonly normalise: (cell: RawCell) => Normalised<string>;
  }[];
  readonly dates: Remembered<Normalised<string>>;
  readonly zones: Remembered<string | undefined>;
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
    places: bound.filter(({ column }) => column.kind === 'region' || column.kind === 'city'),
    currency: bound.find(({ column }) => column.kind === 'currency'),
    hasMoney: bound.some(({ column }) => column.kind === 'money'),
    fields: bound.flatMap(({ column: { key, kind } }) => {
      const normalise = fieldNormalisers[kind];
      return normalise === undefined || CORE_KEYS.has(key)
        ? []
        : [{ key, normalise, isDay: kind === 'date' }];
    }),
    dates: new Remembered(),
    zones: new Remembered(),
  };
}

/** Days and places of a file are some hundred texts, in whatever ways they are written. */
const mostRemembered = 2_000;
const longestRemembered = 60;

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
