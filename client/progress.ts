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
      if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${progressLine(batch, elapsedMs)}`);
      else if (elapsedMs >= nextLineAtMs || isOver) {
        console.log(progressLine(batch, elapsedMs));
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

/** One line for a terminal: everybody of the batch is in exactly one of its figures. */
export function progressLine({ progress }: Pick<BatchAnswer, 'progress'>, elapsedMs: number): string {
  const { by_state: states, lines_in_use: lines } = progress;
  const done = Math.round((barWidth * progress.closed) / Math.max(1, progress.contacts));
  const bar = `${'█'.repeat(done)}${'░'.repeat(barWidth - done)}`;
  const seconds = Math.round(elapsedMs / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const of = (state: string): number => states[state] ?? 0;
  // A call's line is free before the analysis says what came of it; a dial under way has its line and is not called yet.
  const speaking = Math.min(lines, of('calling'));
  const others: readonly (readonly [number, string])[] = [
    [of('calling') - speaking, 'esperan su resultado'],
    [of('negotiating'), 'en seguimiento'],
    [of('suspended'), 'sin saldo'],
    [of('paused'), 'en pausa'],
    [progress.to_come, 'se preparan'],
    [of('planned') - progress.to_come, 'para otro día'],
  ];
  const parts = [
    `${progress.closed}/${progress.contacts} cerrados`,
    `${speaking} en llamada`,
    `${of('waiting')} esperan su ola`,
    ...others.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`),
    `${progress.attempts} llamadas`,
  ];
  return `  ${bar} ${time}  ${parts.join(' · ')}`;
}
