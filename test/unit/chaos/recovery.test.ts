import { describe, expect, it } from 'vitest';
import { memoryVerdict, readCollected } from '../../../dev/chaos/memory.ts';
import { recoveryOf, type Sample } from '../../../dev/chaos/recovery.ts';

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
    expect(recoveryOf(fell, deathAtMs, untilMs)).toMatchObject({ before: 20, least: 5, recoveredMs: 8_750 });
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

describe('memory over a soak', () => {
  const every10s = (mbAt: (nth: number) => number) =>
    Array.from({ length: 60 }, (_, nth) => ({ atMs: nth * 10_000, mb: mbAt(nth) }));

  it('that fills its caches first and stays there is flat', () => {
    const verdict = memoryVerdict(every10s((nth) => Math.min(300, 150 + nth * 10) + (nth % 3)));
    expect(verdict).toMatchObject({ flat: true, samples: 60, firstMb: 150 });
    expect(verdict?.slopeMbPerMinute).toBeCloseTo(0, 0);
  });

  it('that grows by a tenth and more over the last two thirds is not', () => {
    const verdict = memoryVerdict(every10s((nth) => 200 + nth * 2));
    expect(verdict?.slopeMbPerMinute).toBeCloseTo(12);
    expect(verdict?.flat).toBe(false);
  });

  it('that shrinks is flat, and three samples are too few to tell', () => {
    expect(memoryVerdict(every10s((nth) => 400 - nth))?.flat).toBe(true);
    expect(memoryVerdict(every10s(() => 200).slice(0, 3))).toBeUndefined();
  });

  it('is read from what a process noted of itself, without a line that was cut off', () => {
    const noted = '{"atMs":1,"mb":380.5,"heapMb":90}\n{"atMs":2,"mb":381,"heapMb":91}\n{"atMs":3,"m';
    expect(readCollected(noted)).toEqual([
      { atMs: 1, mb: 380.5, heapMb: 90 },
      { atMs: 2, mb: 381, heapMb: 91 },
    ]);
    expect(readCollected('')).toEqual([]);
    expect(() => readCollected('{"atMs":1,"mb":"380"}\n')).toThrow('expected number');
  });
});
