import { attemptsPerSecond, createAttemptWorld } from '../lib/attempt-world.ts';
import { ratioFigure } from '../lib/figures.ts';
import { alternate } from '../lib/pairs.ts';
import type { Benchmark } from '../lib/types.ts';

const name = 'attempts';
const goalRatio = 0.8;

/**
 * How fast contacts are worked when calls take no time: from the first start to the last end, through dispatcher, dial,
 * provider, webhook, settlement and outbox. The floor is the same with the contact's workflow written by hand: the same
 * activities in the same order, without rules, words and handlers.
 */
export const benchmark: Benchmark = {
  name,
  about: 'completed attempts per second, calls without length, one worker process',
  needs: ['postgres', 'temporal'],
  async run({ quick, log }) {
    const count = quick ? 20 : 150;
    const live = await createAttemptWorld({ capacity: 100, talkMs: { min: 0, max: 0 } });
    try {
      const side = (workflow: 'contact' | 'minimalContact') => async (): Promise<number> =>
        attemptsPerSecond(live, workflow, count);
      const pairs = await alternate({
        repeats: quick ? 1 : 5,
        warmups: 1,
        ours: side('contact'),
        floor: side('minimalContact'),
        log,
      });
      const of = { name, figure: 'one worker process', unit: 'attempts/s', goal: `≥ ${goalRatio} ×` };
      return [ratioFigure(of, pairs, (ratio) => ratio >= goalRatio)];
    } finally {
      await live.close();
    }
  },
};
