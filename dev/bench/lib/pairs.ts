/** Median and spread of repeats. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export interface Pairs {
  readonly ours: Summary;
  readonly floor: Summary;
  /** Of ours / floor, pair by pair: what slows a machine down for a minute slows both of a pair. */
  readonly ratio: Summary;
}

export interface PairOptions {
  /** Default: 5. */
  readonly repeats?: number;
  /** Runs of each side that do not count. Default: 1. */
  readonly warmups?: number;
  readonly ours: (repeat: number) => Promise<number>;
  readonly floor: (repeat: number) => Promise<number>;
  readonly log: (line: string) => void;
}

/** Alternates A/B, B/A, A/B…: neither side always runs on a database that the other has just filled. */
export async function alternate(options: PairOptions): Promise<Pairs> {
  const { repeats = 5, warmups = 1, ours, floor, log } = options;
  const pairs: { readonly ours: number; readonly floor: number }[] = [];
  for (let repeat = -warmups; repeat < repeats; repeat += 1) {
    const floorFirst = Math.abs(repeat) % 2 === 1;
    const early = floorFirst ? await floor(repeat) : undefined;
    const mine = await ours(repeat);
    const theirs = early ?? (await floor(repeat));
    const kind = repeat < 0 ? 'warm-up' : `pair ${repeat + 1}`;
    log(`  ${kind}: ours ${shown(mine)}, floor ${shown(theirs)}, ratio ${shown(mine / theirs)}`);
    if (repeat >= 0) pairs.push({ ours: mine, floor: theirs });
  }
  return {
    ours: summary(pairs.map((pair) => pair.ours)),
    floor: summary(pairs.map((pair) => pair.floor)),
    ratio: summary(pairs.map((pair) => pair.ours / pair.floor)),
  };
}

export function summary(values: readonly number[]): Summary {
  const sorted = values.toSorted((one, other) => one - other);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) throw new Error('a summary of nothing');
  return { median: quantile(sorted, 0.5), min: first, max: last, runs: sorted.length };
}

/** `share` of the values are at most this: nearest rank, and the mean of two in the middle for an even median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  if (sorted.length === 0) return Number.NaN;
  const at = (index: number): number => sorted[Math.min(sorted.length - 1, Math.max(0, index))] ?? Number.NaN;
  const half = sorted.length / 2;
  if (share === 0.5 && Number.isInteger(half)) return (at(half - 1) + at(half)) / 2;
  return at(Math.ceil(share * sorted.length) - 1);
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
