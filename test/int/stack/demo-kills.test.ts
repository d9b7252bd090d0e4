import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Killed,
  lastLines,
  type Part,
  startWholeStack,
  type WholeStack,
} from '../../support/whole-stack.ts';

/** The demo gives itself a quarter of an hour; more is a fault of its own. */
const boundMs = 17 * 60_000;
/** Longer than the worker needs to be killed in, shorter than its own patience with a POST. */
const slowMs = 4_000;
/** So many new calls prove that the part is at work again, and that the next kill meets calls that run. */
const newCalls = 3;

let stack: WholeStack;
let exitCode: number | null;
const killed: Killed[] = [];
let attemptInFlight: string | undefined;

async function untilCallsSince(atMs: number): Promise<void> {
  await stack.until(`${newCalls} calls placed`, async () => {
    const since = (await stack.posts()).filter(({ placed, arrivedAtMs }) => placed && arrivedAtMs > atMs);
    return since.length >= newCalls ? true : undefined;
  });
}

async function killAndSeeItWork(part: Part): Promise<void> {
  const kill = await stack.kill(part);
  killed.push(kill);
  await untilCallsSince(kill.backAtMs);
}

/** The provider takes its time over one POST, and its worker dies meanwhile. Answers the attempt. */
async function killWorkerInThePost(): Promise<string> {
  const before = (await stack.posts()).length;
  await stack.addFault({ kind: 'slow', ms: slowMs });
  const attemptId = await stack.until('a POST in flight', async () => {
    const post = (await stack.posts()).find(({ seq, answer }) => seq > before && answer === undefined);
    return post?.attemptId;
  });
  await killAndSeeItWork('worker');
  return attemptId;
}

beforeAll(async () => {
  stack = await startWholeStack();
  await untilCallsSince(0);
  for (const part of ['worker', 'api', 'temporal', 'postgres'] as const) await killAndSeeItWork(part);
  attemptInFlight = await killWorkerInThePost();
  exitCode = await stack.exit;
}, boundMs);

afterAll(() => stack.close());

describe('the demo, with each of its parts killed in the middle of it', () => {
  it('is really hit: each part runs under another process id afterwards', () => {
    expect(killed.map(({ part }) => part)).toEqual(['worker', 'api', 'temporal', 'postgres', 'worker']);
    for (const { part, pidBefore, pidAfter } of killed) expect(pidAfter, part).not.toBe(pidBefore);
  });

  it('loses no other part with the one that is killed', () => {
    const deaths = (['postgres', 'temporal', 'voice', 'worker', 'api'] as const).map((part) => [
      part,
      stack.deaths(part),
    ]);
    const expected = { postgres: 1, temporal: 1, voice: 0, worker: 2, api: 1 };
    expect(Object.fromEntries(deaths), lastLines(stack.output())).toEqual(expected);
  });

  it('ends with every contact closed and a clean audit', () => {
    expect(exitCode, lastLines(stack.output())).toBe(0);
    expect(stack.output()).toContain('60/60 cerrados');
    expect(stack.output()).toContain('Auditoría limpia');
  });

  it("dials no attempt twice, by the provider's own record", () => {
    const placed = stack.record().filter((post) => post.placed);
    expect(placed.length).toBeGreaterThan(60);
    const attempts = placed.map(({ attemptId }) => attemptId);
    expect(attempts).toEqual([...new Set(attempts)]);
  });

  it('keeps the call whose worker died between POST and answer: one POST, placed, never repeated', () => {
    const posts = stack.record().filter(({ attemptId }) => attemptId === attemptInFlight);
    expect(posts).toMatchObject([{ placed: true }]);
  });
});
