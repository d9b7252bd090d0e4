import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTurnActivities } from '../../../activities/contact/turn.ts';
import type { ContactActivities, RequestLineInput } from '../../../activities/contact/types.ts';
import { openLeases, roundsUntilQuiet, withPool } from '../../support/line-queue.ts';
import { createBatch, createWorld, type World } from '../../support/world.ts';

let shared: World;
beforeAll(async () => {
  shared = await createWorld();
});
afterAll(() => shared.close());

/** One waiting contact, whose workflow takes steps as a test says. */
interface Waiting {
  readonly world: World;
  readonly turn: Pick<ContactActivities, 'requestLine' | 'holdContact' | 'closeContact'>;
  /** A request for this slot, taken where the history is this long. */
  readonly ask: (slotKey: string, historyLength: number, closesInMs?: number) => RequestLineInput;
  /** Slot, state and reason of every request, in the order of the slots' names. */
  readonly requests: () => Promise<readonly string[]>;
  readonly contact: () => Promise<{ readonly state: string; readonly waiting_for: string }>;
}

const projection = { state: 'waiting', waitingFor: 'una línea', attempts: 0, nextAtMs: null } as const;

async function waiting(): Promise<Waiting> {
  const world = await withPool(shared);
  const { accountId, owner, app, system } = world;
  const batch = await createBatch(world, {
    accountId,
    mode: 'live',
    policy: 'demo',
    pack: 'demo',
    people: [{}],
  });
  const contactId = batch.contacts[0]?.contactId ?? '';
  const { batchId } = batch;
  await owner.updateTable('core.contact').set({ state: 'waiting' }).where('id', '=', contactId).execute();
  const voice = {
    placeCall: () => Promise.reject(new Error('nobody is called here')),
    findCallByAttempt: () => Promise.resolve(undefined),
    getCall: () => Promise.resolve(undefined),
    stopCall: () => Promise.resolve(),
    concurrency: () => Promise.resolve({ inUse: 0, limit: 20 }),
  };
  return {
    world,
    turn: createTurnActivities({ app, system, voice }),
    ask: (slotKey, historyLength, closesInMs = 60_000) => ({
      accountId,
      batchId,
      contactId,
      run: 1,
      mode: 'live',
      nowMs: Date.now(),
      requestId: `${contactId}:1:1:${slotKey}`,
      slot: { key: slotKey, opensAtMs: 0, closesAtMs: Date.now() + closesInMs, localDay: '', label: slotKey },
      eligibleAtMs: Date.now() - 5_000,
      priority: 1,
      missedRequestId: null,
      replacedRequestId: null,
      projection: { ...projection, waitingFor: slotKey },
      step: { temporalRunId: 'run', historyLength },
    }),
    async requests() {
      const rows = await owner
        .selectFrom('core.line_request as r')
        .leftJoin('operation.refusal as f', 'f.request_id', 'r.id')
        .select(['r.wave_key', 'r.state', 'f.reason'])
        .where('r.contact_id', '=', contactId)
        .orderBy('r.wave_key')
        .execute();
      return rows.map((row) =>
        [row.wave_key, row.state, row.reason].filter((word) => word !== null).join(' '),
      );
    },
    contact: () =>
      owner
        .selectFrom('core.contact')
        .select(['state', 'waiting_for'])
        .where('id', '=', contactId)
        .executeTakeFirstOrThrow(),
  };
}

describe('a step whose task was lost, and that is written after the next one', () => {
  it('asks for nothing, and takes nothing back', async () => {
    const { turn, ask, requests, contact } = await waiting();
    const next = ask('b', 20);
    await turn.requestLine(next);
    expect(await turn.requestLine({ ...ask('a', 10), replacedRequestId: next.requestId })).toEqual({
      deliveries: [],
    });
    expect(await requests()).toEqual(['b waiting']);
    expect(await contact()).toMatchObject({ state: 'waiting', waiting_for: 'b' });
  });

  it('does not hold, and does not close', async () => {
    const { turn, ask, requests, contact } = await waiting();
    const next = ask('b', 20);
    await turn.requestLine(next);
    const late = {
      ...ask('a', 10),
      projection: { ...projection, state: 'paused', waitingFor: 'tarde' },
    } as const;
    await turn.holdContact({ ...late, withdrawnRequestId: next.requestId, waitsForRequestId: null });
    await turn.closeContact({ ...late, outcome: 'cancelled' });
    expect(await requests()).toEqual(['b waiting']);
    expect(await contact()).toMatchObject({ state: 'waiting', waiting_for: 'b' });
  });

  it('is no judge of another Temporal run, whose history begins anew', async () => {
    const { turn, ask, requests } = await waiting();
    await turn.requestLine(ask('a', 2_000));
    await turn.requestLine({ ...ask('b', 3), step: { temporalRunId: 'the next run', historyLength: 3 } });
    expect(await requests()).toEqual(['a withdrawn worker_died', 'b waiting']);
  });
});

