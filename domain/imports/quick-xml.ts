/**
 * XML of a workbook's large parts, at a third of what a whole parser takes. It reads what programs write in sheets and texts: tags,
 * attributes, text and the five entities. At anything else (a comment, CDATA, a document type, a character by number, a mistake) it
 * hands over to `XmlReader`, from there to the part's end: what is read and what is refused is what that one says.
 */
import { damaged } from './errors.ts';
import type { ImportLimits } from './limits.ts';
import { localName, maxDepth, textRunTooLong, XmlReader } from './xml.ts';

/** Of the element that is being opened; of no use later. Names have their prefix. */
export interface Attributes {
  get(name: string): string | undefined;
}

/** Names are without their prefix: some programs write `<x:row>`. */
export interface QuickHandler {
  open(name: string, attributes: Attributes): void;
  /** Once or more often for one text. */
  text(text: string): void;
  close(name: string): void;
}

const [tab, lineFeed, carriageReturn, space] = [9, 10, 13, 32];
const [quote, ampersand, apostrophe, slash] = [0x22, 0x26, 0x27, 0x2f];
const [less, equals, greater, closingBracket] = [0x3c, 0x3d, 0x3e, 0x5d];
/** What is not among the characters of XML begins here, surrogates apart, of which a decoder makes pairs only. */
const firstNoCharacter = 0xfffe;

/** Elements of Office have a dozen; comparing each with each takes the square of their number. */
const maxAttributes = 32;

const isNameStart = new Uint8Array(128);
const isNamePart = new Uint8Array(128);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_') {
  isNameStart[letter.charCodeAt(0)] = 1;
  isNamePart[letter.charCodeAt(0)] = 1;
}
for (const other of '0123456789.-:') isNamePart[other.charCodeAt(0)] = 1;

/** Until the root: what Excel, LibreOffice, Google and the libraries write. */
const prolog =
  /^(?:<\?xml version="1\.0"(?: encoding="(?:UTF-8|utf-8)")?(?: standalone="(?:yes|no)")? ?\?>)?[ \t\r\n]*(?=<[A-Za-z_])/;
const maxPrologCharacters = 256;

/** Says of a tag that it goes on in the next chunk, or that it is none of those that are read here. */
const [unfinished, unusual] = [-1, -2];

/** Gives a handler what it is written, chunk by chunk. `write` and `end` throw `ImportFileError`. */
export class QuickXml implements Attributes {
  readonly #handler: QuickHandler;
  readonly #limits: ImportLimits;
  /** Names of open elements as they were written. */
  readonly #open: string[] = [];
  #state: 'before' | 'inside' | 'after' = 'before';
  /** Of the last chunk, what goes on in the next one. */
  #rest = '';
  #whole: XmlReader | undefined;

  // The element that is being opened: places of its attributes in `#text`.
  #text = '';
  #count = 0;
  readonly #nameStarts = new Int32Array(maxAttributes);
  readonly #nameEnds = new Int32Array(maxAttributes);
  readonly #valueStarts = new Int32Array(maxAttributes);
  readonly #valueEnds = new Int32Array(maxAttributes);

  constructor(handler: QuickHandler, limits: ImportLimits) {
    this.#handler = handler;
    this.#limits = limits;
  }

