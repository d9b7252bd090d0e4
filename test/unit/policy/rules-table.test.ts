import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Row {
  readonly rule: string;
  readonly fn: string;
  readonly property: string;
  readonly flow: string;
}

const rows: readonly Row[] = readFileSync(join(root, 'docs/rules.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|\s*(-+|rule)\s*\|/.test(line))
  .map((line) => {
    const [, rule = '', fn = '', property = '', flow = ''] = line.split('|').map((cell) => cell.trim());
    return { rule, fn, property, flow };
  });

/** Undefined when the file defines and exports a function of that name. */
function whyNoFunction(cell: string): string | undefined {
  const [, file, name] = /^`([^#`]+)#(\w+)`$/.exec(cell) ?? [];
  if (file === undefined || name === undefined) return 'is not `file#function`';
  if (!existsSync(join(root, file))) return `no file ${file}`;
  const source = readFileSync(join(root, file), 'utf8');
  const isThere = new RegExp(`^export (async )?(function|const) ${name}\\b`, 'm').test(source);
  return isThere ? undefined : `${file} exports no ${name}`;
}

/** Undefined when the file has a test of exactly that title, as it is written there. */
function whyNoTest(cell: string): string | undefined {
  const [file = '', name = ''] = cell.split(' › ');
  const path = join(root, 'test', `${file}.test.ts`);
  if (!existsSync(path)) return `no file test/${file}.test.ts`;
  const source = readFileSync(path, 'utf8');
  const isThere = ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}${quote}`));
  return name !== '' && isThere ? undefined : `test/${file}.test.ts has no test "${name}"`;
}

it('every rule has a function, a test over many cases and one in which it is lived through, and no cell is empty', () => {
  expect(rows.length).toBeGreaterThan(80);
  const faults = rows.flatMap(({ rule, fn, property, flow }) => {
    const empty = [rule, fn, property, flow].includes('') ? ['has an empty cell'] : [];
    const why = [...empty, whyNoFunction(fn), whyNoTest(property), whyNoTest(flow)];
    return why.flatMap((fault) => (fault === undefined ? [] : [`${rule}: ${fault}`]));
  });
  expect(faults).toEqual([]);
});

it('no rule is there twice', () => {
  const names = rows.map(({ rule }) => rule);
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
});

it('a flow test lives on the real server or the real database, never among the unit tests', () => {
  expect(rows.filter(({ flow }) => !/^(flow|int|replay)\//.test(flow))).toEqual([]);
});
