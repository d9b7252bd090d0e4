import type { Pairs, Summary } from './pairs.ts';
import type { Figure } from './types.ts';

/** A figure whose gate is a ratio to a floor of the same run. */
export function ratioFigure(
  of: Pick<Figure, 'name' | 'figure' | 'unit' | 'goal'>,
  { ours, floor, ratio }: Pairs,
  pass: ((ratio: number) => boolean) | null,
): Figure {
  return {
    ...of,
    value: ours.median,
    floor: floor.median,
    ratio: ratio.median,
    pass: pass === null ? null : pass(ratio.median),
    spread: spreadOf(ratio),
  };
}

/** A figure without a floor: an exact count, or something for people. */
export function plainFigure(
  of: Pick<Figure, 'name' | 'figure' | 'unit' | 'goal' | 'value'>,
  pass: boolean | null,
): Figure {
  return { ...of, floor: null, ratio: null, pass };
}

/** A figure of one run beside another of the same run. */
export function versusFigure(
  of: Pick<Figure, 'name' | 'figure' | 'unit' | 'goal' | 'value'>,
  floor: number,
  pass: ((ratio: number) => boolean) | null,
): Figure {
  const ratio = of.value / floor;
  return { ...of, floor, ratio, pass: pass === null ? null : pass(ratio) };
}

export function spreadOf({ min, max, runs }: Summary): NonNullable<Figure['spread']> {
  return { min, max, runs };
}
