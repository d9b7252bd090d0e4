import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { LiveWorld } from '../../../test/support/live-world.ts';
import {
  attemptsPerSecond,
  batchOf,
  createAttemptWorld,
  fillQueue,
  startAll,
  transitionsOf,
  untilAllWait,
  workflowsPath,
} from '../lib/attempt-world.ts';
import { ask } from '../lib/asker.ts';
import { withBareWorker } from '../lib/bare-worker.ts';
import { plainFigure, versusFigure } from '../lib/figures.ts';
import { withOwnApi } from '../lib/own-api.ts';
import { quantile } from '../lib/pairs.ts';
import type { Benchmark, BenchContext, Figure } from '../lib/types.ts';

const name = 'wave';
/** A minute of calls: none ends before the lines have been seen full, and lines pass on twice in the minute. */
const talkMs = { min: 20_000, max: 30_000 } as const;
const minuteMs = 60_000;
const lookEveryMs = 20;
/** More than a minute's calls on two hundred lines: whoever comes behind them is not reached in that time. */
const reached = 2_000;
/** From one wave to the fill of as many lines. */
const fillGoal = 0.8;
/** A floor of a few thousand sleepers says what one costs. */
const sleepers = 2_000;

interface Size {
  readonly lines: number;
  readonly contacts: number;
  /** The first of them. The others wait in the queue without one: that a sleeping workflow costs nothing, `idle` shows. */
  readonly workflows: number;
}

interface Wave {
  readonly fullMs: number;
  readonly transitions: number;
  readonly apiP99Ms: number;
  readonly idleP99Ms: number;
}

/**
 * Everybody due at one instant. Ours wakes who gets a line, and nobody else; the floor is what contacts with a clock of
 * their own would do: each wakes.
 */
export const benchmark: Benchmark = {
  name,
  about:
    'contacts due in one wave: time to full lines, Temporal transitions of the first minute, API meanwhile',
  needs: ['postgres', 'temporal'],
  async run(context) {
    const figures: Figure[] = [];
    const floors = { perSleeper: await floorOf(context), attempts: await attemptsOf(context) };
    for (const size of sizesOf(context)) {
      figures.push(...figuresOf(size, await waveOf(size, context), floors));
    }
    return figures;
  },
};

function sizesOf({ quick }: BenchContext): readonly Size[] {
  if (quick) return [{ lines: 5, contacts: 500, workflows: 50 }];
  return [20, 200].flatMap((lines) =>
    [10_000, 100_000].map((contacts) => ({ lines, contacts, workflows: reached })),
  );
}

/** The API is a process of its own, which gets the provider's webhooks too; everything else is in this one. */
async function waveOf(size: Size, context: BenchContext): Promise<Wave> {
  const live = await createAttemptWorld({ capacity: size.lines, talkMs });
  try {
    return await withOwnApi(live, (apiUrl) => waveIn(live, apiUrl, size, context));
  } finally {
    await live.close();
  }
}

async function waveIn(
  live: LiveWorld,
  apiUrl: string,
  { lines, contacts, workflows }: Size,
  { log }: BenchContext,
): Promise<Wave> {
  // Generous: all of them have to be asleep before the wave opens.
  const opensInMs = 30_000 + workflows * 60;
  const opensAtMs = Date.now() + opensInMs;
  const batch = await batchOf(live, workflows, opensInMs);
  const handles = await startAll(live, 'contact', batch);
  await untilAllWait(live, batch);
  // A second behind the workflows: they are the first in the queue.
  const eligibleAt = new Date(opensAtMs + 1_000);
  await fillQueue(live, batch.batchId, { count: contacts - workflows, eligibleAt });
  const early = opensAtMs - Date.now();
  if (early < 0)
    throw new Error(`the wave opened ${-early} ms before everybody was asleep: a slower machine`);
  const idleP99Ms = await apiP99(apiUrl, Math.min(early, 10_000));
  const before = await transitionsOf(handles);
  await sleep(Math.max(0, opensAtMs - Date.now()));
  const asking = apiP99(apiUrl, minuteMs);
  const fullMs = await untilFull(live, lines, opensAtMs);
  const apiP99Ms = await asking;
  const transitions = (await transitionsOf(handles)) - before;
  log(
    `  ${lines} lines, ${contacts} contacts: full after ${fullMs} ms, ${transitions} transitions in the minute, ` +
      `API p99 ${apiP99Ms.toFixed(1)} ms (idle ${idleP99Ms.toFixed(1)} ms), ${live.fake.calls().length} calls`,
  );
  return { fullMs, transitions, apiP99Ms, idleP99Ms };
}

