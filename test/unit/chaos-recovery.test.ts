import { describe, expect, it } from 'vitest';
import { recoveryOf, type Sample } from '../../chaos/recovery.ts';

const deathAtMs = 10_000;
const untilMs = deathAtMs + 17_000;

/** Four samples a second; lines in use by the ms after the death. */
function samples(inUse: (afterMs: number) => number, waiting = 50): readonly Sample[] {
  return Array.from({ length: 120 }, (_, index) => {
    const atMs = index * 250;
    return { atMs, inUse: inUse(atMs - deathAtMs), waiting };
  });
}

describe('recovery after a worker’s death', () => {
  it('is the time until lines are in use as before', () => {
    const fell = samples((afterMs) => (afterMs > 2_000 && afterMs < 8_000 ? 5 : 20));
    expect(recoveryOf(fell, deathAtMs, untilMs)).toEqual({ before: 20, least: 5, recoveredMs: 8_750 });
  });

  it('is nothing when lines stayed in use', () => {
    expect(
      recoveryOf(
        samples(() => 20),
        deathAtMs,
        untilMs,
      )?.recoveredMs,
    ).toBe(0);
  });

  it('counts a second fall: the lines were not back for good', () => {
    const twice = samples((afterMs) =>
      (afterMs > 500 && afterMs < 2_000) || (afterMs > 5_000 && afterMs < 9_000) ? 8 : 20,
    );
    expect(recoveryOf(twice, deathAtMs, untilMs)?.recoveredMs).toBe(9_750);
  });

  it('is null when the lines were not back in time', () => {
    const down = samples((afterMs) => (afterMs > 1_000 ? 3 : 20));
    expect(recoveryOf(down, deathAtMs, untilMs)?.recoveredMs).toBeNull();
  });

  it('95 % of the lines are enough, less is not', () => {
    expect(
      recoveryOf(
        samples((afterMs) => (afterMs > 0 ? 19 : 20)),
        deathAtMs,
        untilMs,
      )?.recoveredMs,
    ).toBe(0);
    expect(
      recoveryOf(
        samples((afterMs) => (afterMs > 0 ? 18 : 20)),
        deathAtMs,
        untilMs,
      )?.recoveredMs,
    ).toBeNull();
  });

  it('cannot be told when nobody waited for a line, or nobody looked', () => {
    expect(
      recoveryOf(
        samples(() => 20, 0),
        deathAtMs,
        untilMs,
      ),
    ).toBeUndefined();
    expect(recoveryOf([], deathAtMs, untilMs)).toBeUndefined();
    const unused = samples(() => 0);
    expect(recoveryOf(unused, deathAtMs, untilMs)).toBeUndefined();
  });
});
