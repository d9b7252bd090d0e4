/** Whether a process's memory stays where it is, by its samples. Pure. */
import { z } from 'zod';

export interface MemorySample {
  readonly atMs: number;
  /** Resident. */
  readonly mb: number;
}

/** What a process holds right after it has collected its heaps. */
export interface CollectedSample extends MemorySample {
  /** Of the main thread's heap, in use. */
  readonly heapMb: number;
}

const collectedSample = z.strictObject({ atMs: z.number(), mb: z.number(), heapMb: z.number() });

/** What a process noted of itself (dev/collecting.ts), a JSON object a line; a last line that was cut off is left out. */
export function readCollected(text: string): readonly CollectedSample[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => collectedSample.parse(JSON.parse(line)));
}

export interface MemoryVerdict {
  readonly samples: number;
  readonly firstMb: number;
  readonly lastMb: number;
  readonly mostMb: number;
  /** Of the last two thirds: the first third is caches that fill. */
  readonly meanMb: number;
  readonly slopeMbPerMinute: number;
  /** What that slope adds over the last two thirds, as a share of their mean. */
  readonly growth: number;
  readonly flat: boolean;
}

/** More growth than this over the last two thirds is a leak, or not told from one. */
export const flatGrowth = 0.1;

/** Least squares over the last two thirds. Undefined with fewer samples than make a line. */
export function memoryVerdict(samples: readonly MemorySample[]): MemoryVerdict | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  const late = samples.slice(Math.ceil(samples.length / 3));
  const [lateFirst] = late;
  if (first === undefined || last === undefined || lateFirst === undefined || late.length < 3)
    return undefined;
  const meanAtMs = mean(late.map(({ atMs }) => atMs));
  const meanMb = mean(late.map(({ mb }) => mb));
  const spread = late.reduce((sum, { atMs }) => sum + (atMs - meanAtMs) ** 2, 0);
  const common = late.reduce((sum, { atMs, mb }) => sum + (atMs - meanAtMs) * (mb - meanMb), 0);
  const slopeMbPerMs = spread === 0 ? 0 : common / spread;
  const growth = (slopeMbPerMs * (last.atMs - lateFirst.atMs)) / meanMb;
  return {
    samples: samples.length,
    firstMb: first.mb,
    lastMb: last.mb,
    mostMb: Math.max(...samples.map(({ mb }) => mb)),
    meanMb,
    slopeMbPerMinute: slopeMbPerMs * 60_000,
    growth,
    flat: growth <= flatGrowth,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
