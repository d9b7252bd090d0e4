import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batchSchema } from '../../../api/batches/schemas.ts';
import { figures, nextWords, progressLine } from '../../../cli/watch-batch.ts';

/** Every state that the API counts: one that is added has to find a figure. */
const states = Object.keys(batchSchema.shape.progress.shape.by_state.shape);

const progressOf = (counts: Readonly<Record<string, number>>, lines = 0, toCome = 0) => ({
  contacts: Object.values(counts).reduce((sum, count) => sum + count, 0),
  closed: counts['closed'] ?? 0,
  to_come: Math.min(toCome, counts['planned'] ?? 0),
  by_state: counts,
  outcomes: [],
  next_call_at: null,
  next_call_es: null,
  lines_in_use: lines,
  attempts: 7,
  refusals: 0,
});

/** The people in the figures: closed ones stand before a slash, and the last figure counts calls. */
function peopleIn(shown: readonly string[]): number {
  return shown
    .slice(0, -1)
    .reduce((sum, words) => sum + Number(/^[\d.]+/.exec(words)?.[0].replaceAll('.', '') ?? Number.NaN), 0);
}

it('everybody of a batch is in exactly one figure, and nobody is on the phone without a line', () => {
  expect(states).toContain('negotiating');
  fc.assert(
    fc.property(
      fc.record(Object.fromEntries(states.map((state) => [state, fc.nat(6_000)]))),
      fc.nat(60),
      fc.nat(60),
      (counts, lines, toCome) => {
        const progress = progressOf(counts, lines, toCome);
        const shown = figures({ progress, budget: null });
        expect(peopleIn(shown)).toBe(progress.contacts);
        const speaking = shown.find((words) => words.endsWith(' en llamada')) ?? '';
        expect(Number.parseInt(speaking, 10)).toBeLessThanOrEqual(lines);
      },
    ),
  );
});

it('each state alone has a figure of its own, so that no two states are told apart by a sum only', () => {
  for (const state of states) {
    const shown = figures({ progress: progressOf({ [state]: 3 }, 0), budget: null });
    expect(peopleIn(shown), state).toBe(3);
  }
});

it('the line says when the next call is due: a countdown when it is near, else day and hour, nothing when it is due', () => {
  const at = (iso: string | null) => ({
    budget: null,
    progress: {
      ...progressOf({ waiting: 2 }),
      next_call_at: iso,
      next_call_es: iso && 'lunes 30-11-2026 09:00',
    },
  });
  const nowMs = Date.parse('2026-11-28T12:00:00Z');
  expect(nextWords(at('2026-11-30T12:00:00Z'), nowMs)).toBe('sigue el lunes 30-11-2026 09:00');
  expect(nextWords(at('2026-11-28T12:00:42Z'), nowMs)).toBe('sigue en 0:42');
  expect(nextWords(at('2026-11-28T11:59:59Z'), nowMs)).toBe('');
  expect(nextWords(at(null), nowMs)).toBe('');
  expect(progressLine(at('2026-11-30T12:00:00Z'), 61_000, nowMs)).toBe(
    '  ░░░░░░░░░░░░░░░░░░░░░░░░ 1:01  0/2 cerrados · 0 en llamada · 2 esperan su tanda · 7 llamadas hechas  sigue el lunes 30-11-2026 09:00',
  );
});