async function untilFull({ fake }: LiveWorld, lines: number, opensAtMs: number): Promise<number> {
  const untilMs = opensAtMs + minuteMs;
  while (fake.running() < lines) {
    if (Date.now() > untilMs) return Infinity;
    await sleep(lookEveryMs);
  }
  return Date.now() - opensAtMs;
}

async function apiP99(apiUrl: string, forMs: number): Promise<number> {
  const times = await ask({ url: `${apiUrl}/health/ready`, forMs, everyMs: lookEveryMs });
  return quantile(times, 0.99);
}

/** Transitions that one sleeping workflow costs when its instant comes. */
async function floorOf({ quick, log }: BenchContext): Promise<number> {
  const count = quick ? 20 : sleepers;
  const live = await createAttemptWorld({ capacity: 1, talkMs });
  try {
    return await withBareWorker(live.world.temporal, workflowsPath, async (taskQueue) => {
      const wakeAtMs = Date.now() + 5_000 + count * 30;
      const handles: WorkflowHandle[] = [];
      for (let index = 0; index < count; index += 1) {
        const workflowId = `sleeper/${crypto.randomUUID()}`;
        const { client } = live.world.temporal;
        handles.push(await client.workflow.start('bareSleeper', { workflowId, taskQueue, args: [wakeAtMs] }));
      }
      await sleep(Math.max(0, wakeAtMs - 3_000 - Date.now()));
      const before = await transitionsOf(handles);
      await Promise.all(handles.map((handle) => handle.result()));
      const each = ((await transitionsOf(handles)) - before) / count;
      log(`  floor: ${count} sleepers, ${each.toFixed(2)} transitions each when their instant comes`);
      return each;
    });
  } finally {
    await live.close();
  }
}

/** Contacts worked to their end in a second, each with a call without length. */
async function attemptsOf({ quick, log }: BenchContext): Promise<number> {
  const live = await createAttemptWorld({ capacity: 100, talkMs: { min: 0, max: 0 } });
  try {
    const count = quick ? 20 : 200;
    // The first ones meet code and plans that are cold.
    await attemptsPerSecond(live, 'contact', count);
    const rate = await attemptsPerSecond(live, 'contact', count);
    log(`  ${rate.toFixed(1)} attempts a second`);
    return rate;
  } finally {
    await live.close();
  }
}

interface Floors {
  readonly perSleeper: number;
  readonly attempts: number;
}

function figuresOf({ lines, contacts }: Size, wave: Wave, floors: Floors): readonly Figure[] {
  const of = `${lines} lines, ${contacts} contacts`;
  const full = { name, figure: `${of}: until all lines are busy`, value: wave.fullMs, unit: 'ms' };
  const perSecond = (lines * 1_000) / wave.fullMs;
  const filled = { name, figure: `${of}: lines filled`, value: perSecond, unit: '/s' };
  const woken = { name, figure: `${of}: first minute`, value: wave.transitions, unit: 'transitions' };
  const asking = { name, figure: `${of}: API p99`, value: wave.apiP99Ms, unit: 'ms' };
  return [
    lines <= 20
      ? plainFigure({ ...full, goal: '≤ 2,000' }, wave.fullMs <= 2_000)
      : versusFigure(
          { ...filled, goal: `≥ ${fillGoal} × the attempts rate` },
          floors.attempts,
          (ratio) => ratio >= fillGoal,
        ),
    versusFigure(
      { ...woken, goal: contacts >= 100_000 ? '≤ 1/50 of as many sleepers' : '' },
      floors.perSleeper * contacts,
      contacts >= 100_000 ? (ratio) => ratio <= 1 / 50 : null,
    ),
    versusFigure({ ...asking, goal: '≤ 2 × idle' }, wave.idleP99Ms, (ratio) => ratio <= 2),
  ];
}
