import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from './types.ts';

const root = new URL('../', import.meta.url);
const fileOf = (name: string): URL => new URL(`${name}/run.ts`, root);

/** Every folder with a `run.ts`. */
export function benchmarkNames(): readonly string[] {
  return readdirSync(fileURLToPath(root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(fileOf(entry.name)))
    .map(({ name }) => name)
    .toSorted();
}

export async function loadBenchmark(name: string): Promise<Benchmark> {
  const loaded: unknown = await import(fileOf(name).href);
  if (
    typeof loaded !== 'object' ||
    loaded === null ||
    !('benchmark' in loaded) ||
    !isBenchmark(loaded.benchmark)
  )
    throw new Error(`bench/${name}/run.ts exports no \`benchmark\``);
  return loaded.benchmark;
}

function isBenchmark(value: unknown): value is Benchmark {
  return typeof value === 'object' && value !== null && 'run' in value && typeof value.run === 'function';
}
