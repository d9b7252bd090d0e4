import { damaged } from './errors.ts';

const chunkBytes = 1024 * 1024;
/** A power of two. */
const lastTexts = 256;
/** A text of a whole page is not kept. */
const longestKept = 100;

/**
 * The texts that a workbook's cells point to, outside of the heap: two million of them take their bytes and eight more each, where strings
 * would take three times as much and the collector's time.
 */
export class SharedStrings {
  readonly #chunks: Buffer[] = [];
  #starts = new Uint32Array(1024);
  #ends = new Uint32Array(1024);
  #count = 0;
  /** Where the next text goes: the chunk's number times `chunkBytes`, and the place in it. */
  #next = 0;
  /** A column's few values come again and again: the last text of each place, by its number. */
  readonly #lastIndexes = new Float64Array(lastTexts).fill(NaN);
  readonly #last: string[] = Array.from({ length: lastTexts }, () => '');

  add(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes > chunkBytes) throw damaged(new Error('a shared string is longer than any text run'));
    if (this.#count === this.#starts.length) this.#grow();
    // No text lies across two chunks.
    if (this.#next + bytes > this.#chunks.length * chunkBytes) {
      this.#next = this.#chunks.length * chunkBytes;
      this.#chunks.push(Buffer.allocUnsafe(chunkBytes));
    }
    this.#chunks.at(-1)?.write(text, this.#next % chunkBytes);
    this.#starts[this.#count] = this.#next;
    this.#next += bytes;
    this.#ends[this.#count] = this.#next;
    this.#count += 1;
  }

  /** Throws `ImportFileError` for a text that the file has not got. */
  at(index: number): string {
    const place = index & (lastTexts - 1);
    if (this.#lastIndexes[place] === index) return this.#last[place] ?? '';
    const text = this.#textAt(index);
    if (text.length <= longestKept) {
      this.#lastIndexes[place] = index;
      this.#last[place] = text;
    }
    return text;
  }

  #textAt(index: number): string {
    const start = this.#starts[index];
    const end = this.#ends[index];
    if (start === undefined || end === undefined || !Number.isInteger(index) || index >= this.#count)
      throw damaged(new Error('no such shared string'));
    if (start === end) return '';
    const number = Math.floor(start / chunkBytes);
    const offset = number * chunkBytes;
    return this.#chunks[number]?.toString('utf8', start - offset, end - offset) ?? '';
  }

  #grow(): void {
    const starts = new Uint32Array(this.#starts.length * 2);
    starts.set(this.#starts);
    const ends = new Uint32Array(this.#ends.length * 2);
    ends.set(this.#ends);
    [this.#starts, this.#ends] = [starts, ends];
  }
}
