const mark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * UTF-8 that comes in pieces, as text. A piece ends behind the last byte that is `end` where it has one, so that hardly anything goes
 * on in the next; else behind a whole character. A `TextDecoder` of a stream gives every text two bytes a character: whatever is done
 * with it afterwards takes twice as long. Bytes that are no UTF-8 are what that one makes of them, and a mark at the start is left out.
 */
export class Utf8Pieces {
  readonly #end: number;
  #rest: Buffer | undefined;
  #isFirst = true;

  constructor(end: string) {
    this.#end = end.charCodeAt(0);
  }

  write(piece: Buffer): string {
    let bytes = this.#rest === undefined ? piece : Buffer.concat([this.#rest, piece]);
    this.#rest = undefined;
    if (this.#isFirst) {
      if (bytes.length < mark.length) {
        this.#rest = bytes;
        return '';
      }
      this.#isFirst = false;
      if (bytes.subarray(0, mark.length).equals(mark)) bytes = bytes.subarray(mark.length);
    }
    const last = bytes.lastIndexOf(this.#end);
    const end = last < 0 ? wholeCharacters(bytes) : last + 1;
    if (end < bytes.length) this.#rest = bytes.subarray(end);
    return bytes.toString('utf8', 0, end);
  }

  end(): string {
    const rest = this.#rest?.toString('utf8') ?? '';
    this.#rest = undefined;
    return rest;
  }
}

/** Where the last character begins that is not whole; else the end. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
