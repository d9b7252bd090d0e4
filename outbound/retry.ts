const firstMs = 5_000;
const longestMs = 6 * 3_600_000;
/** Ten tries from five seconds to six hours: nineteen hours in all, a night and a morning of the receiver. */
export const maxTries = 10;
const factor = (longestMs / firstMs) ** (1 / (maxTries - 2));

/**
 * How long to wait after the `tries`th try failed, ms; null: that was the last one. `chance` in [0, 1) spreads it by a
 * fifth to either side, so that a receiver that comes back is not met by everything at once.
 */
export function retryDelayMs(tries: number, chance: number): number | null {
  if (tries >= maxTries) return null;
  const plain = Math.min(longestMs, firstMs * factor ** Math.max(0, tries - 1));
  return Math.round(plain * (0.8 + 0.4 * chance));
}
