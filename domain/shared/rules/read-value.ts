/** Longest text that a message of a workflow may bring: ids, labels and instants are all far shorter. */
const longestText = 500;
/** Most items of a list: phones of a person, slots of a plan. */
const longestList = 1_000;
/** People of one file: more are refused when it is uploaded. */
const mostIds = 200_000;

/** A value from outside that is not what it should be. Names the field and what was expected, never the value: it may be personal. */
export class Malformed extends Error {
  constructor(field: string, expected: string) {
    super(`${field}: ${expected} expected`);
    this.name = 'Malformed';
  }
}

/** The fields of an object that came from outside. Each method reads one and throws `Malformed` when it is not as asked. */
export class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Malformed(where, 'an object');
    }
    this.#fields = { ...value };
    this.#where = where;
  }

  /** Text of at most 500 letters that PostgreSQL can store: no NUL, no half of a surrogate pair. */
  text(name: string): string {
    return asText(this.#fields[name], this.#path(name));
  }

  /** Text that is not empty. */
  id(name: string): string {
    const text = this.text(name);
    if (text.trim() === '') throw new Malformed(this.#path(name), 'a text that is not empty');
    return text;
  }

  /** A whole number that JavaScript holds exactly. */
  integer(name: string): number {
    const value = this.#fields[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw new Malformed(this.#path(name), 'a whole number');
    }
    return value;
  }

  /** A number that is none of NaN and the infinities: spans of a policy may have fractions of a millisecond. */
  number(name: string): number {
    const value = this.#fields[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new Malformed(this.#path(name), 'a number');
    }
    return value;
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value !== 'boolean') throw new Malformed(this.#path(name), 'true or false');
    return value;
  }

  oneOf<T extends string>(name: string, list: readonly T[]): T {
    const value = this.#fields[name];
    const found = list.find((item) => item === value);
    if (found === undefined) throw new Malformed(this.#path(name), `one of ${list.join(', ')}`);
    return found;
  }

  object<T>(name: string, read: (fields: Fields) => T): T {
    return read(new Fields(this.#fields[name], this.#path(name)));
  }

  list<T>(name: string, read: (fields: Fields) => T): readonly T[] {
    const value = this.#fields[name];
    if (!Array.isArray(value) || value.length > longestList) {
      throw new Malformed(this.#path(name), `a list of at most ${longestList}`);
    }
    return value.map((item: unknown, index) => read(new Fields(item, `${this.#path(name)}[${index}]`)));
  }

  /** A list of ids, as long as the longest file. */
  ids(name: string): readonly string[] {
    const value = this.#fields[name];
    if (!Array.isArray(value) || value.length > mostIds) {
      throw new Malformed(this.#path(name), `a list of at most ${mostIds} ids`);
    }
    return value.map((item: unknown, index) => asText(item, `${this.#path(name)}[${index}]`));
  }

  /** For a parser of its own. */
  raw(name: string): unknown {
    return this.#fields[name];
  }

  /** Absent and null are both "not told": serialisers of other languages write null. */
  has(name: string): boolean {
    const value = this.#fields[name];
    return value !== undefined && value !== null;
  }

  #path(name: string): string {
    return `${this.#where}.${name}`;
  }
}

function asText(value: unknown, path: string): string {
  if (typeof value !== 'string' || value.length > longestText) {
    throw new Malformed(path, `a text of at most ${longestText} letters`);
  }
  // PostgreSQL refuses both for good: the write would fail however often it is tried.
  if (value.includes('\u0000') || !value.isWellFormed())
    throw new Malformed(path, 'a text that can be stored');
  return value;
}
