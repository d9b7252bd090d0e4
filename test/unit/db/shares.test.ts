import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Shares } from '../../../db/shares.ts';

it('never lets an account have more than its share, hands every place on, and forgets nobody who waits', async () => {
  const turns = fc.array(fc.record({ account: fc.constantFrom('a', 'b'), ends: fc.boolean() }), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), turns, async (atOnce, steps) => {
      const shares = new Shares({ atOnce, waiting: 1_000 });
      const open = { a: new Array<() => void>(), b: new Array<() => void>() };
      const asked = { a: 0, b: 0 };
      const ended = { a: 0, b: 0 };
      const settle = () => new Promise((resolve) => setImmediate(resolve));
      for (const { account, ends } of steps) {
        if (ends) {
          const leave = open[account].shift();
          leave?.();
          // Twice is once.
          leave?.();
          if (leave !== undefined) ended[account] += 1;
        } else {
          asked[account] += 1;
          void shares.take(account).then((leave) => open[account].push(leave));
        }
        await settle();
        for (const one of ['a', 'b'] as const) {
          expect(open[one].length).toBe(Math.min(atOnce, asked[one] - ended[one]));
        }
      }
    }),
  );
});
