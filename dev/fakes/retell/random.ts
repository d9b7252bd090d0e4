/** Chance that can be repeated: every draw is a hash of the seed and of what it decides, never of the order of draws. */
import { createHash } from 'node:crypto';

export interface MsRange {
  readonly min: number;
  readonly max: number;
}

/** A number in [0, 1) from the parts. */
export function draw(...parts: readonly (string | number)[]): number {
  const digest = createHash('sha256').update(parts.join('|')).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

export function drawBetween(range: MsRange, ...parts: readonly (string | number)[]): number {
  return Math.round(range.min + draw(...parts) * (range.max - range.min));
}

/** One of the names, by weight; the first one when all weights are zero. */
export function drawWeighted<Name extends string>(
  weights: readonly (readonly [Name, number])[],
  fallback: Name,
  ...parts: readonly (string | number)[]
): Name {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let rest = draw(...parts) * total;
  for (const [name, weight] of weights) {
    if (rest < weight) return name;
    rest -= weight;
  }
  return fallback;
}
