import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

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
