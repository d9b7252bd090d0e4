import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount, type Trx } from '../../../db/client.ts';
import {
  availableMicros,
  hold,
  postHold,
  releaseHold,
  topUp,
  trueUp,
} from '../../../domain/billing/queries-ledger.ts';
import { untilBlocked } from '../../support/blocked.ts';
import { queue } from '../../support/line-queue.ts';
import { createWorld, newAccount, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const tariff = { plan: 'credit_based', unit: 'USD', rateMicrosPerMinute: 40_000n } as const;
/** Calls of one account: each may be held, and each hold resolved, by several transactions at once. */
const calls = 6;

type Command =
  | { readonly kind: 'top_up'; readonly amount: bigint; readonly reference: number }
  | { readonly kind: 'hold'; readonly call: number; readonly amount: bigint }
  | { readonly kind: 'post'; readonly call: number; readonly amount: bigint }
  | { readonly kind: 'void' | 'expire'; readonly call: number }
  | { readonly kind: 'true_up'; readonly amount: bigint; readonly reference: number };

const call = fc.nat(calls - 1);
const amount = fc.bigInt(1n, 1_000n);
const reference = fc.nat(4);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('top_up'), amount, reference }),
  fc.record({ kind: fc.constant('hold'), call, amount }),
  fc.record({ kind: fc.constant('post'), call, amount: fc.bigInt(0n, 2_000n) }),
  fc.record({ kind: fc.constantFrom('void', 'expire'), call }),
  fc.record({
    kind: fc.constant('true_up'),
    amount: fc.bigInt(-500n, 500n).filter((by) => by !== 0n),
    reference,
  }),
);

interface Book {
  readonly accountId: string;
  readonly requestIds: readonly string[];
  /** How often each hold was resolved for good. */
  readonly resolved: Map<string, number>;
}

async function apply(trx: Trx, book: Book, one: Command): Promise<void> {
  const { accountId } = book;
  const unit = 'USD';
  switch (one.kind) {
    case 'top_up':
    case 'true_up': {
      const move = one.kind === 'top_up' ? topUp : trueUp;
      await move(trx, {
        accountId,
        unit,
        amountMicros: one.amount,
        reference: `${one.kind} ${one.reference}`,
      });
      return;
    }
    case 'hold': {
      const requestId = book.requestIds[one.call] ?? '';
      const before = await holdOf(trx, book, one.call);
      const holdId = await hold(trx, { ...tariff, accountId, requestId, amountMicros: one.amount });
      // The balance's row is locked by this transaction now: nobody else's movement is in this figure.
      if (holdId !== undefined && before === undefined)
        expect(await availableMicros(trx, accountId, unit)).toBeGreaterThanOrEqual(0n);
      return;
    }
    case 'post':
    case 'void':
    case 'expire': {
      const holdId = await holdOf(trx, book, one.call);
      if (holdId === undefined) return;
      const resolution =
        one.kind === 'post'
          ? await postHold(trx, holdId, one.amount)
          : await releaseHold(trx, holdId, one.kind === 'void' ? 'voided' : 'expired');
      if (resolution === 'done') book.resolved.set(holdId, (book.resolved.get(holdId) ?? 0) + 1);
    }
  }
}

async function holdOf(trx: Trx, { requestIds }: Book, index: number): Promise<string | undefined> {
  const row = await trx
    .selectFrom('core.ledger_hold')
    .select('id')
    .where('request_id', '=', requestIds[index] ?? '')
    .executeTakeFirst();
  return row?.id;
}

/** In parallel, each in its own transaction. Two first holds of one call at once: the database lets one of them in. */
async function run(book: Book, commands: readonly Command[]): Promise<void> {
  await Promise.all(
    commands.map((one) =>
      inAccount(world.app, book.accountId, (trx) => apply(trx, book, one)).catch((error: unknown) => {
        if (one.kind === 'hold' && error instanceof Error && /ledger_hold_request_id_key/.test(error.message))
          return;
        throw error;
      }),
    ),
  );
}

async function wrongs({ accountId }: Book): Promise<readonly string[]> {
  const { rows } = await sql<{ wrong: string }>`
    with b as (select * from core.ledger_account where account_id = ${accountId}),
         t as (select coalesce(sum(funding_micros), 0) as funding, coalesce(sum(available_micros), 0) as available,
                      coalesce(sum(held_micros), 0) as held, coalesce(sum(consumed_micros), 0) as consumed,
                      coalesce(sum(consumed_micros) filter (where kind = 'true_up'), 0) as corrected
                 from core.ledger_transaction where account_id = ${accountId})
    select 'the balance is not what its transactions sum to' as wrong from b, t
     where (b.funding_micros, b.available_micros, b.held_micros, b.consumed_micros) is distinct from
           (t.funding, t.available, t.held, t.consumed)
    union all select 'held is not the pending holds' from b
      where held_micros <> (select coalesce(sum(amount_micros), 0) from core.ledger_hold
                             where account_id = ${accountId} and state = 'pending')
    union all select 'consumed is not what was posted and corrected' from b, t
      where consumed_micros <> t.corrected + (
        select coalesce(sum(posted_micros), 0) from core.ledger_hold where account_id = ${accountId})
    union all select 'transaction ' || id || ' is a hold into debt' from (
      select id, kind, sum(available_micros) over (order by id) as available
        from core.ledger_transaction where account_id = ${accountId}) in_order
      where kind = 'hold' and available < 0`.execute(world.owner);
  return rows.map(({ wrong }) => wrong);
}