  write(chunk: string): void {
    if (this.#whole !== undefined) return this.#whole.write(chunk);
    this.#text = this.#rest === '' ? chunk : this.#rest + chunk;
    const at = this.#read();
    this.#rest = this.#whole === undefined ? this.#text.slice(at) : '';
    // A text or a tag without end: all of it is kept until its end comes.
    if (this.#rest.length > this.#limits.maxTextRun) throw textRunTooLong();
  }

  end(): void {
    // What is left is a torn part, or one of nothing.
    if (this.#whole === undefined && (this.#state !== 'after' || !isWhite(this.#rest))) {
      this.#text = this.#rest;
      this.#handOver(0);
    }
    this.#whole?.end();
  }

  get(name: string): string | undefined {
    const text = this.#text;
    const first = name.charCodeAt(0);
    for (let index = 0; index < this.#count; index += 1) {
      const start = this.#nameStarts[index] ?? 0;
      if (text.charCodeAt(start) !== first || (this.#nameEnds[index] ?? 0) - start !== name.length) continue;
      if (name.length === 1 || text.startsWith(name, start))
        return text.slice(this.#valueStarts[index], this.#valueEnds[index]);
    }
    return undefined;
  }

  /** Reads what is whole; answers where the rest begins. */
  #read(): number {
    const text = this.#text;
    let at = 0;
    for (;;) {
      if (this.#state !== 'inside') {
        const root = this.#outside(at);
        if (root < 0) return root === unfinished ? at : this.#handOver(at);
        at = root;
      }
      const tag = this.#textUntilTag(at);
      if (tag < 0) return tag === unfinished ? at : this.#handOver(at);
      const next = text.charCodeAt(tag + 1) === slash ? this.#closeTag(tag) : this.#openTag(tag);
      if (next < 0) return next === unfinished ? tag : this.#handOver(tag);
      at = next;
    }
  }

  /** Where the root begins. */
  #outside(at: number): number {
    if (this.#state === 'after') return isWhite(this.#text.slice(at)) ? unfinished : unusual;
    const found = prolog.exec(this.#text);
    if (found !== null) return found[0].length;
    return this.#text.length < maxPrologCharacters ? unfinished : unusual;
  }

  /** Says the text that begins here; answers where the tag behind it begins. */
  #textUntilTag(start: number): number {
    const text = this.#text;
    let at = start;
    let isPlain = true;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === less) break;
      isPlain &&= isPlainText(code);
    }
    if (at === text.length) return unfinished;
    if (at === start) return at;
    const value = text.slice(start, at);
    const said = isPlain ? value : withEntities(value);
    if (said === undefined) return unusual;
    this.#handler.text(said);
    return at;
  }

  #closeTag(tag: number): number {
    const text = this.#text;
    const name = this.#open[this.#open.length - 1] ?? '';
    const end = tag + 2 + name.length;
    if (end >= text.length) return text.includes('>', tag) ? unusual : unfinished;
    if (text.charCodeAt(end) !== greater || !text.startsWith(name, tag + 2)) return unusual;
    this.#close(name);
    return end + 1;
  }

  /** Answers the place behind it. */
  #openTag(tag: number): number {
    const text = this.#text;
    let at = tag + 1;
    if (at >= text.length) return unfinished;
    if (isNameStart[text.charCodeAt(at)] !== 1) return unusual;
    at = nameEnd(text, at + 1);
    const name = text.slice(tag + 1, at);
    this.#count = 0;
    for (;;) {
      const before = at;
      let code = text.charCodeAt(at);
      while (code === space || code === lineFeed || code === tab || code === carriageReturn)
        code = text.charCodeAt((at += 1));
      if (code === greater) {
        this.#enter(name);
        return at + 1;
      }
      if (at >= text.length) return unfinished;
      if (code === slash) {
        if (at + 1 >= text.length) return unfinished;
        if (text.charCodeAt(at + 1) !== greater) return unusual;
        this.#enter(name);
        this.#close(name);
        return at + 2;
      }
      if (at === before || isNameStart[code] !== 1) return unusual;
      at = this.#attribute(at);
      if (at < 0) return at;
    }
  }

  /** Answers the place behind its value. */
  #attribute(start: number): number {
    const text = this.#text;
    const end = nameEnd(text, start + 1);
    const mark = text.charCodeAt(end + 1);
    if (end + 1 >= text.length) return unfinished;
    if (text.charCodeAt(end) !== equals || (mark !== quote && mark !== apostrophe)) return unusual;
    let at = end + 2;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === mark) break;
      if (code < space || code === less || code === ampersand || code >= firstNoCharacter) return unusual;
    }
    if (at >= text.length) return unfinished;
    const index = this.#count;
    if (index >= maxAttributes) return unusual;
    if (index > 0 && this.get(text.slice(start, end)) !== undefined) return unusual;
    this.#nameStarts[index] = start;
    this.#nameEnds[index] = end;
    this.#valueStarts[index] = end + 2;
    this.#valueEnds[index] = at;
    this.#count = index + 1;
    return at + 1;
  }

  #enter(name: string): void {
    this.#state = 'inside';
    this.#open.push(name);
    if (this.#open.length > maxDepth) throw damaged(new Error('too deep'));
    this.#handler.open(name.length === 1 ? name : localName(name), this);
  }

  #close(name: string): void {
    this.#open.pop();
    this.#handler.close(name.length === 1 ? name : localName(name));
    if (this.#open.length === 0) this.#state = 'after';
  }

  /** From here on a whole parser reads, which is told first where it is. */
  #handOver(at: number): number {
    const handler = this.#handler;
    let isTold = false;
    const whole = new XmlReader(
      {
        open: (name, attributes) => {
          if (isTold) handler.open(name, { get: (key) => attributes[key] });
        },
        text: (value) => handler.text(value),
        close: (name) => {
          if (isTold) handler.close(name);
        },
      },
      this.#limits,
    );
    if (this.#state === 'after') whole.write('<a/>');
    for (const name of this.#open) whole.write(`<${name}>`);
    isTold = true;
    this.#whole = whole;
    whole.write(this.#text.slice(at));
    return at;
  }
}

function nameEnd(text: string, from: number): number {
  let at = from;
  while (isNamePart[text.charCodeAt(at)] === 1) at += 1;
  return at;
}

/** Not what has to be replaced, nor what only a whole parser judges. */
function isPlainText(code: number): boolean {
  if (code < space) return code === lineFeed || code === tab;
  return code !== ampersand && code !== closingBracket && code < firstNoCharacter;
}

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Undefined: it holds what only a whole parser judges. */
function withEntities(text: string): string | undefined {
  let whole = '';
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isPlainText(code)) continue;
    const end = code === ampersand ? text.indexOf(';', at) : -1;
    const value = end < 0 ? undefined : entities.get(text.slice(at + 1, end));
    if (value === undefined) return undefined;
    whole += text.slice(from, at) + value;
    from = end + 1;
    at = end;
  }
  return whole + text.slice(from);
}

function isWhite(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== space && code !== lineFeed && code !== carriageReturn && code !== tab) return false;
  }
  return true;
}
