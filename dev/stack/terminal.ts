/** What the long steps tell the person who waits. Replaced by a silent one in tests. */
export interface Progress {
  /** A lasting line. */
  note(text: string): void;
  /**
   * The state of a step under way: overwrites itself on a terminal, is thinned out in a log file. A `fallback` gives
   * way to whoever has more to tell about the same step.
   */
  busy(text: string, fallback?: 'fallback'): void;
}

export const silent: Progress = { note: () => undefined, busy: () => undefined };

/** `0,6 s`, `3 min 10 s`: a comma, as a Chilean reader expects. */
export function spokenDuration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace('.', ',')} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const LOG_EVERY_MS = 30_000;
const FALLBACK_AFTER_MS = 3_000;

/** Progress on stdout. Without a terminal `busy` speaks every 30 s, so that a CI log shows life without a flood. */
export function terminalProgress(out: NodeJS.WriteStream = process.stdout): Progress {
  // A closed terminal, or `npm start | head`: what runs must still be stopped in order.
  out.on('error', () => undefined);
  let shown = false;
  let lastLoggedAtMs = Date.now();
  let lastToldAtMs = 0;
  const clear = (): void => {
    if (shown) out.write('\r\u001b[2K');
    shown = false;
  };
  return {
    note(text) {
      clear();
      lastLoggedAtMs = Date.now();
      out.write(`${text}\n`);
    },
    busy(text, fallback) {
      if (fallback === undefined) lastToldAtMs = Date.now();
      else if (Date.now() - lastToldAtMs < FALLBACK_AFTER_MS) return;
      if (out.isTTY) {
        clear();
        out.write(text.slice(0, Math.max(20, out.columns - 1)));
        shown = true;
      } else if (Date.now() - lastLoggedAtMs >= LOG_EVERY_MS) {
        lastLoggedAtMs = Date.now();
        out.write(`${text}\n`);
      }
    },
  };
}

/** Runs one step and prints it with its time; `done` words the result. */
export async function step<T>(
  progress: Progress,
  doing: string,
  run: () => Promise<T>,
  done: (result: T) => string,
): Promise<T> {
  const startedAtMs = Date.now();
  const tick = setInterval(
    () => progress.busy(`… ${doing} (${spokenDuration(Date.now() - startedAtMs)})`),
    500,
  );
  try {
    const result = await run();
    const [head, ...rest] = done(result).split(' · ');
    const tail = rest.map((part) => ` · ${part}`).join('');
    progress.note(`✓ ${head ?? ''} (${spokenDuration(Date.now() - startedAtMs)})${tail}`);
    return result;
  } catch (error) {
    progress.note(`✗ ${doing}`);
    throw error;
  } finally {
    clearInterval(tick);
  }
}
