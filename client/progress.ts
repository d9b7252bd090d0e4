import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, BatchAnswer } from './api-client.ts';

const pollMs = 1_000;
/** On a terminal the line is drawn over; in a log a line is written this often. */
const lineEveryMs = 10_000;
/** A restart of the API in the middle of the demo is no reason to stop watching. */
const failuresInARow = 60;

/** Shows the batch until it ends, and returns how it ended. */
export async function watchBatch(
  client: ApiClient,
  batchId: string,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<BatchAnswer> {
  const startedAtMs = Date.now();
  let nextLineAtMs = 0;
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      const batch = await client.batch(batchId);
      failures = 0;
      const elapsedMs = Date.now() - startedAtMs;
      const isOver = batch.state === 'finished' || batch.state === 'cancelled' || elapsedMs > timeoutMs;
      if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${lineOf(batch, elapsedMs)}`);
      else if (elapsedMs >= nextLineAtMs || isOver) {
        console.log(lineOf(batch, elapsedMs));
        nextLineAtMs = elapsedMs + lineEveryMs;
      }
      if (isOver) {
        if (process.stdout.isTTY) process.stdout.write('\n');
        return batch;
      }
    } catch (error) {
      failures += 1;
      if (failures >= failuresInARow) throw error;
    }
    await sleep(pollMs, undefined, { signal });
  }
}

const barWidth = 24;

function lineOf({ progress }: BatchAnswer, elapsedMs: number): string {
  const { by_state: states } = progress;
  const done = Math.round((barWidth * progress.closed) / Math.max(1, progress.contacts));
  const bar = `${'█'.repeat(done)}${'░'.repeat(barWidth - done)}`;
  const seconds = Math.round(elapsedMs / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const parts = [
    `${progress.closed}/${progress.contacts} cerrados`,
    `${states['calling'] ?? 0} en llamada`,
    `${states['waiting'] ?? 0} esperan su ola`,
    `${progress.attempts} llamadas`,
  ];
  return `  ${bar} ${time}  ${parts.join(' · ')}`;
}
