import { type Database, inAccount } from '../../../db/client.ts';
import { hold, postHoldLast } from '../../../domain/billing/queries-ledger.ts';
import { createDatabaseWorld, type DatabaseWorld } from '../lib/database-world.ts';
import { plainFigure, ratioFigure } from '../lib/figures.ts';
import { alternate, type Pairs } from '../lib/pairs.ts';
import type { Benchmark, Figure } from '../lib/types.ts';
import { batchedHolds } from './batched.ts';
import { createBare } from './bare.ts';
import { createBook, type LedgerBook } from './book.ts';
import { wrongs } from './invariants.ts';

/** At once, on both sides. */
const clients = 16;
const amountMicros = 40_000n;
const tariff = { plan: 'credit_based', unit: 'USD', rateMicrosPerMinute: 40_000n } as const;

/**
 * Double-entry holds and posts of the product, each in a transaction of its account, against one UPDATE and INSERT in
 * one prepared statement, the least that can be asked, by the same number of clients: an operation is a hold, a post, or
 * such a statement. Beside it, without a gate: the two as a transaction of four statements, as a script of pgbench.
 */
export const benchmark: Benchmark = {
  name: 'ledger',
  about: 'hold and post per second: one account, a thousand, and grants in batches of twenty',
  needs: ['postgres'],
  async run({ quick, log }) {
    const world = await createDatabaseWorld({ capacity: 20, callsPerSecond: 1_000 });
    const repeats = quick ? 1 : 5;
    const spanMs = quick ? 500 : 2_000;
    try {
      const bare = await createBare(world.url, clients);
      const one = await createBook(world, 1);
      const many = await createBook(world, 1_000);
      log('one account');
      const single = await alternate({
        repeats,
        log,
        ours: () => holdAndPost(world.app, one, spanMs),
        floor: () => bare.statements(1, spanMs),
      });
      log('1,000 accounts');
      const spread = await alternate({
        repeats,
        log,
        ours: () => holdAndPost(world.app, many, spanMs),
        floor: () => bare.statements(1_000, spanMs),
      });
      log('one account, twenty holds a round of the dispatcher');
      const batched = await alternate({
        repeats,
        log,
        ours: () => batchedHolds(world, one, spanMs),
        floor: () => bare.statements(1, spanMs),
      });
      log('one account, against a transaction of UPDATE and INSERT');
      const script = await alternate({
        repeats,
        log,
        ours: () => holdAndPost(world.app, one, spanMs),
        floor: () => bare.transactions(1, spanMs),
      });
      await bare.close();
      return figures({ single, spread, batched, script }, await checked(world, log));
    } finally {
      await world.close();
    }
  },
};

function figures(
  { single, spread, batched, script }: Readonly<Record<'single' | 'spread' | 'batched' | 'script', Pairs>>,
  broken: number,
): readonly Figure[] {
  const of = (figure: string, goal: string) => ({ name: 'ledger', figure, unit: '/s', goal });
  return [
    ratioFigure(of('hold and post, one account', '≥ 0.6 ×'), single, (ratio) => ratio >= 0.6),
    ratioFigure(of('hold, one account, twenty a round', '≥ 5 ×'), batched, (ratio) => ratio >= 5),
    ratioFigure(of('hold and post, 1,000 accounts', '≥ 0.5 ×'), spread, (ratio) => ratio >= 0.5),
    ratioFigure(of('hold and post, one account, against a transaction of both', ''), script, null),
    plainFigure(
      { name: 'ledger', figure: 'accounts with a broken invariant', value: broken, unit: '', goal: '0' },
      broken === 0,
    ),
  ];
}

async function checked(world: DatabaseWorld, log: (line: string) => void): Promise<number> {
  const { holds, broken } = await wrongs(world.owner);
  log(`  ${holds} holds; accounts that do not add up: ${broken}`);
  return broken;
}

/** Operations per second by `clients` at once. */
async function holdAndPost(app: Database, book: LedgerBook, spanMs: number): Promise<number> {
  const startedMs = performance.now();
  let operations = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() - startedMs < spanMs) {
        const { accountId, requestId, batchId } = book.next();
        const holdId = await inAccount(app, accountId, (trx) =>
          hold(trx, { ...tariff, accountId, requestId, amountMicros }),
        );
        if (holdId === undefined) throw new Error('the account has no credit left');
        // As a settlement does it.
        await inAccount(app, accountId, (trx) => postHoldLast(trx, { holdId, batchId }, amountMicros / 2n));
        operations += 2;
      }
    }),
  );
  return (operations * 1000) / (performance.now() - startedMs);
}
