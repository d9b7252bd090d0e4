/**
 * JSON of rows, read by its text: what JSON.parse hides (a key twice, a number that is not kept as it was written) is seen
 * here, nothing of a row becomes an object, and every bound is one of the text.
 */
import type { Bilingual } from '../shared/rules/bilingual.ts';
import type { RawCell, RowFault } from './rules/cells.ts';

/** Of one row: cells by key, or why it cannot be read. */
export interface JsonRow {
  readonly cells: ReadonlyMap<string, RawCell>;
  readonly faults: readonly RowFault[];
}

/** The text is no JSON. `at`: characters from its start. */
export class JsonSyntax extends Error {
  override readonly name = 'JsonSyntax';
  readonly at: number;
  readonly expected: Bilingual;

  constructor(at: number, expected: Bilingual) {
    super(expected.en);
    this.at = at;
    this.expected = expected;
  }
}

/** Deeper than any row; far from where a stack ends. */
const maxDepth = 16;
const maxKeyCharacters = 120;
/** More phones than anybody has. */
const maxItems = 50;
const maxNumberCharacters = 400;
const maxFaults = 10;
const maxShown = 120;

const expectations = {
  value: { es: 'un valor', en: 'a value' },
  text: { es: 'un texto entre comillas dobles', en: 'a text in double quotes' },
  quote: { es: 'la comilla que cierra un texto', en: 'the closing quote of a text' },
  escapes: {
    es: 'un texto sin caracteres de control ni escapes desconocidos',
    en: 'a text without bare control characters or unknown escapes',
  },
  depth: { es: `a lo más ${maxDepth} niveles`, en: `at most ${maxDepth} levels` },
  end: { es: 'el fin', en: 'the end' },
} as const;

const blanks = /[ \t\n\r]*/y;
const numbers = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// oxlint-disable-next-line no-control-regex -- JSON has none of them inside a text
const control = /[\u0000-\u001f]/;

export class JsonText {
  readonly #text: string;
  readonly #maxKeys: number;
  #at = 0;

  constructor(text: string, maxKeys: number) {
    this.#text = text;
    this.#maxKeys = maxKeys;
  }

