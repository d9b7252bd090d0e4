import { createInflateRaw } from 'node:zlib';
import yauzl from 'yauzl';
import { damaged } from './errors.ts';
import type { ReadProgress } from './progress.ts';
import { Utf8Pieces } from './utf8-pieces.ts';

/**
 * Opens a zip by its central directory. Both guard and reader go this way: a reader that scans local headers would read
 * parts that the guard never saw.
 */
export async function openZip(path: string): Promise<yauzl.ZipFile> {
  try {
    // validateEntrySizes: a part that inflates to more than it declares is an error, not a surprise.
    return await yauzl.openPromise(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
  } catch (error) {
    throw damaged(error);
  }
}

/** Each piece is a round through the pool of threads that inflates: the usual 16 KB are four times as many. */
const pieceBytes = 64 * 1024;
/** Four pieces are inflated ahead, while what came before them is read. */
const inflateOptions = { chunkSize: pieceBytes, readableHighWaterMark: 4 * pieceBytes };
/** The only one but "stored" that a workbook has. */
const deflated = 8;

/** One part as it is unpacked. Throws for one that unpacks to another size than it declares. */
export async function* partBytes(zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Buffer> {
  if (entry.compressionMethod !== deflated || entry.isEncrypted()) {
    const stored = await zip.openReadStreamPromise(entry);
    try {
      for await (const piece of stored) if (Buffer.isBuffer(piece)) yield piece;
    } finally {
      stored.destroy();
    }
    return;
  }
  const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  const inflate = createInflateRaw(inflateOptions);
  packed.on('error', (error) => inflate.destroy(error));
  packed.pipe(inflate);
  let bytes = 0;
  try {
    for await (const piece of inflate) {
      if (!Buffer.isBuffer(piece)) continue;
      bytes += piece.length;
      if (bytes > entry.uncompressedSize) break;
      yield piece;
    }
    if (bytes !== entry.uncompressedSize) throw damaged(new Error(`wrong size of ${entry.fileName}`));
  } finally {
    inflate.destroy();
    packed.destroy();
  }
}

/** One part as decoded UTF-8 text, in chunks that end with a tag where they can. */
export async function* partText(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  progress: ReadProgress = { share: 0 },
): AsyncGenerator<string> {
  const text = new Utf8Pieces('>');
  let bytes = 0;
  for await (const piece of partBytes(zip, entry)) {
    bytes += piece.length;
    progress.share = Math.min(1, bytes / entry.uncompressedSize);
    yield text.write(piece);
  }
  yield text.end();
}
