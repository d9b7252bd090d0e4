import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectStore } from '../domain/imports/object-port.ts';

const keyForm = /^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/;

/** Objects as files below a folder that API and workers share. */
export function createFileStore(folder: string): ObjectStore {
  const pathOf = (key: string): string => {
    // A key with a dot could leave the folder.
    if (!keyForm.test(key)) throw new Error(`"${key}" is no key of an object`);
    return join(folder, key);
  };
  return {
    async put(key, path) {
      const target = pathOf(key);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      const partial = `${target}.${randomUUID()}`;
      try {
        await copyFile(path, partial);
        await synced(partial);
        // Whole or not at all: a reader never meets the half of a file.
        await rename(partial, target);
      } finally {
        await rm(partial, { force: true });
      }
    },
    async withFile(key, work) {
      const path = pathOf(key);
      if (!existsSync(path)) return undefined;
      return work(path);
    },
    remove: (key) => rm(pathOf(key), { force: true }),
  };
}

/** The import's row is durable when it is committed: so must be what it speaks of. */
async function synced(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
