import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './errors.ts';
import { isAlive } from './processes.ts';

const POLL_MS = 500;
/** A lock folder without its owner file is a process that died between two calls, unless it is this young. */
const OWNERLESS_GRACE_MS = 5_000;

/**
 * One process at a time, across processes: `mkdir` is atomic everywhere. A lock whose owner is dead is taken over,
 * otherwise one kill -9 in the middle of a build would block every later start.
 */
export async function withLock<T>(dir: string, waiting: () => void, run: () => Promise<T>): Promise<T> {
  while (!(await tryLock(dir))) {
    if (await isStale(dir)) await discard(dir);
    else {
      waiting();
      await sleep(POLL_MS);
    }
  }
  try {
    return await run();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function tryLock(dir: string): Promise<boolean> {
  try {
    await mkdir(dir);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(dir, 'pid'), String(process.pid));
  return true;
}

async function isStale(dir: string): Promise<boolean> {
  const owner = await readFile(join(dir, 'pid'), 'utf8').catch(() => undefined);
  if (owner !== undefined && owner !== '') return !isAlive(Number(owner));
  const info = await stat(dir).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > OWNERLESS_GRACE_MS;
}

/** Renamed first: of two processes that saw the same stale lock only one removes it, never the other's new lock. */
async function discard(dir: string): Promise<void> {
  const aside = `${dir}.stale-${process.pid}-${Date.now()}`;
  try {
    await rename(dir, aside);
  } catch {
    return;
  }
  await rm(aside, { recursive: true, force: true });
}
