/** The lines of a CSV as text, whichever ends they have: rows that another program appended end in its own way. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type CsvEncoding, decodeLine } from './csv-encoding.ts';
import { damaged } from './errors.ts';
import type { ReadProgress } from './progress.ts';

/** Lines one behind the other; `others`: places in `lines` of those that hold bytes of another encoding than the file's. */
export interface CsvLines {
  readonly lines: readonly string[];
  readonly others: readonly number[];
}

/** At most two returns before the feed: without the bound, a search of returns takes the square of their number. */
const lineEnd = /\r{0,2}\n|\r/;

export interface LineSource {
  readonly path: string;
  readonly encoding: CsvEncoding;
  readonly maxLine: number;
  readonly progress: ReadProgress;
}

/** Throws `LineTooLong`. */
export async function* readLines(source: LineSource): AsyncGenerator<CsvLines> {
  if (source.encoding.includes('+') || source.encoding === 'cp850') yield* linesOfBytes(source);
  else yield* linesOfText(source);
}

/** A line of which nobody wrote so many characters: most often the file is no CSV, or has no line ends. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

async function* linesOfText({ path, encoding, maxLine, progress }: LineSource): AsyncGenerator<CsvLines> {
  const decoder = new TextDecoder(encoding);
  let rest = '';
  for await (const chunk of bytesOf(path, progress)) {
    rest += decoder.decode(chunk, { stream: true });
    // What is behind a return may be its feed.
    const isHeld = rest.endsWith('\r');
    const lines = (isHeld ? rest.slice(0, -2) : rest).split(lineEnd);
    rest = (lines.pop() ?? '') + (isHeld ? rest.slice(-2) : '');
    if (rest.length > maxLine) throw new LineTooLong();
    yield { lines, others: [] };
  }
  const lines = (rest + decoder.decode()).split(lineEnd);
  yield { lines: withoutEnd(lines), others: [] };
}

async function* linesOfBytes({ path, encoding, maxLine, progress }: LineSource): AsyncGenerator<CsvLines> {
  const split = new ByteLines(encoding);
  for await (const chunk of bytesOf(path, progress)) {
    yield split.take(chunk);
    if (split.heldBytes > maxLine * 4) throw new LineTooLong();
  }
  yield split.end();
}

/** In all encodings that are read so, the bytes of line ends are nothing else. */
class ByteLines {
  readonly #encoding: CsvEncoding;
  #rest: Buffer = Buffer.alloc(0);
  #isFirst = true;

  constructor(encoding: CsvEncoding) {
    this.#encoding = encoding;
  }

  get heldBytes(): number {
    return this.#rest.length;
  }

  take(chunk: Buffer): CsvLines {
    const bytes = this.#rest.length === 0 ? this.#withoutMark(chunk) : Buffer.concat([this.#rest, chunk]);
    let end = endOfLines(bytes, bytes.length);
    // What is behind a return at the end may be its feed: its line waits.
    if (bytes[bytes.length - 1] === 0x0d) {
      let start = bytes.length - 1;
      while (start > 0 && bytes[start - 1] === 0x0d) start -= 1;
      end = endOfLines(bytes, start);
    }
    this.#rest = bytes.subarray(end);
    return this.#linesOf(bytes.subarray(0, end));
  }

  #withoutMark(chunk: Buffer): Buffer {
    const isMarked = this.#isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    this.#isFirst = false;
    return isMarked ? chunk.subarray(3) : chunk;
  }

  end(): CsvLines {
    const all = this.#linesOf(this.#rest, false);
    return { lines: withoutEnd(all.lines), others: all.others };
  }

  /** `bytes` end where a line ends, but for the last of the file. */
  #linesOf(bytes: Buffer, isClosed = true): CsvLines {
    const lines: string[] = [];
    const others: number[] = [];
    let from = 0;
    for (let at = 0; at <= bytes.length; at += 1) {
      const byte = bytes[at];
      if (at < bytes.length && byte !== 0x0a && byte !== 0x0d) continue;
      if (at === bytes.length && isClosed) break;
      const { text, hasOther } = decodeLine(bytes.subarray(from, at), this.#encoding);
      if (hasOther) others.push(lines.length);
      lines.push(text);
      if (byte === 0x0d && bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) at += 1;
      if (byte === 0x0d && bytes[at + 1] === 0x0a) at += 1;
      from = at + 1;
    }
    return { lines, others };
  }
}

/** Behind the last end of a line before `to`. */
function endOfLines(bytes: Buffer, to: number): number {
  if (to === 0) return 0;
  return Math.max(bytes.lastIndexOf(0x0a, to - 1), bytes.lastIndexOf(0x0d, to - 1)) + 1;
}

/** The end of the last line is no further line. */
function withoutEnd(lines: readonly string[]): readonly string[] {
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

async function* bytesOf(path: string, progress: ReadProgress): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    if (!Buffer.isBuffer(chunk)) throw damaged(new Error('no bytes'));
    bytes += chunk.length;
    progress.share = Math.min(1, bytes / size);
    yield chunk;
  }
}
