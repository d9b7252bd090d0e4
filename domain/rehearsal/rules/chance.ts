/** Chance without a generator's state: the same seed and words always give the same number. */

/** 0 (inclusive) to 1 (exclusive). */
export function chance(seed: string, ...words: readonly (string | number)[]): number {
  return draw(told(seed, words));
}

/** Chance of which the first words are always the same: `chancesOf(seed, a)(b)` is `chance(seed, a, b)`. */
export function chancesOf(
  seed: string,
  ...words: readonly (string | number)[]
): (...more: readonly (string | number)[]) => number {
  const begun = told(seed, words);
  return (...more) => draw(more.reduce(tellNext, begun));
}

function told(seed: string, words: readonly (string | number)[]): number {
  return words.reduce(tellNext, tell(0x811c9dc5, seed));
}

function tellNext(value: number, word: string | number): number {
  return tell(Math.imul(value ^ separator, prime), String(word));
}

const separator = '|'.charCodeAt(0);
const prime = 0x01000193;

/** FNV-1a goes on where it stopped. */
function tell(begun: number, text: string): number {
  let value = begun;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), prime);
  }
  return value;
}

function draw(hash: number): number {
  let value = hash;
  // FNV alone leaves neighbours alike: numbers that differ in their last digit would answer alike.
  value ^= value >>> 16;
  value = Math.imul(value, 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  value ^= value >>> 16;
  return (value >>> 0) / 0x1_0000_0000;
}

/** One of several by weight; `draw` is 0 to 1. */
export function pick<T>(choices: readonly (readonly [choice: T, weight: number])[], draw: number): T {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = draw * total;
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  const last = choices.at(-1);
  if (last === undefined) throw new Error('nothing to choose from');
  return last[0];
}

/** A span that is mostly near the median and sometimes much longer, as call times are. `draws` are 0 to 1. */
export function logNormal(median: number, sigma: number, draws: readonly [number, number]): number {
  const [first, second] = draws;
  const normal = Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
  return median * Math.exp(sigma * normal);
}
