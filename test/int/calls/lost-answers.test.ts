import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAnswer } from '../../../activities/contact/dial-answer.ts';
import type { DialInput } from '../../../activities/contact/types.ts';
import { databaseNow, inAccount } from '../../../db/client.ts';
import { releaseHold } from '../../../domain/billing/queries-ledger.ts';
import { lockCall, markAbsent } from '../../../domain/calls/queries.ts';
import { clearDial } from '../../../domain/calls/clear-dial.ts';
import type { PlaceCallAnswer, ProviderCall } from '../../../domain/calls/voice-port.ts';
import { callTiming } from '../../../domain/lines/rules/timing.ts';
import {
  callOf,
  dial,
  type Line,
  noAnswer,
  proveAbsent,
  recordOf,
  recover,
  rejected,
  settle,
  signalsOf,
  sweep,
  unknown,
  withLine,
} from '../../support/lost-dials.ts';
import { untilBlocked } from '../../support/blocked.ts';
import { moneyOf } from '../../support/messages.ts';
import { createWorld, type World } from '../../support/world.ts';

let shared: World;
beforeAll(async () => {
  shared = await createWorld();
});
afterAll(() => shared.close());

const talked = {
  status: 'ended',
  disconnectionReason: 'user_hangup',
  durationMs: 60_000,
  billableSeconds: 60,
  analysed: true,
} as const;

/** What the account's calls have cost so far. */
async function consumed({ app }: World, { accountId }: DialInput): Promise<bigint> {
  return (await moneyOf({ inside: (work) => inAccount(app, accountId, work) })).consumed;
}

describe('an answer that comes after its contact gave it up', () => {
  async function givenUp(): Promise<Line> {
    const line = await withLine(shared);
    await inAccount(line.world.app, line.input.accountId, (trx) => clearDial(trx, line.input, callTiming));
    expect(await recover(line.world, line.input)).toBeUndefined();
    return line;
  }
  const answerLate = (world: World, input: DialInput, answer: PlaceCallAnswer): Promise<unknown> =>
    inAccount(world.app, input.accountId, (trx) => writeAnswer(trx, input, answer, callTiming));

  it('placed: found, by the outbox', async () => {
    const { world, input } = await givenUp();
    await answerLate(world, input, { kind: 'placed', providerCallId: 'call_late' });
    expect(await signalsOf(world, input)).toEqual(['callFound']);
    expect(await recordOf(world, input)).toMatchObject({ state: 'placed', events: ['unknown', 'placed'] });
  });

  it('rejected: absent and no attempt, by the outbox; line and hold are back', async () => {
    const { world, input } = await givenUp();
    await answerLate(world, input, rejected);
    expect(await signalsOf(world, input)).toEqual(['callAbsent false']);
    expect(await recordOf(world, input)).toMatchObject({
      state: 'rejected',
      isAsked: false,
      line: 'rejected: rate_limited',
      hold: 'voided',
    });
  });

  it('that came in time is told by nobody else', async () => {
    const { world, input } = await withLine(shared);
    await dial(world, input);
    expect(await signalsOf(world, input)).toEqual([]);
  });
});

