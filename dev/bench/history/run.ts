import type { WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { topUp } from '../../../domain/billing/queries-ledger.ts';
import { inAccount } from '../../../db/client.ts';
import {
  callEndedSignal,
  lineGrantedSignal,
  rescheduleUpdate,
  viewQuery,
} from '../../../workflows/contact/contract.ts';
import { newAccount, usd } from '../../../test/support/world.ts';
import {
  callOne,
  createLiveBatch,
  createLiveWorld,
  type LiveWorld,
  phoneEnding,
  shortWaves,
  storePolicy,
  until,
} from '../../../test/support/live-world.ts';
import { workflowsPath } from '../lib/attempt-world.ts';
import { contactIdOf } from '../../../test/support/world.ts';
import { withBareWorker } from '../lib/bare-worker.ts';
import { costOf, type ExecutionCost } from '../lib/cost.ts';
import { plainFigure } from '../lib/figures.ts';
import { quantile } from '../lib/pairs.ts';
import type { Benchmark, BenchContext, Figure } from '../lib/types.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const name = 'history';
/** Three attempts, each in a wave of its own: an unanswered call is not repeated inside one. */
const threeWaves = { ...shortWaves, key: 'three-waves', maxAttempts: 3 };
const hourMs = 3_600_000;
const answered = '00';
const unanswered = '01';

/**
 * What Temporal keeps of a contact, and what it bills for: exact counts, the same on every machine. The floors: the same
 * outside work in a workflow by hand, and the leanest attempt that Temporal can record at all.
 */
export const benchmark: Benchmark = {
  name,
  about: 'events, state transitions and billable actions per contact and attempt, by story',
  needs: ['postgres', 'temporal'],
  async run(context) {
    const live = await createLiveWorld({ workflowsPath });
    try {
      for (const policy of [threeWaves, longWave, inAnHour]) await storePolicy(live.world, policy);
      return await withBareWorker(live.world.temporal, workflowsPath, async (bareQueue) =>
        figuresOf(await stories(live, bareQueue, context)),
      );
    } finally {
      await live.close();
    }
  },
};

type Story =
  'answered' | 'three no-answers' | 'reschedule' | 'no credit' | 'by hand' | 'by hand, three' | 'bare';

async function stories(
  live: LiveWorld,
  bareQueue: string,
  { quick, log }: BenchContext,
): Promise<ReadonlyMap<Story, ExecutionCost>> {
  const repeats = quick ? 1 : 5;
  const tell: Readonly<Record<Story, () => Promise<WorkflowHandle>>> = {
    answered: async () => (await callOne(live, { phones: [phoneEnding(answered)] })).handle,
    'three no-answers': async () =>
      (await callOne(live, { phones: [phoneEnding(unanswered)], policy: threeWaves })).handle,
    reschedule: () => rescheduled(live),
    'no credit': () => withoutCredit(live),
    'by hand': () => byHand(live, answered),
    'by hand, three': () => byHand(live, unanswered),
    bare: () => bare(live, bareQueue),
  };
  const medians = new Map<Story, ExecutionCost>();
  for (const [story, begin] of Object.entries(tell)) {
    if (!isStory(story, tell)) continue;
    const costs = await Promise.all(
      Array.from({ length: repeats }, async () => {
        const handle = await begin();
        await handle.result();
        return costOf(handle);
      }),
    );
    for (const { events, transitions, actions } of costs)
      log(`  ${story}: ${events} events, ${transitions} transitions, ${actions} actions`);
    const median = (of: (cost: ExecutionCost) => number): number => quantile(costs.map(of), 0.5);
    medians.set(story, {
      events: median(({ events }) => events),
      transitions: median(({ transitions }) => transitions),
      actions: median(({ actions }) => actions),
    });
  }
  return medians;
}

function isStory(text: string, known: Readonly<Record<Story, unknown>>): text is Story {
  return text in known;
}

/** Asked for another time while it waits for its first wave; the agreed time comes, and somebody answers. */
async function rescheduled(live: LiveWorld): Promise<WorkflowHandle> {
  const { handle } = await callOne(live, { phones: [phoneEnding(answered)], policy: inAnHour });
  await until('it waits', async () => (await handle.query(viewQuery)).state === 'waiting');
  const opensAtMs = Date.now();
  const slot = {
    key: 'agreed',
    opensAtMs,
    closesAtMs: opensAtMs + 60_000,
    localDay: '2027-03-08',
    label: 'acordada',
  };
  await handle.executeUpdate(rescheduleUpdate, { args: [{ slot }] });
  return handle;
}

/** No line is granted without money; it comes, and somebody answers. */
async function withoutCredit(live: LiveWorld): Promise<WorkflowHandle> {
  const { app, poolId } = live.world;
  const accountId = await newAccount(app, poolId, 0n);
  const { handle } = await callOne(live, { accountId, phones: [phoneEnding(answered)], policy: longWave });
  await until('it is suspended', async () => (await handle.query(viewQuery)).state === 'suspended');
  await inAccount(app, accountId, (trx) =>
    topUp(trx, { accountId, unit: 'USD', amountMicros: 100n * usd, reference: 'bench' }),
  );
  return handle;
}

const inAnHour = {
  ...shortWaves,
  key: 'in-an-hour',
  schedule: { mode: 'interval', firstAfterMs: hourMs, everyMs: hourMs, windowMs: hourMs },
} as const;

const longWave = {
  ...shortWaves,
  key: 'long-wave',
  schedule: { mode: 'interval', firstAfterMs: 0, everyMs: hourMs, windowMs: hourMs },
} as const;

async function byHand({ world }: LiveWorld, ending: string): Promise<WorkflowHandle> {
  const { accountId } = world;
  const { batchId, contacts, mode } = await createLiveBatch(
    world,
    accountId,
    [{ phones: [phoneEnding(ending)] }],
    threeWaves,
  );
  const contactId = contacts[0]?.contactId ?? '';
  return world.temporal.client.workflow.start('minimalContact', {
    workflowId: await contactIdOf(world, contactId),
    taskQueue: world.taskQueue,
    args: [{ accountId, batchId, contactId, run: 1, mode }],
  });
}

async function bare({ world }: LiveWorld, taskQueue: string): Promise<WorkflowHandle> {
  const handle = await world.temporal.client.workflow.start('bareContact', {
    workflowId: `bare/${crypto.randomUUID()}`,
    taskQueue,
    args: [],
  });
  const hasSeen = (what: (event: HistoryEvent) => unknown) => async (): Promise<boolean> => {
    const { events } = await handle.fetchHistory();
    return events?.some((event) => what(event) !== null && what(event) !== undefined) === true;
  };
  // One after the other, as in a contact's life: a grant that comes with the start would save a whole task.
  await until(
    'it waits',
    hasSeen((event) => event.timerStartedEventAttributes),
  );
  await handle.signal(lineGrantedSignal, { requestId: 'r', leaseId: 'l' });
  await until(
    'the activity is over',
    hasSeen((event) => event.activityTaskCompletedEventAttributes),
  );
  await handle.signal(callEndedSignal, { attemptId: 'l', outcome: 'promise', rang: true, human: true });
  return handle;
}

const goal = { first: '≤ 1.15 ×', further: '≤ 18', actions: '≤ 6 per attempt' } as const;

function figuresOf(costs: ReadonlyMap<Story, ExecutionCost>): readonly Figure[] {
  const of = (story: Story): ExecutionCost => {
    const cost = costs.get(story);
    if (cost === undefined) throw new Error(`nothing was measured of ${story}`);
    return cost;
  };
  const [one, three, hand, bareCost] = [of('answered'), of('three no-answers'), of('by hand'), of('bare')];
  const versus = (figure: string, unit: string, value: number, floor: number): Figure => {
    const ratio = value / floor;
    return { name, figure, value, unit, floor, ratio, goal: goal.first, pass: ratio <= 1.15 };
  };
  const plain = (
    figure: string,
    unit: string,
    value: number,
    asked = '',
    pass: boolean | null = null,
  ): Figure => plainFigure({ name, figure, value, unit, goal: asked }, pass);
  const further = (three.events - one.events) / 2;
  const furtherActions = (three.actions - one.actions) / 2;
  const handThree = of('by hand, three');
  return [
    versus('events of one attempt / the same work by hand', 'events', one.events, hand.events),
    versus(
      'transitions of one attempt / the same work by hand',
      'transitions',
      one.transitions,
      hand.transitions,
    ),
    versus('events of one attempt / leanest possible', 'events', one.events, bareCost.events),
    // For people: a server under load merges more or fewer of its writes, and with so few of them one is a tenth.
    {
      ...versus(
        'transitions of one attempt / leanest possible',
        'transitions',
        one.transitions,
        bareCost.transitions,
      ),
      goal: '',
      pass: null,
    },
    plain('events of each further attempt', 'events', further, goal.further, further <= 18),
    plain('events of each further attempt, by hand', 'events', (handThree.events - hand.events) / 2),
    plain('transitions of each further attempt', 'transitions', (three.transitions - one.transitions) / 2),
    plain('actions of each further attempt', 'actions', furtherActions, goal.actions, furtherActions <= 6),
    plain('one answered attempt, opening included', 'actions', one.actions),
    plain('three no-answers', 'actions per attempt', three.actions / 3, goal.actions, three.actions / 3 <= 6),
    plain('events, reschedule then answered', 'events', of('reschedule').events),
    plain('actions, reschedule then answered', 'actions', of('reschedule').actions),
    plain('events, no credit then answered', 'events', of('no credit').events),
    plain('actions, no credit then answered', 'actions', of('no credit').actions),
  ];
}
