/** Threads that work on what somebody else sent: behind those that serve others, and for so much of the processor and no more. */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import type { Worker } from 'node:worker_threads';

/** Linux' last: it has what others leave. At 5, an answer of the API waited half as long again for it. */
const behindOthers = 19;

/**
 * The calling thread works behind those that serve others: a file may take seconds longer, an answer may not. Linux has a
 * priority for each thread; elsewhere this does nothing.
 */
export function workBehindOthers(): void {
  let thread: number;
  try {
    thread = Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    return;
  }
  setPriority(thread, behindOthers);
}

const lookEveryMs = 250;

/**
 * Tells how much of the processor's time a thread has used, in ms, every quarter of a second. Not by the clock: behind others it may get
 * little of a busy processor, and what it works on is not to blame. Infinity: it has not answered for `unansweredMs`, so it
 * is where nothing interrupts it. Returns what ends the watch.
 */
export function watchProcessorTime(
  thread: Worker,
  unansweredMs: number,
  told: (usedMs: number) => void,
): () => void {
  let answeredAt = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - answeredAt > unansweredMs) return told(Infinity);
    thread
      .cpuUsage()
      .then(({ user, system }) => {
        answeredAt = performance.now();
        told((user + system) / 1_000);
      })
      // It has ended, which it tells itself.
      .catch(() => undefined);
  }, lookEveryMs);
  return () => clearInterval(timer);
}
