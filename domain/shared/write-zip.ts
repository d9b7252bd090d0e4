import { pipeline, Readable } from 'node:stream';
import { crc32, createDeflateRaw } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  readonly text: AsyncIterable<string> | Iterable<string>;
}

interface Written {
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

/** Sizes follow the data (bit 3), which is not known before it; names are UTF-8 (bit 11). */
const flags = 0x0808;
const deflated = 8;
/** 1 January 1980: the same content is the same file. */
const date = 0x0021;

/**
 * A zip file as it grows: nothing of a part is kept, and no more of it is made than is taken. Below 4 GiB, and 65,535 parts.
 * (exceljs' own writer takes whatever it is given, however slowly it is read: docs/decisions/0041.)
 */
export async function* writeZip(parts: Iterable<ZipPart>): AsyncGenerator<Buffer> {
  const written: Written[] = [];
  let offset = 0;
  for (const { name: text, text: content } of parts) {
    const name = Buffer.from(text);
    const start = offset;
    const head = Buffer.concat([localHeader(name), name]);
    offset += head.length;
    yield head;
    const counted = { crc: 0, size: 0 };
    const source = Readable.from(counting(content, counted));
    // A fault of the source ends the iteration below.
    const deflate = pipeline(source, createDeflateRaw(), () => undefined);
    let packed = 0;
    for await (const chunk of deflate) {
      const bytes = Buffer.from(chunk);
      packed += bytes.length;
      yield bytes;
    }
    const one = { name, offset: start, packed, ...counted };
    written.push(one);
    const tail = descriptor(one);
    offset += packed + tail.length;
    yield tail;
  }
  const directory = Buffer.concat(written.map((one) => Buffer.concat([directoryHeader(one), one.name])));
  yield Buffer.concat([directory, endOfDirectory(written.length, directory.length, offset)]);
}

async function* counting(
  content: AsyncIterable<string> | Iterable<string>,
  counted: { crc: number; size: number },
): AsyncGenerator<Buffer> {
  for await (const text of content) {
    const bytes = Buffer.from(text);
    counted.crc = crc32(bytes, counted.crc);
    counted.size += bytes.length;
    yield bytes;
  }
}

function localHeader(name: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(deflated, 8);
  header.writeUInt16LE(date, 12);
  header.writeUInt16LE(name.length, 26);
  return header;
}

function descriptor({ crc, packed, size }: Written): Buffer {
  const tail = Buffer.alloc(16);
  tail.writeUInt32LE(0x08074b50, 0);
  tail.writeUInt32LE(crc, 4);
  tail.writeUInt32LE(packed, 8);
  tail.writeUInt32LE(size, 12);
  return tail;
}

function directoryHeader({ name, offset, crc, packed, size }: Written): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(deflated, 10);
  header.writeUInt16LE(date, 14);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(packed, 20);
  header.writeUInt32LE(size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(offset, 42);
  return header;
}

function endOfDirectory(parts: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts, 8);
  end.writeUInt16LE(parts, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