async function newBook(creditMicros: bigint, requests: number): Promise<Book> {
  const accountId = await newAccount(world.app, world.poolId, creditMicros);
  const { requestIds } = await queue(world, accountId, requests);
  return { accountId, requestIds, resolved: new Map() };
}

it('whatever transactions run at once, it sums to zero, held is what is pending, and no hold goes into debt', async () => {
  const waves = fc.array(fc.array(command, { minLength: 2, maxLength: 8 }), { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.bigInt(0n, 3_000n), waves, async (creditMicros, parallel) => {
      const book = await newBook(creditMicros, calls);
      await run(book, [{ kind: 'top_up', amount: 1n, reference: 99 }]);
      for (const commands of parallel) await run(book, commands);
      expect(await wrongs(book)).toEqual([]);
      expect([...book.resolved.values()].every((times) => times === 1)).toBe(true);
    }),
    { numRuns: 25 },
  );
});

it('thirty calls that want the credit of one at the same time: exactly one gets it', async () => {
  const book = await newBook(40_000n, 30);
  const { accountId, requestIds } = book;
  const holds = await Promise.all(
    requestIds.map((requestId) =>
      inAccount(world.app, accountId, (trx) =>
        hold(trx, { ...tariff, accountId, requestId, amountMicros: 40_000n }),
      ),
    ),
  );
  expect(holds.filter((holdId) => holdId !== undefined)).toHaveLength(1);
  expect(await wrongs(book)).toEqual([]);
});

it('a call that took more than was held is posted whole: settlement goes into debt, and then no hold is given', async () => {
  const book = await newBook(40_000n, 2);
  const { accountId, requestIds } = book;
  await inAccount(world.app, accountId, async (trx) => {
    const [first = '', second = ''] = requestIds;
    const holdId = await hold(trx, { ...tariff, accountId, requestId: first, amountMicros: 40_000n });
    expect(await postHold(trx, holdId ?? '', 50_000n)).toBe('done');
    expect(await postHold(trx, holdId ?? '', 50_000n)).toBe('already_posted');
    expect(await releaseHold(trx, holdId ?? '', 'voided')).toBe('already_posted');
    expect(await availableMicros(trx, accountId, 'USD')).toBe(-10_000n);
    expect(await hold(trx, { ...tariff, accountId, requestId: second, amountMicros: 1n })).toBeUndefined();
  });
  expect(await wrongs(book)).toEqual([]);
});

it.each(['true_up', 'post'] as const)(
  'a %s that waits for the balance stands in the book behind the hold that it waited for',
  async (kind) => {
    const book = await newBook(60_000n, 2);
    const { accountId, requestIds } = book;
    const [first = '', second = ''] = requestIds;
    const take = (trx: Trx, requestId: string, amountMicros: bigint) =>
      hold(trx, { ...tariff, accountId, requestId, amountMicros });
    const earlier = await inAccount(world.app, accountId, (trx) => take(trx, first, 20_000n));
    let waiting: Promise<unknown> | undefined;
    await inAccount(world.app, accountId, async (trx) => {
      await trx.selectFrom('core.ledger_account').select('unit').forNoKeyUpdate().execute();
      waiting = inAccount<unknown>(world.app, accountId, (own) =>
        kind === 'post'
          ? postHold(own, earlier ?? '', 70_000n)
          : trueUp(own, { accountId, unit: 'USD', amountMicros: 50_000n, reference: 'late' }),
      );
      await untilBlocked(world);
      expect(await take(trx, second, 40_000n)).toBeDefined();
    });
    await waiting;
    // Else a hold would look as if it had been given into the debt that came after it.
    expect(await wrongs(book)).toEqual([]);
    const { rows } = await sql<{ kind: string }>`
      select kind from core.ledger_transaction where account_id = ${accountId} order by id desc limit 1`.execute(
      world.owner,
    );
    expect(rows).toEqual([{ kind }]);
  },
);

it('an hour of an allotment, which is more micro-units than 32 bits hold, is held and charged like any other call', async () => {
  const credit = 10_000_000_000n;
  const book = await newBook(credit, 1);
  const { accountId, requestIds } = book;
  await inAccount(world.app, accountId, async (trx) => {
    const amountMicros = 3_600_000_000n;
    const holdId = await hold(trx, { ...tariff, accountId, requestId: requestIds[0] ?? '', amountMicros });
    expect(await availableMicros(trx, accountId, 'USD')).toBe(credit - amountMicros);
    expect(await postHold(trx, holdId ?? '', 3_000_000_000n)).toBe('done');
    expect(await availableMicros(trx, accountId, 'USD')).toBe(credit - 3_000_000_000n);
  });
  expect(await wrongs(book)).toEqual([]);
});

it('one payment booked by two requests at once is one top-up', async () => {
  const book = await newBook(0n, 1);
  const { accountId } = book;
  const payment = { accountId, unit: 'USD', amountMicros: 5n, reference: randomUUID() } as const;
  const booked = await Promise.all(
    Array.from({ length: 6 }, () => inAccount(world.app, accountId, (trx) => topUp(trx, payment))),
  );
  expect(booked.filter(Boolean)).toHaveLength(1);
  expect(await wrongs(book)).toEqual([]);
});
