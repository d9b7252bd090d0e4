/**
 * Preloaded into a process of a soak (`node --expose-gc --import`), and by that into each of its threads: every thread collects its
 * whole heap twice a minute, and the main one then appends to a file what the process still holds. Between two collections resident
 * memory is a saw whose teeth are V8's choice: a slope through them says nothing about a leak.
 */
import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env['SOAK_MEMORY_FILE'];
const everyMs = 30_000;
/** The other threads' collections, which began at the same time, are over by then. */
const settleMs = 3_000;
const bytesPerMb = 2 ** 20;

if (file !== undefined && file !== '') watch(file, globalThis.gc);

function watch(path: string, collect: NodeJS.GCFunction | undefined): void {
  if (collect === undefined) throw new Error('the soak collects with node --expose-gc');
  const say = (): void => {
    const { rss, heapUsed } = process.memoryUsage();
    const sample = { atMs: Date.now(), mb: rss / bytesPerMb, heapMb: heapUsed / bytesPerMb };
    appendFileSync(path, `${JSON.stringify(sample)}\n`);
  };
  const look = (): void => {
    collect();
    if (isMainThread) setTimeout(say, settleMs).unref();
  };
  setInterval(look, everyMs).unref();
}
