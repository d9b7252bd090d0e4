import { batchOf, createAttemptWorld, startAll } from '../lib/attempt-world.ts';
import { plainFigure, ratioFigure } from '../lib/figures.ts';
import { summary } from '../lib/pairs.ts';
import type { Benchmark } from '../lib/types.ts';

const name = 'lines-e2e';
const lines = 20;
const goalRatio = 0.95;
/** Everybody has asked for a line before the wave opens, as in the minutes before a wave of a day. */
const opensAfterMs = 30_000;
const talkMs = { min: 4_000, max: 12_000 } as const;

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Use of 20 lines by real contacts, from the dispatcher to the webhook, by the provider's own record. The floor: the same
 * calls in the same order on 20 lines that cost nothing to hand over. Both end with the last call, so the tail, in which
 * lines have nobody to call, is in both.
 */
export const benchmark: Benchmark = {
  name,
  about: 'use of 20 lines by real contact workflows, calls of seconds',
  needs: ['postgres', 'temporal'],
  async run({ quick, log }) {
    const repeats = quick ? 1 : 5;
    const count = quick ? 40 : 200;
    const live = await createAttemptWorld({ capacity: lines, talkMs });
    try {
      const runs: { readonly ours: number; readonly ideal: number; readonly atOnce: number }[] = [];
      for (let repeat = 0; repeat < repeats; repeat += 1) {
        const known = new Set(live.fake.calls().map(({ callId }) => callId));
        const batch = await batchOf(live, count, opensAfterMs);
        const handles = await startAll(live, 'contact', batch);
        await Promise.all(handles.map((handle) => handle.result()));
        await live.fake.idle();
        const spans = live.fake
          .calls()
          .filter(({ callId }) => !known.has(callId))
          .map(({ placedAtMs, call }): Span => ({
            startMs: placedAtMs,
            endMs: Number(call['end_timestamp'] ?? placedAtMs),
          }));
        const run = { ours: useOf(spans), ideal: idealUse(spans), atOnce: mostAtOnce(spans) };
        const { ours, ideal, atOnce } = run;
        log(`  ${spans.length} calls: use ${ours.toFixed(4)}, ideal ${ideal.toFixed(4)}, ${atOnce} at once`);
        runs.push(run);
      }
      const most = Math.max(...runs.map(({ atOnce }) => atOnce));
      const pairs = {
        ours: summary(runs.map(({ ours }) => ours)),
        floor: summary(runs.map(({ ideal }) => ideal)),
        ratio: summary(runs.map(({ ours, ideal }) => ours / ideal)),
      };
      const use = {
        name,
        figure: `use of ${lines} lines`,
        unit: 'of line time',
        goal: `≥ ${goalRatio} × ideal`,
      };
      const over = { name, figure: 'overshoot', unit: 'calls', goal: '0', value: Math.max(0, most - lines) };
      return [ratioFigure(use, pairs, (ratio) => ratio >= goalRatio), plainFigure(over, most <= lines)];
    } finally {
      await live.close();
    }
  },
};

/** Line time on calls, from the first call's start to the last one's end. */
function useOf(spans: readonly Span[]): number {
  const busyMs = spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const firstMs = Math.min(...spans.map(({ startMs }) => startMs));
  const lastMs = Math.max(...spans.map(({ endMs }) => endMs));
  return busyMs / (lines * (lastMs - firstMs));
}

/** The next call in order goes to the line that is free first. */
function idealUse(spans: readonly Span[]): number {
  const freeAtMs = Array.from({ length: lines }, () => 0);
  const placed = spans
    .toSorted((one, other) => one.startMs - other.startMs)
    .map(({ startMs, endMs }): Span => {
      const line = freeAtMs.indexOf(Math.min(...freeAtMs));
      const fromMs = freeAtMs[line] ?? 0;
      freeAtMs[line] = fromMs + endMs - startMs;
      return { startMs: fromMs, endMs: fromMs + endMs - startMs };
    });
  return useOf(placed);
}

function mostAtOnce(spans: readonly Span[]): number {
  const edges = spans
    .flatMap(({ startMs, endMs }) => [
      { atMs: startMs, change: 1 },
      { atMs: endMs, change: -1 },
    ])
    // An end frees its line for a call of the same instant.
    .toSorted((one, other) => one.atMs - other.atMs || one.change - other.change);
  let [now, most] = [0, 0];
  for (const { change } of edges) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}