describe('a step that is taken again and decides otherwise', () => {
  it('for another slot: the first request goes with its line and its hold, and says why', async () => {
    const { world, turn, ask, requests } = await waiting();
    await turn.requestLine(ask('a', 10));
    expect(await roundsUntilQuiet(world)).toHaveLength(1);
    await turn.requestLine(ask('b', 20));
    expect(await requests()).toEqual(['a withdrawn worker_died', 'b waiting']);
    expect(await openLeases(world)).toEqual([]);
    const holds = await world.owner
      .selectFrom('core.ledger_hold')
      .select('state')
      .where('request_id', '=', ask('a', 10).requestId)
      .execute();
    expect(holds).toEqual([{ state: 'voided' }]);
  });

  it('for the same slot: it is the same request', async () => {
    const { turn, ask, requests } = await waiting();
    await turn.requestLine(ask('a', 10));
    await turn.requestLine(ask('a', 20));
    // Between the two: late, too.
    await turn.requestLine(ask('b', 15));
    expect(await requests()).toEqual(['a waiting']);
  });

  it('for no call at all: nothing is left in the queue, but what it goes on waiting for', async () => {
    const { turn, ask, requests } = await waiting();
    const asked = ask('a', 10);
    await turn.requestLine(asked);
    const held = { ...ask('', 20), withdrawnRequestId: null };
    await turn.holdContact({ ...held, waitsForRequestId: asked.requestId });
    expect(await requests()).toEqual(['a waiting']);
    await turn.holdContact({ ...held, waitsForRequestId: null });
    expect(await requests()).toEqual(['a withdrawn worker_died']);
  });
});

describe('a turn whose slot was over before its contact could take it back', () => {
  it('for another time, or for none: it came due, and has its reason', async () => {
    const { turn, ask, requests } = await waiting();
    const over = ask('a', 10, -1_000);
    await turn.requestLine(over);
    const next = ask('b', 20, -1_000);
    await turn.requestLine({ ...next, replacedRequestId: over.requestId });
    expect(await requests()).toEqual(['a missed no_line', 'b waiting']);
    await turn.holdContact({ ...ask('', 30), withdrawnRequestId: next.requestId, waitsForRequestId: null });
    expect(await requests()).toEqual(['a missed no_line', 'b missed no_line']);
  });

  it('in time: it is withdrawn, and needs none', async () => {
    const { turn, ask, requests } = await waiting();
    const asked = ask('a', 10);
    await turn.requestLine(asked);
    await turn.holdContact({ ...ask('', 20), withdrawnRequestId: asked.requestId, waitsForRequestId: null });
    expect(await requests()).toEqual(['a withdrawn']);
  });
});

describe('a contact that has closed', () => {
  it('asks for no line any more', async () => {
    const { turn, ask, requests } = await waiting();
    await turn.closeContact({ ...ask('', 10), outcome: 'paid' });
    expect(await turn.requestLine(ask('a', 20))).toEqual({
      deliveries: [{ fact: { type: 'BatchCancelled' } }],
    });
    expect(await requests()).toEqual([]);
  });

  it('leaves a reason for a turn that came due before its end', async () => {
    const { turn, ask, requests } = await waiting();
    await turn.requestLine(ask('a', 10, -1_000));
    await turn.closeContact({ ...ask('', 20), outcome: 'paid' });
    expect(await requests()).toEqual(['a missed no_line']);
  });
});
