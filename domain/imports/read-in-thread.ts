import { Worker } from 'node:worker_threads';
import { ImportFileError } from './errors.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import type { FileRead, Portion, ThreadMessage, ThreadTask } from './thread-messages.ts';
import type { ParseInput } from './types.ts';

export interface ReadOptions {
  /** Takes rows in portions; the reader waits for it. Left out: rows are only checked. */
  readonly onPortion?: (portion: Portion) => Promise<void>;
  /** Ends the thread at once; the reading rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly limits?: ImportLimits;
  /** Processor time. A thread that says nothing for so much of it is in a loop. */
  readonly silentMs?: number;
  /** Processor time for the whole file. */
  readonly withinMs?: number;
  readonly heapMb?: number;
}

/** The largest workbook that the guard lets in takes less than half of it. */
const heapMb = 256;
const silentMs = 30_000;
const withinMs = 10 * 60_000;
const lookEveryMs = 250;
/** A thread that does not say for so long what it has used is where nothing interrupts it. */
const unansweredMs = 5 * 60_000;

/**
 * Reads a file in a thread of its own: whatever it holds, this process goes on serving others, and the thread ends when it
 * takes too much memory or time. Throws `ImportFileError` for a file that cannot be taken at all, and what `onPortion` throws.
 */
export async function readInThread(input: ParseInput, options: ReadOptions = {}): Promise<FileRead> {
  options.signal?.throwIfAborted();
  const task: ThreadTask = {
    input,
    limits: options.limits ?? importLimits,
    wantsRows: options.onPortion !== undefined,
  };
  const thread = new Worker(new URL('./reader-thread.ts', import.meta.url), {
    workerData: task,
    name: 'reader of a file',
    resourceLimits: { maxOldGenerationSizeMb: options.heapMb ?? heapMb, maxYoungGenerationSizeMb: 32 },
  });
  try {
    return await outcomeOf(thread, options);
  } finally {
    await thread.terminate();
  }
}

function outcomeOf(thread: Worker, options: ReadOptions): Promise<FileRead> {
  return new Promise((resolve, reject) => {
    // Not by the clock: behind others a thread may get little of a busy processor, and its file is not to blame.
    let usedMs = 0;
    let heardAtMs = 0;
    let answeredAt = performance.now();
    const watch = setInterval(() => {
      if (performance.now() - answeredAt > unansweredMs) end(() => reject(tooSlow()));
      thread
        .cpuUsage()
        .then(({ user, system }) => {
          answeredAt = performance.now();
          usedMs = (user + system) / 1_000;
          const isSilent = usedMs - heardAtMs > (options.silentMs ?? silentMs);
          if (isSilent || usedMs > (options.withinMs ?? withinMs)) end(() => reject(tooSlow()));
        })
        // It has ended: that is told below.
        .catch(() => undefined);
    }, lookEveryMs);
    const aborted = (): void => end(() => reject(options.signal?.reason));
    options.signal?.addEventListener('abort', aborted, { once: true });
    const end = (settle: () => void): void => {
      clearInterval(watch);
      options.signal?.removeEventListener('abort', aborted);
      settle();
    };
    thread.on('message', (message: ThreadMessage) => {
      heardAtMs = usedMs;
      if (message.kind === 'refused')
        end(() => reject(new ImportFileError(message.code, message.es, message.en)));
      if (message.kind === 'read') end(() => resolve(message));
      if (message.kind !== 'portion') return;
      options
        .onPortion?.(message)
        .then(() => thread.postMessage(message.lines.buffer, [message.lines.buffer]))
        .catch((error: unknown) => end(() => reject(error)));
    });
    thread.on('error', (error) => end(() => reject(isOutOfMemory(error) ? tooMuch(error) : error)));
    thread.on('exit', (code) => end(() => reject(new Error(`the reader of a file ended with code ${code}`))));
  });
}

function isOutOfMemory(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  );
}

function tooMuch(cause: unknown): ImportFileError {
  return new ImportFileError(
    'too_large_to_read',
    'El archivo necesita más memoria de la que se da a una carga. Divídalo en varios y cárguelos por separado.',
    'The file needs more memory than an upload is given. Split it into several and upload them one by one.',
    { cause },
  );
}

function tooSlow(): ImportFileError {
  return new ImportFileError(
    'too_slow_to_read',
    'El archivo tarda demasiado en leerse. Guárdelo de nuevo como .xlsx o .csv, o divídalo en varios.',
    'The file takes too long to read. Save it again as .xlsx or .csv, or split it into several.',
  );
}
