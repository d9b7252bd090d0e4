import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, constants, copyFile, mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ListedObject, ObjectStore } from '../domain/shared/object-port.ts';
import { checkedKey } from './keys.ts';
import { measured } from './measured.ts';

/** What is being written has a dot in its name, which no key has. */
const unfinished = '.part';

/** Objects as files below a folder that API and workers share, for their own user alone. */
export function createFileStore(folder: string): ObjectStore {
  const pathOf = (key: string): string => join(folder, checkedKey(key));
  const keep = async (key: string, fill: (partial: string) => Promise<void>): Promise<void> => {
    const target = pathOf(key);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const partial = `${target}.${randomUUID()}${unfinished}`;
    try {
      await fill(partial);
      await chmod(partial, 0o600);
      await synced(partial);
      // Whole or not at all: a reader never meets the half of a file.
      await rename(partial, target);
    } finally {
      await rm(partial, { force: true });
    }
  };
  const sizeOf = async (key: string): Promise<number | undefined> => {
    const found = await stat(pathOf(key)).catch(ofNothing);
    return found?.isFile() === true ? found.size : undefined;
  };
  return {
    isThere: () =>
      mkdir(folder, { recursive: true, mode: 0o700 })
        .then(() => access(folder, constants.W_OK | constants.X_OK))
        .then(
          () => true,
          () => false,
        ),
    put: (key, path) => keep(key, (partial) => copyFile(path, partial)),
    async write(key, body, maxBytes) {
      const { body: counted, result } = measured(body, maxBytes);
      await keep(key, (partial) =>
        pipeline(Readable.from(counted), createWriteStream(partial, { flags: 'wx', mode: 0o600 })),
      );
      return result();
    },
    async withFile(key, work) {
      if ((await sizeOf(key)) === undefined) return undefined;
      return work(pathOf(key));
    },
    async read(key, range) {
      const bytes = await sizeOf(key);
      if (bytes === undefined) return undefined;
      const part = range === undefined ? {} : { start: range.from, end: range.to };
      return { bytes, body: createReadStream(pathOf(key), part) };
    },
    sizeOf,
    remove: (key) => rm(pathOf(key), { force: true }),
    async *list(prefix) {
      for await (const { path, changedAt } of filesBelow(pathOf(prefix)))
        if (!path.endsWith(unfinished)) yield { key: relative(folder, path), changedAt };
    },
    async removeUnfinished(before) {
      let removed = 0;
      for await (const { path, changedAt } of filesBelow(folder)) {
        if (!path.endsWith(unfinished) || changedAt >= before) continue;
        await rm(path, { force: true });
        removed += 1;
      }
      return removed;
    },
  };
}

async function* filesBelow(folder: string): AsyncGenerator<{ path: string } & Omit<ListedObject, 'key'>> {
  const found = await opendir(folder, { recursive: true }).catch(ofNothing);
  if (found === undefined) return;
  for await (const entry of found) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // Another worker may have removed it meanwhile.
    const info = await stat(path).catch(ofNothing);
    if (info !== undefined) yield { path, changedAt: info.mtime };
  }
}

/** Undefined for what is not there; any other failure is one. */
function ofNothing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return undefined;
  throw error;
}

/** The row that speaks of it is durable when it is committed: so must be what it speaks of. */
async function synced(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
