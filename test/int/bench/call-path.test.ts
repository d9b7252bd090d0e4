import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundedOf, readBounds } from '../../../dev/bench/call-path/run.ts';
import { type CallPath, createCallPath, STORIES } from '../../../dev/bench/call-path/walk.ts';

let path: CallPath;
beforeAll(async () => {
  path = await createCallPath();
});
afterAll(() => path.close());

/** The first walks read what a process reads once. */
const warmUps = 2;

describe('what one call costs', () => {
  it.each(STORIES)('the story %s costs no more than its committed counts', async (story) => {
    for (let walk = 0; walk < warmUps; walk += 1) await path.walk(story);
    const counts = boundedOf(await path.walk(story));
    const bounds = readBounds()[story];
    expect(Object.keys(counts)).toEqual(Object.keys(bounds));
    const grown = Object.entries(counts).filter(([figure, count]) => count > (bounds[figure] ?? 0));
    expect(
      grown,
      'see them with npm run bench -- call-path; a count that may grow is changed in bounds.json',
    ).toEqual([]);
  });
});
