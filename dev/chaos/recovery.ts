/** How long lines stand idle after a worker's death, by what PostgreSQL said each quarter of a second. Pure. */

export interface Sample {
  readonly atMs: number;
  /** Lines leased. */
  readonly inUse: number;
  /** Requests that could have a line now. */
  readonly waiting: number;
}

export interface Recovery {
  /** Mean lines in use in the seconds before the death. */
  readonly before: number;
  /** Fewest lines in use after it, of the means over a second. */
  readonly least: number;
  /** From the death until use was back for good at 95 % of what it was before. 0: it never fell below. Null: never back. */
  readonly recoveredMs: number | null;
  /** Lines in use, second by second after the death. */
  readonly curve: readonly number[];
}

const beforeMs = 3_000;
const smoothMs = 1_000;
/** A fall that begins later than this is the fault of something else. */
const fallWithinMs = 15_000;
export const neededShare = 0.95;

/**
 * Undefined when it cannot be told: too few samples around it, lines that were not in use before, or nobody who waited
 * for one. Use counts as recovered at the end of the last stretch below 95 % that began within 15 s of the death.
 */
export function recoveryOf(
  samples: readonly Sample[],
  deathAtMs: number,
  untilMs: number,
): Recovery | undefined {
  const earlier = samples.filter(({ atMs }) => atMs > deathAtMs - beforeMs && atMs <= deathAtMs);
  const later = samples.filter(({ atMs }) => atMs > deathAtMs && atMs <= untilMs);
  if (earlier.length < 4 || later.length < 20) return undefined;
  const before = mean(earlier);
  const isWaitedFor = [...earlier, ...later].every(({ waiting }) => waiting > 0);
  if (before < 1 || !isWaitedFor) return undefined;
  const smooth = later.map(({ atMs }) => ({
    atMs,
    inUse: mean(later.filter((one) => one.atMs > atMs - smoothMs && one.atMs <= atMs)),
  }));
  const isLow = ({ inUse }: { readonly inUse: number }): boolean => inUse < before * neededShare;
  let recoveredAtMs: number | null = deathAtMs;
  let isDown = false;
  for (const point of smooth) {
    if (!isDown && isLow(point) && point.atMs - deathAtMs <= fallWithinMs) {
      isDown = true;
      recoveredAtMs = null;
    } else if (isDown && !isLow(point)) {
      isDown = false;
      recoveredAtMs = point.atMs;
    }
  }
  return {
    before,
    least: Math.min(...smooth.map(({ inUse }) => inUse)),
    recoveredMs: recoveredAtMs === null ? null : recoveredAtMs - deathAtMs,
    curve: bySecond(later, deathAtMs, untilMs),
  };
}

function bySecond(samples: readonly Sample[], fromMs: number, untilMs: number): readonly number[] {
  return Array.from({ length: Math.ceil((untilMs - fromMs) / smoothMs) }, (_, nth) => {
    const startMs = fromMs + nth * smoothMs;
    const own = samples.filter(({ atMs }) => atMs > startMs && atMs <= startMs + smoothMs);
    return own.length === 0 ? 0 : Math.round(mean(own) * 10) / 10;
  });
}

function mean(samples: readonly { readonly inUse: number }[]): number {
  return samples.reduce((sum, { inUse }) => sum + inUse, 0) / samples.length;
}