  /** The elements of an array, one behind the other. Throws `JsonSyntax`, also when anything comes behind it. */
  *rows(): Generator<JsonRow> {
    this.#expect('[');
    if (!this.#take(']')) {
      do yield this.#row();
      while (this.#more(']'));
    }
    this.#end();
  }

  /** The text is one row. Throws `JsonSyntax`. */
  row(): JsonRow {
    const row = this.#row();
    this.#end();
    return row;
  }

  #row(): JsonRow {
    const start = this.#skipBlanks();
    if (this.#text[start] === '{') return this.#object();
    this.#value(1);
    return { cells: new Map(), faults: [{ key: '', code: 'json_not_object', shown: this.#shown(start) }] };
  }

  #object(): JsonRow {
    const cells = new Map<string, RawCell>();
    const faults: RowFault[] = [];
    this.#expect('{');
    if (this.#take('}')) return { cells, faults };
    do {
      const key = this.#key();
      const start = this.#at;
      const cell = this.#value(1);
      const fault = this.#faultOf(key, cells);
      if (fault === undefined) cells.set(key, cell);
      else if (faults.length < maxFaults) faults.push({ ...fault, key, shown: this.#shown(start) });
    } while (this.#more('}'));
    return { cells, faults };
  }

  #faultOf(key: string, cells: ReadonlyMap<string, RawCell>): Pick<RowFault, 'code' | 'values'> | undefined {
    if (key.length > maxKeyCharacters || !isStorable(key)) {
      return { code: 'json_key_invalid', values: { max: maxKeyCharacters } };
    }
    if (cells.has(key)) return { code: 'json_duplicate_key' };
    if (cells.size < this.#maxKeys) return undefined;
    return { code: 'json_too_many_keys', values: { max: this.#maxKeys } };
  }

  #key(): string {
    const key = this.#string();
    this.#expect(':');
    this.#skipBlanks();
    return key;
  }

  #value(depth: number): RawCell {
    if (depth > maxDepth) throw this.#error(expectations.depth);
    const start = this.#skipBlanks();
    const first = this.#text[start];
    switch (first) {
      case '"': {
        const text = this.#string();
        return isStorable(text) ? text : { refused: 'json_text_invalid', shown: this.#shown(start) };
      }
      case '[':
        return this.#list(depth);
      case '{':
        this.#skipObject(depth);
        return { refused: 'json_nested', shown: this.#shown(start) };
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        // Null is what is not told, as in every body.
        return this.#word('null', undefined);
      default:
        return this.#number();
    }
  }

  #list(depth: number): RawCell {
    const start = this.#at;
    const list: RawCell[] = [];
    let isNested = false;
    this.#expect('[');
    if (!this.#take(']')) {
      do {
        const cell = this.#value(depth + 1);
        isNested ||= typeof cell === 'object' && 'list' in cell;
        if (list.length <= maxItems) list.push(cell);
      } while (this.#more(']'));
    }
    return isNested || list.length > maxItems
      ? { refused: 'json_nested', shown: this.#shown(start) }
      : { list };
  }

  #skipObject(depth: number): void {
    this.#expect('{');
    if (this.#take('}')) return;
    do {
      this.#key();
      this.#value(depth + 1);
    } while (this.#more('}'));
  }

  #string(): string {
    const start = this.#skipBlanks();
    if (this.#text[start] !== '"') throw this.#error(expectations.text);
    let end = start;
    do end = this.#text.indexOf('"', end + 1);
    while (end >= 0 && this.#isEscaped(end));
    if (end < 0) throw this.#error(expectations.quote);
    this.#at = end + 1;
    const inside = this.#text.slice(start + 1, end);
    if (!inside.includes('\\') && !control.test(inside)) return inside;
    try {
      return String(JSON.parse(this.#text.slice(start, end + 1)));
    } catch {
      this.#at = start;
      throw this.#error(expectations.escapes);
    }
  }

  #isEscaped(at: number): boolean {
    let slashes = 0;
    while (this.#text[at - 1 - slashes] === '\\') slashes += 1;
    return slashes % 2 === 1;
  }

  #number(): RawCell {
    numbers.lastIndex = this.#at;
    const written = numbers.exec(this.#text)?.[0];
    if (written === undefined) throw this.#error(expectations.value);
    this.#at += written.length;
    const value = Number(written);
    return written.length <= maxNumberCharacters && isExact(written, value)
      ? value
      : { refused: 'json_number_inexact', shown: written.slice(0, maxShown) };
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#error(expectations.value);
    this.#at += word.length;
    return value;
  }

  /** Behind an element: true when another one comes. */
  #more(close: ']' | '}'): boolean {
    if (this.#take(',')) return true;
    this.#expect(close);
    return false;
  }

  #take(sign: string): boolean {
    if (this.#text[this.#skipBlanks()] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw this.#error({ es: `"${sign}"`, en: `"${sign}"` });
  }

  #end(): void {
    if (this.#skipBlanks() < this.#text.length) throw this.#error(expectations.end);
  }

  #skipBlanks(): number {
    blanks.lastIndex = this.#at;
    this.#at += blanks.exec(this.#text)?.[0].length ?? 0;
    return this.#at;
  }

  #shown(start: number): string {
    return this.#text.slice(start, Math.min(this.#at, start + maxShown));
  }

  #error(expected: Bilingual): JsonSyntax {
    return new JsonSyntax(this.#at, expected);
  }
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** The number that is kept is the number that was written: neither rounded nor beyond what counts in ones. */
function isExact(written: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return false;
  return figuresOf(written) === figuresOf(String(value));
}

/** '-12.50e3' → '125e2': figures without zeros around them, and their power of ten. */
function figuresOf(written: string): string {
  const [, whole = '', fraction = '', power = '0'] =
    /^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(written) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const figures = digits.replace(/0+$/, '');
  if (figures === '') return '0';
  return `${figures}e${Number(power) - fraction.length + digits.length - figures.length}`;
}
