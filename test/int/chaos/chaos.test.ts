import { describe, expect, it } from 'vitest';
import { keptSeeds } from '../../../dev/chaos/kept.ts';
import { runSeed } from '../../../dev/chaos/run-seed.ts';
import { schedule, small } from '../../../dev/chaos/schedule.ts';

/** Only a bound: a run of its own stack, with proofs of absence that take 75 s each. */
const boundMs = 8 * 60_000;

/** One that kills and restarts a worker, deploys another and loses answers, and every small one that has failed before. */
const seeds = [
  7,
  ...(await keptSeeds()).filter(({ profile }) => profile === 'small').map(({ seed }) => seed),
];

describe('a small batch under faults', () => {
  it.each([...new Set(seeds)])(
    'with seed %i closes every contact, and neither the provider nor the audit has anything to say',
    async (seed) => {
      const { findings, calls, faults, notDone } = await runSeed({
        seed,
        profile: small,
        tell: () => undefined,
      });
      expect(findings).toEqual([]);
      expect(faults).toBe(schedule(seed, small).length);
      expect(notDone).toBeLessThan(faults);
      expect(calls).toBeGreaterThanOrEqual(small.contacts);
    },
    boundMs,
  );
});
