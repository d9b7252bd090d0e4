import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { LiveWorld } from '../../../test/support/live-world.ts';
import {
  attemptsPerSecond,
  batchOf,
  createAttemptWorld,
  fillQueue,
  startAll,
  transitionsOf,
  untilAllWait,
} from '../lib/attempt-world.ts';
import { plainFigure, versusFigure } from '../lib/figures.ts';
import type { Benchmark, Figure } from '../lib/types.ts';

const name = 'idle';
/** Tomorrow's first wave; inside the day that the tests' policy lasts. */
const untilWaveMs = 43_200_000;
const megabyte = 1_048_576;

interface Minute {
  readonly transactions: number;
  /** Transitions a second of the workflow that gives lines out: its activity says that it is alive. */
  readonly cpuShare: number;
  readonly rssMb: number;
}

/**
 * Everybody waits for tomorrow. Worker, dispatcher, sweepers, relay and API of this process with nothing to wait for, and
 * then with 100,000 requests of tomorrow in the queue, of which some thousand are sleeping workflows.
 */
export const benchmark: Benchmark = {
  name,
  about: '100,000 contacts waiting for tomorrow: Temporal transitions, queries, memory, processor',
  needs: ['postgres', 'temporal'],
  collects: true,
  async run({ quick, log }) {
    const rows = quick ? 2_000 : 100_000;
    const workflows = quick ? 20 : 1_000;
    const seconds = quick ? 5 : 60;
    const live = await createAttemptWorld({ capacity: 20, talkMs: { min: 0, max: 0 } });
    try {
      // A process that has worked before: its code is warm and its heap as large as work makes it, in both minutes.
      await attemptsPerSecond(live, 'contact', quick ? 1 : workflows);
      await sleep(5_000);
      const nothing = await minuteOf(live, seconds);
      const batch = await batchOf(live, workflows, untilWaveMs);
      const handles = await startAll(live, 'contact', batch);
      await untilAllWait(live, batch);
      await fillQueue(live, batch.batchId, { count: rows - workflows, eligibleAt: tomorrow() });
      await sleep(10_000);
      const before = await transitionsOf(handles);
      const waiting = await minuteOf(live, seconds);
      const moved = (await transitionsOf(handles)) - before;
      for (const [what, minute] of Object.entries({ nothing, waiting })) {
        const { transactions, cpuShare, rssMb } = minute;
        log(
          `  ${what}: ${transactions.toFixed(1)} transactions/s, ${(cpuShare * 100).toFixed(1)} % of a core, ${rssMb.toFixed(0)} MB`,
        );
      }
      return figuresOf({ nothing, waiting, moved, seconds });
    } finally {
      await live.close();
    }
  },
};

function tomorrow(): Date {
  return new Date(Date.now() + 2 * untilWaveMs);
}

async function minuteOf(live: LiveWorld, seconds: number): Promise<Minute> {
  const { world } = live;
  const transactions = async (): Promise<number> => {
    const { rows } = await sql<{ n: string }>`select xact_commit + xact_rollback as n from pg_stat_database
                                               where datname = current_database()`.execute(world.owner);
    return Number(rows[0]?.n ?? 0);
  };
  const before = await transactions();
  const cpu = process.cpuUsage();
  await sleep(seconds * 1_000);
  const { user, system } = process.cpuUsage(cpu);
  const after = await transactions();
  return {
    transactions: (after - before) / seconds,
    cpuShare: (user + system) / 1e6 / seconds,
    rssMb: process.memoryUsage().rss / megabyte,
  };
}

interface Measured {
  readonly nothing: Minute;
  readonly waiting: Minute;
  readonly moved: number;
  readonly seconds: number;
}

function figuresOf({ nothing, waiting, moved, seconds }: Measured): readonly Figure[] {
  const cpu = waiting.cpuShare;
  const perSecond = moved / seconds;
  return [
    plainFigure(
      { name, figure: 'a thousand contacts asleep', value: perSecond, unit: 'transitions/s', goal: '0' },
      perSecond === 0,
    ),
    versusFigure(
      { name, figure: 'database', value: waiting.transactions, unit: 'transactions/s', goal: '' },
      nothing.transactions,
      null,
    ),
    versusFigure(
      { name, figure: 'memory of worker and API', value: waiting.rssMb, unit: 'MB', goal: '≤ 1.1 ×' },
      nothing.rssMb,
      (ratio) => ratio <= 1.1,
    ),
    plainFigure(
      { name, figure: 'worker, dispatcher and API', value: cpu * 100, unit: '% of a core', goal: '≤ 5' },
      cpu <= 0.05,
    ),
  ];
}
