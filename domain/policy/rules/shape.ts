/**
 * Checks of stored JSON, without a library: forty schemas of one would cost each workflow that loads them two megabytes.
 * A check throws, naming the path of what is wrong; a field that no check names is let through.
 */
export type Check = (value: unknown, path: string) => void;

export const text: Check = (value, path) => {
  if (typeof value !== 'string') throw wrong(path, 'a text', value);
};

export const yesOrNo: Check = (value, path) => {
  if (typeof value !== 'boolean') throw wrong(path, 'true or false', value);
};

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** `min` itself is too little. */
  readonly above?: boolean;
  readonly whole?: boolean;
}

export function number({
  min = -Infinity,
  max = Infinity,
  above = false,
  whole = false,
}: NumberRange): Check {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(path, 'a number', value);
    if (value < min || (above && value === min))
      throw wrong(path, `${above ? 'above' : 'at least'} ${min}`, value);
    if (value > max) throw wrong(path, `at most ${max}`, value);
    if (whole && !Number.isInteger(value)) throw wrong(path, 'a whole number', value);
  };
}

export function oneOf(...allowed: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string' || !allowed.includes(value)) throw wrong(path, allowed.join(' or '), value);
  };
}

export function nullable(check: Check): Check {
  return (value, path) => {
    if (value !== null) check(value, path);
  };
}

export function optional(check: Check): Check {
  return (value, path) => {
    if (value !== undefined) check(value, path);
  };
}

export function list(check: Check, atLeast = 0): Check {
  return (value, path) => {
    if (!Array.isArray(value)) throw wrong(path, 'a list', value);
    if (value.length < atLeast) throw wrong(path, `a list of at least ${atLeast}`, value);
    for (const [index, one] of value.entries()) check(one, `${path}[${index}]`);
  };
}

export function record(fields: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw wrong(path, 'an object', value);
    for (const [name, check] of Object.entries(fields)) check(field(value, name), `${path}.${name}`);
  };
}

/** An object of any keys that fit a pattern. */
export function map(keys: RegExp, check: Check): Check {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw wrong(path, 'an object', value);
    for (const [name, one] of Object.entries(value)) {
      if (!keys.test(name)) throw wrong(`${path}.${name}`, 'no key', name);
      check(one, `${path}.${name}`);
    }
  };
}

/** An object whose field `tag` says which of the checks it must pass. */
export function union(tag: string, cases: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    const named = field(value, tag);
    const check = typeof named === 'string' && Object.hasOwn(cases, named) ? cases[named] : undefined;
    if (check === undefined) throw wrong(`${path}.${tag}`, Object.keys(cases).join(' or '), named);
    check(value, path);
  };
}

/** A field of what may be an object; undefined where there is none. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const found: unknown = Reflect.get(value, name);
  return found;
}

function wrong(path: string, expected: string, value: unknown): Error {
  const found = value === undefined ? 'nothing' : JSON.stringify(value);
  return new Error(`the stored ${path} must be ${expected}, and is ${found.slice(0, 80)}`);
}
