import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { benchmarkNames, loadBenchmark } from '../../../dev/bench/lib/load.ts';
import { alternate, quantile, summary } from '../../../dev/bench/lib/pairs.ts';
import { logNormal, randomOf } from '../../../dev/bench/lib/random.ts';
import { merged, readResults, type BenchResult } from '../../../dev/bench/lib/results.ts';
import { markdownTable, shown, withTable } from '../../../dev/bench/lib/table.ts';
import type { Figure } from '../../../dev/bench/lib/types.ts';

const figure: Figure = {
  name: 'toy',
  figure: 'widgets per second',
  value: 12_345.6,
  unit: '/s',
  floor: 10_000,
  ratio: 1.234,
  goal: '≥ 1 ×',
  pass: true,
};
const result: BenchResult = {
  name: 'toy',
  date: '2026-11-22',
  seed: 's',
  machine: { cores: 2, memoryGb: 4, cpu: 'a cpu' },
  versions: { node: '24.0.0' },
  figures: [figure],
};

describe('what was measured', () => {
  it('the table in docs/benchmarks.md is the one of dev/bench/results.json', () => {
    const page = readFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8');
    expect(withTable(page, readResults())).toBe(page);
  });

  it('every kept result is of a benchmark that exists, and each of its figures bears its name', () => {
    const names = benchmarkNames();
    for (const { name, figures } of readResults()) {
      expect(names).toContain(name);
      expect(new Set(figures.map((one) => one.name))).toEqual(new Set([name]));
      expect(new Set(figures.map((one) => one.figure)).size).toBe(figures.length);
    }
  });

  it('a new result takes the place of the old one of its benchmark, and of no other', () => {
    const other = { ...result, name: 'other' };
    const newer = { ...result, seed: 'newer' };
    expect(merged([result, other], [newer])).toEqual([other, newer]);
  });

  it('a table says of each figure its ratio, its spread and whether the mark was reached', () => {
    const spread = { min: 1.1, max: 1.3, runs: 5 };
    const missed = { ...figure, figure: 'gadgets', pass: false, spread };
    const table = markdownTable([{ ...result, figures: [figure, missed] }]);
    expect(table).toMatch(
      /\| toy +\| widgets per second \| 12,346 \/s +\| 10,000 +\| 1\.23 +\| ≥ 1 × \| yes +\|/,
    );
    expect(table).toMatch(/\| gadgets .*\| 1\.23 \(1\.10 to 1\.30\) \| ≥ 1 × \| \*\*no\*\* +\|/);
    expect(table).toContain('2 cores (a cpu), 4 GB, Node 24.0.0');
    const close = { ...figure, ratio: 0.99831, spread: { min: 0.9968, max: 1.0134, runs: 5 } };
    expect(markdownTable([{ ...result, figures: [close] }])).toContain('| 0.9983 (0.9968 to 1.0134) |');
  });

  it('a page without a place for the table is refused, not overwritten', () => {
    expect(() => withTable('# Something', [result])).toThrow('bench:begin');
  });

  it('numbers keep the digits that mean something', () => {
    expect([1_234_567, 12.34, 1.234, 0.0421, 0, 250.4].map(shown)).toEqual([
      '1,234,567',
      '12.3',
      '1.23',
      '0.042',
      '0',
      '250',
    ]);
  });
});

describe('repeats', () => {
  it('alternate which side goes first, and the warm-up does not count', async () => {
    const order: string[] = [];
    const side = (name: string, values: readonly number[]) => (repeat: number) => {
      order.push(name);
      return Promise.resolve(repeat < 0 ? 1_000 : (values[repeat] ?? 0));
    };
    const pairs = await alternate({
      repeats: 3,
      ours: side('A', [2, 4, 9]),
      floor: side('B', [1, 4, 3]),
      log: () => undefined,
    });
    expect(order.join('')).toBe('BAABBAAB');
    expect(pairs.ratio).toEqual({ median: 2, min: 1, max: 3, runs: 3 });
  });

  it('a median of an even number of runs lies between the middle two; a quantile is one that was seen', () => {
    expect(summary([4, 1, 3, 2]).median).toBe(2.5);
    expect(quantile([10, 20, 30, 40], 0.95)).toBe(40);
    expect(quantile([], 0.95)).toBeNaN();
  });
});

describe('chance', () => {
  it('is the seed’s: the same one draws the same numbers, another one others', () => {
    const draws = (seed: string) => Array.from({ length: 5 }, randomOf(seed));
    expect(draws('a')).toEqual(draws('a'));
    expect(draws('a')).not.toEqual(draws('b'));
    expect(draws('a').every((draw) => draw >= 0 && draw < 1)).toBe(true);
  });

  it('call times have the mean that was asked for', () => {
    const random = randomOf('mean');
    const draws = Array.from({ length: 50_000 }, () => logNormal(random, 90, 0.8));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    expect(mean).toBeGreaterThan(85);
    expect(mean).toBeLessThan(95);
  });
});

it('every folder of bench/ that has a run.ts exports the benchmark of its name', async () => {
  for (const name of benchmarkNames()) expect((await loadBenchmark(name)).name).toBe(name);
});
