import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, BatchAnswer } from '../client/api-client.ts';
import { counted, wholeNumber } from '../domain/shared/rules/written.ts';

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
type Shown = Pick<BatchAnswer, 'progress' | 'budget'>;

/** One line for a terminal, with what comes next at its end. */
export function progressLine(batch: Shown, elapsedMs: number, nowMs = Date.now()): string {
  const { progress } = batch;
  const done = Math.round((barWidth * progress.closed) / Math.max(1, progress.contacts));
  const bar = `${'█'.repeat(done)}${'░'.repeat(barWidth - done)}`;
  return [`  ${bar} ${clock(elapsedMs)}`, figures(batch).join(' · '), nextWords(batch, nowMs)]
    .filter((part) => part !== '')
    .join('  ');
}

/** Everybody of the batch is in exactly one of these but the last, which counts calls. */
export function figures({ progress, budget }: Shown): readonly string[] {
  const { by_state: states, lines_in_use: lines } = progress;
  const of = (state: string): number => states[state] ?? 0;
  // A call's line is free before the analysis says what came of it; a dial under way has its line and is not called yet.
  const speaking = Math.min(lines, of('calling'));
  const waiting = of('waiting');
  const others: readonly (readonly [number, string])[] = [
    [of('calling') - speaking, 'en espera de resultado'],
    [waiting, waiting === 1 ? 'espera su tanda' : 'esperan su tanda'],
    [of('negotiating'), 'en seguimiento'],
    [of('suspended'), budget === null ? 'sin saldo' : 'sin saldo o presupuesto'],
    [of('paused'), 'en pausa'],
    [progress.to_come, 'en preparación'],
    [of('planned') - progress.to_come, 'por llamar'],
  ];
  return [
    `${wholeNumber(progress.closed)}/${wholeNumber(progress.contacts)} cerrados`,
    `${wholeNumber(speaking)} en llamada`,
    ...others.filter(([count]) => count > 0).map(([count, words]) => `${wholeNumber(count)} ${words}`),
    counted(progress.attempts, 'llamada hecha', 'llamadas hechas'),
  ];
}

/** So near that a countdown says more than the clock. */
const soonMs = 15 * 60_000;

/** 'sigue el lunes 30-11-2026 09:00', 'sigue en 0:42'; '' while it is somebody's turn, and when nobody waits for a call. */
export function nextWords({ progress }: Shown, nowMs = Date.now()): string {
  const { next_call_at: at, next_call_es: words } = progress;
  if (at === null || words === null) return '';
  const inMs = Date.parse(at) - nowMs;
  if (inMs <= 0) return '';
  // Never '0:00': what is due is somebody's turn.
  return inMs < soonMs ? `sigue en ${clock(Math.max(1_000, inMs))}` : `sigue el ${words}`;
}

/** '1:05', minutes and seconds. */
function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
