import yauzl from 'yauzl';
import { damaged } from './errors.ts';
import type { ReadProgress } from './progress.ts';

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

/** One part as decoded UTF-8 text, in chunks. A character that lies across two chunks stays whole. */
export async function* partText(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  progress: ReadProgress = { share: 0 },
): AsyncGenerator<string> {
  const stream = await zip.openReadStreamPromise(entry);
  const decoder = new TextDecoder('utf-8');
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.length;
      progress.share = Math.min(1, bytes / entry.uncompressedSize);
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } finally {
    stream.destroy();
  }
}
