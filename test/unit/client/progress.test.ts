import fc from 'fast-check';
import { expect, it } from 'vitest';
import { progressLine } from '../../../client/progress.ts';

const states = ['planned', 'waiting', 'suspended', 'calling', 'negotiating', 'paused', 'closed'] as const;

/** The people in a line's figures: closed ones stand before a slash, and calls are not people. */
function peopleIn(line: string): number {
  const figures = line.split('  ').at(-1)?.split(' · ').slice(0, -1) ?? [];
  return figures.reduce((sum, words) => sum + Number(/^\d+/.exec(words)?.[0] ?? Number.NaN), 0);
}

it('everybody of a batch is in exactly one figure, and nobody is on the phone without a line', () => {
  fc.assert(
    fc.property(
      fc.record(Object.fromEntries(states.map((state) => [state, fc.nat(60)]))),
      fc.nat(60),
      fc.nat(60),
      (counts, lines, toCome) => {
        const contacts = Object.values(counts).reduce((sum, count) => sum + count, 0);
        const progress = {
          contacts,
          closed: counts['closed'] ?? 0,
          to_come: Math.min(toCome, counts['planned'] ?? 0),
          by_state: counts,
          by_outcome: {},
          lines_in_use: lines,
          attempts: 7,
          refusals: 0,
        };
        const line = progressLine({ progress }, 61_000);
        expect(peopleIn(line)).toBe(contacts);
        expect(Number(/(\d+) en llamada/.exec(line)?.[1])).toBeLessThanOrEqual(lines);
      },
    ),
  );
});
