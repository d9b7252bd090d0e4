import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../../domain/shared/rules/events.ts';
import { domainOrder } from '../../support/boundaries.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What a document names as a place: `folder/file.ts` between backticks. */
function placesIn(text: string): readonly string[] {
  const named = [...text.matchAll(/`([a-z][\w-]*\/[\w./-]*)`/g)].map(([, place = '']) => place);
  const folders = new Set(readdirSync(root));
  return named.filter((place) => folders.has(place.split('/')[0] ?? ''));
}

describe('the README', () => {
  const readme = read('README.md');

  it('names only files that are there', () => {
    const places = placesIn(readme).filter((place) => place !== 'channels/telegram/');
    expect(places.length).toBeGreaterThan(20);
    expect(places.filter((place) => !existsSync(join(root, place)))).toEqual([]);
  });

  it('lists the domains in their order', () => {
    const tree = readme.slice(readme.indexOf('## Where things are'), readme.indexOf('\nchannels/'));
    const listed = [...tree.matchAll(/^ {2}(\w+)\/|\S {2,}(\w+)\/ {2,}/gm)].map(
      ([, first, second]) => first ?? second,
    );
    expect(listed).toEqual([...domainOrder]);
  });

  it('has at most 200 lines', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(200);
  });
});

it('security: every promise names a test, and files that are there', () => {
  const [promises = ''] = read('docs/security.md').split('## Against OWASP');
  const rows = promises
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| promise') && !line.startsWith('| ---'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.length).toBeGreaterThan(15);
  for (const [, promise = '', to = '', where = '', tried = ''] of rows) {
    expect(to, promise).not.toBe('');
    const places = placesIn(`${where} ${tried}`);
    expect(
      places.some((place) => place.startsWith('test/')),
      promise,
    ).toBe(true);
    expect(
      places.filter((place) => !existsSync(join(root, place))),
      promise,
    ).toEqual([]);
  }
});

it('security: every section of the standard has a test or a reason, and none is left out', () => {
  // Of ASVS 5.0: how many sections each chapter has. Those that are wholly elsewhere stand as one.
  const sections = [5, 4, 7, 4, 4, 8, 6, 4, 2, 0, 7, 3, 4, 3, 4, 5, 0];
  const due = sections.flatMap((count, index) =>
    count === 0
      ? [String(index + 1)]
      : Array.from({ length: count }, (_, place) => `${index + 1}.${place + 1}`),
  );
  const [, table = ''] = read('docs/security.md').split('## Against OWASP');
  const rows = [...table.matchAll(/^\| (\d+(?:\.\d+)?) [^|]+\| (kept|in part|not here) +\| ([^|]+)\|$/gm)];
  expect(rows.map(([, section = '']) => section)).toEqual(due);
  for (const [, section = '', state = '', why = ''] of rows) {
    const places = placesIn(why);
    expect(
      places.filter((place) => !existsSync(join(root, place))),
      section,
    ).toEqual([]);
    // What is kept is tried, or is a page that can be read; what is not has its reason.
    if (state === 'kept') expect(places.length, section).toBeGreaterThan(0);
    else expect(why.trim().length, section).toBeGreaterThan(10);
  }
});

it('every type of event that an account may be told of is in the document of integration', () => {
  const text = read('docs/integration.md');
  expect(EVENT_TYPES.filter((type) => !text.includes(`\`${type}\``))).toEqual([]);
});

describe('the faults that were found', () => {
  const rows = read('docs/faults-mended.md')
    .split('\n')
    .filter((line) => /^\| +(?:[A-Z]\d|case)/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));

  it('have a row each, without an empty cell, and name files and tests that are there', () => {
    const ids = rows.map(([, id = '']) => id.replace(/:.*/, ''));
    const series = (letter: string, from: number, to: number): readonly string[] =>
      Array.from({ length: to - from + 1 }, (_, index) => `${letter}${from + index}`);
    const cases = series('case ', 1, 65);
    const found = [series('U', 1, 8), series('S', 1, 13), series('M', 1, 4), series('A', 1, 3)].flat();
    const tried = series('N', 1, 19);
    expect([...new Set(ids)]).toEqual(['W15', ...found, ...tried, ...cases]);
    const lost = rows.flatMap(([, id = '', was = '', file = '', test = '', besides = '']) => {
      const named = [...`${file} ${test} ${besides}`.matchAll(/`([^`]*\/[^`]*)`/g)].map(
        ([, path = '']) => path,
      );
      const decided = [...besides.matchAll(/decision (\d{4})/g)].map(([, number = '']) => number);
      const decisions = readdirSync(join(root, 'docs/decisions'));
      return [
        ...(was === '' || named.length < 2 || !/\.test\.ts`/.test(test) ? [`${id}: an empty cell`] : []),
        ...named.filter((path) => !existsSync(join(root, path))),
        ...decided.filter((number) => !decisions.some((name) => name.startsWith(number))),
      ];
    });
    expect(lost).toEqual([]);
  });
});
