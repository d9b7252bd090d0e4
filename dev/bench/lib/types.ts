import type { Servers } from '../../../test/support/servers.ts';

/** One line of the table. `value` is ours, `floor` the floor's or rival's in the same unit, `ratio` value / floor. */
export interface Figure {
  /** The benchmark's. */
  readonly name: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number | null;
  readonly ratio: number | null;
  /** As the issue says it, e.g. '≥ 0.97 × ideal'; empty when nothing is asked. */
  readonly goal: string;
  /** null: for people only, no gate. */
  readonly pass: boolean | null;
  /** Of the ratio where there is one, else of the value. */
  readonly spread?: { readonly min: number; readonly max: number; readonly runs: number };
}

export interface BenchContext {
  /** Fewer and smaller repeats: shows that a benchmark works, not what it measures. */
  readonly quick: boolean;
  readonly seed: string;
  /** Raw counts, to stderr. */
  readonly log: (line: string) => void;
  /** What int tests get injected; what the benchmark did not ask for has an empty address. */
  readonly env: Servers;
}

export interface Benchmark {
  /** The name of its folder. */
  readonly name: string;
  /** What it measures, in one line. */
  readonly about: string;
  readonly needs: readonly ('postgres' | 'temporal')[];
  /** Every thread of its process collects its heap twice a minute: what is looked at is what it still holds. */
  readonly collects?: true;
  run(context: BenchContext): Promise<readonly Figure[]>;
}
