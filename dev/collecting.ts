/**
 * Preloaded where memory is watched (`node --expose-gc --import`), and by that into every thread of the process: each collects its
 * whole heap twice a minute. Between two collections resident memory is a saw whose teeth are V8's choice, and a slope through them
 * says nothing about a leak. With a file in MEMORY_FILE the main thread appends what the process still holds after each one.
 */
import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env['MEMORY_FILE'];
const everyMs = 30_000;
/** The other threads' collections, which began at the same time, are over by then. */
const settleMs = 3_000;
const bytesPerMb = 2 ** 20;

const collect = globalThis.gc;
if (collect === undefined) throw new Error('dev/collecting.ts needs node --expose-gc');

setInterval(() => {
  collect();
  if (isMainThread && file !== undefined) setTimeout(() => note(file), settleMs).unref();
}, everyMs).unref();

function note(path: string): void {
  const { rss, heapUsed } = process.memoryUsage();
  const sample = { atMs: Date.now(), mb: rss / bytesPerMb, heapMb: heapUsed / bytesPerMb };
  appendFileSync(path, `${JSON.stringify(sample)}\n`);
}