describe('the sweeper, about a dial whose answer was lost', () => {
  it('finds it: the contact is told once, and once more of its end', async () => {
    const { world, input } = await withLine(shared);
    await dial(world, input, unknown);
    const find = (): Promise<ProviderCall> => Promise.resolve(callOf(input));
    await sweep(world, input, { find });
    expect(await signalsOf(world, input)).toEqual(['callFound']);
    await settle(world, input, callOf(input));
    await settle(world, input, callOf(input, noAnswer));
    await settle(world, input, callOf(input, noAnswer));
    expect(await signalsOf(world, input)).toEqual(['callFound', 'callEnded']);
  });

  it('finds its end: one word is enough', async () => {
    const { world, input } = await withLine(shared);
    await dial(world, input, unknown);
    await sweep(world, input, { find: () => Promise.resolve(callOf(input, noAnswer)) });
    expect(await signalsOf(world, input)).toEqual(['callEnded']);
  });

  it('proves that there is none: the contact is told with the line’s return, and once', async () => {
    const { world, input } = await withLine(shared);
    await dial(world, input, unknown);
    await proveAbsent(world, input);
    expect(await signalsOf(world, input)).toEqual(['callAbsent true']);
    expect(await recordOf(world, input)).toMatchObject({
      state: 'absent',
      isAsked: false,
      line: 'never placed',
      hold: 'expired',
    });
    await sweep(world, input);
    expect(await signalsOf(world, input)).toEqual(['callAbsent true']);
  });

  it('proved that there is none, and a webhook brings it after all: what it took is paid, though its hold was given back', async () => {
    const { world, input } = await withLine(shared);
    const before = await consumed(world, input);
    await dial(world, input, unknown);
    await proveAbsent(world, input);
    for (const [seconds, paid] of [
      [60, 40_000n],
      [60, 40_000n],
      // A leg of a transfer, which comes to light later.
      [90, 60_000n],
    ] as const) {
      await settle(world, input, callOf(input, { ...talked, billableSeconds: seconds }));
      expect((await consumed(world, input)) - before).toBe(paid);
    }
    expect(await recordOf(world, input)).toMatchObject({ state: 'ended', hold: 'expired' });
  });

  it('proves that there is none while a webhook waits for it: what is paid goes by what the wait has made of the hold', async () => {
    const { world, input } = await withLine(shared);
    const { accountId, attemptId } = input;
    const before = await consumed(world, input);
    await dial(world, input, unknown);
    let settling = Promise.resolve();
    await inAccount(world.app, accountId, async (trx) => {
      const locked = await lockCall(trx, attemptId);
      if (locked === undefined) throw new Error('no call');
      settling = settle(world, input, callOf(input, talked));
      await untilBlocked(world);
      await markAbsent(trx, accountId, attemptId);
      await releaseHold(trx, locked.hold_id, 'expired');
    });
    await settling;
    expect((await consumed(world, input)) - before).toBe(40_000n);
    expect(await recordOf(world, input)).toMatchObject({ state: 'ended', hold: 'expired' });
  });

  it('asked while a webhook brought the call: its "not there" proves nothing', async () => {
    const { world, input } = await withLine(shared);
    await dial(world, input, unknown);
    await world.owner
      .updateTable('operation.attempt')
      .set({ absent_after_at: new Date(0) })
      .where('id', '=', input.attemptId)
      .execute();
    await sweep(world, input, {
      find: async () => {
        await settle(world, input, callOf(input));
        return undefined;
      },
    });
    expect(await signalsOf(world, input)).toEqual(['callFound']);
    expect(await recordOf(world, input)).toMatchObject({ state: 'placed', isAsked: true, line: 'held' });
  });

  it('asks again with pauses that double to a minute, and in the instant from which "not there" is a proof', async () => {
    const { world, input } = await withLine(shared);
    await dial(world, input, unknown);
    for (const [lostForMs, pauseMs] of [
      [5_000, 10_000],
      [15_000, 20_000],
      [35_000, 40_000],
      [75_000, 60_000],
      [300_000, 60_000],
    ] as const) {
      const { leastMs, mostMs } = await pauseAfter(world, input, lostForMs);
      expect(leastMs).toBeLessThanOrEqual(pauseMs);
      expect(mostMs).toBeGreaterThanOrEqual(pauseMs);
    }
    await world.owner
      .updateTable('operation.attempt')
      .set({ absent_after_at: sql<Date>`clock_timestamp() + interval '25 seconds'` })
      .where('id', '=', input.attemptId)
      .execute();
    expect((await pauseAfter(world, input, 75_000)).leastMs).toBeLessThanOrEqual(25_000);
  });
});

interface Pause {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** What was planned after a question so long after the loss of the answer, but for how long the question took. */
async function pauseAfter(world: World, input: DialInput, lostForMs: number): Promise<Pause> {
  const { at: lostAt } = await world.owner
    .updateTable('operation.attempt_event')
    .set({ at: sql<Date>`clock_timestamp() - ${lostForMs} * interval '1 millisecond'` })
    .where('attempt_id', '=', input.attemptId)
    .returning('at')
    .executeTakeFirstOrThrow();
  await sweep(world, input);
  const after = await databaseNow(world.owner);
  const { check_at } = await world.owner
    .selectFrom('operation.call')
    .select('check_at')
    .where('attempt_id', '=', input.attemptId)
    .executeTakeFirstOrThrow();
  // It was asked between the two: at the later one the pause would be longer, and seem shorter.
  const tookMs = after.getTime() - lostAt.getTime() - lostForMs;
  const nextMs = (check_at?.getTime() ?? Infinity) - after.getTime();
  return { leastMs: nextMs - tookMs, mostMs: nextMs + tookMs + 1 };
}
