import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { dispatchAndNotify } from '../../../domain/lines/dispatch.ts';
import { relayOnce } from '../../../relay/outbox-relay.ts';
import type { Policy } from '../../../domain/policy/rules/policy.ts';
import {
  createLiveBatch,
  phoneEnding,
  shortWaves,
  storeNegotiationOf,
  storePolicy,
  until,
} from '../../../test/support/live-world.ts';
import { startContact } from '../../../test/support/world.ts';
import { type Counted, type Counts, countsOf, StatementCounter } from './count.ts';
import { createPlace, type Place } from './place.ts';
import { readWritten, rowsBetween, walBetween } from './writes.ts';

/** wave: ten that nobody answers, granted in one round. */
export const STORIES = ['unanswered', 'answered', 'wave'] as const;
export type Story = (typeof STORIES)[number];

/** Calls of a story. */
export const callsOf: Readonly<Record<Story, number>> = { unanswered: 1, answered: 1, wave: 10 };

/** What a story's calls have cost together, from the grant of its line until its contact waits for the next one or has closed. */
export interface CallCost extends Counts {
  /** `schema.table` → rows written. */
  readonly rows: Readonly<Record<string, number>>;
  /** Of the write-ahead log, without whole-page images. */
  readonly walBytes: number;
  /** Workflow tasks that were completed. */
  readonly activations: number;
  readonly historyEvents: number;
  /** Every statement, for whoever wants to know which ones. */
  readonly seen: readonly Counted[];
}

export interface CallPath {
  walk(story: Story): Promise<CallCost>;
  close(): Promise<void>;
}

/** Somebody answers and promises nothing: what follows is a contact's own next step, without messages and payments. */
const endings: Readonly<Record<Story, string>> = { answered: '09', unanswered: '01', wave: '01' };
const eventsOf: Readonly<Record<Story, number>> = { answered: 3, unanswered: 2, wave: 2 };
const hourMs = 3_600_000;

/** Two waves: the first opens at once, and an unanswered call's contact then waits an hour for the second. */
const twoWaves: Policy = {
  ...shortWaves,
  key: 'call-path',
  schedule: { mode: 'interval', firstAfterMs: 0, everyMs: hourMs, windowMs: hourMs - 1_000 },
  maxAttempts: 2,
};

export async function createCallPath(): Promise<CallPath> {
  const counter = new StatementCounter();
  const place = await createPlace(counter);
  const { world } = place;
  await storePolicy(world, twoWaves);
  await sql`create extension if not exists pg_walinspect`.execute(world.owner);
  counter.open();
  return {
    walk: (story) => walk({ place, counter }, story),
    async close() {
      counter.close();
      await place.close();
    },
  };
}

interface Means {
  readonly place: Place;
  readonly counter: StatementCounter;
}

/** Somebody who is called. */
interface Walked {
  readonly contactId: string;
  readonly handle: WorkflowHandle;
}

async function walk({ place, counter }: Means, story: Story): Promise<CallCost> {
  const { world } = place;
  const { app, system, owner, accountId, poolId, taskQueue, temporal } = world;
  // A second person keeps the batch open: closing the last contact of a batch is the batch's cost.
  const debts = [{ pesos: 100_000, dueDate: '2026-11-02' }];
  const calls = callsOf[story];
  const called = Array.from({ length: calls }, () => ({ phones: [phoneEnding(endings[story])], debts }));
  const people = [...called, {}];
  const batch = await createLiveBatch(world, accountId, people, twoWaves);
  await storeNegotiationOf(world, batch.batchId, 'collection-standard');
  const contacts: Walked[] = [];
  for (const [index, { contactId }] of batch.contacts.slice(0, calls).entries()) {
    const handle = await startContact(world, temporal.client, batch, accountId, index);
    contacts.push({ contactId, handle });
  }
  const all = (holds: (one: Walked) => Promise<boolean>): Promise<boolean> =>
    Promise.all(contacts.map(holds)).then((each) => each.every(Boolean));
  await until('everybody has asked for their line', () =>
    all(({ handle, contactId }) => isQuiet(place, handle, contactId, 1)),
  );
  const eventsBefore = await historiesOf(contacts);
  const before = await readWritten(owner);
  counter.take();

  const { granted } = await counter.within('grant', () => dispatchAndNotify(system, poolId));
  if (granted.length !== calls) throw new Error(`${granted.length} lines were granted, and not ${calls}`);
  const logger = pino({ level: 'silent' });
  const relay = (): Promise<number> =>
    counter.within('relay', () => relayOnce({ app, system, client: temporal.client, taskQueue, logger }));
  if ((await relay()) !== calls) throw new Error('the grants were not the only messages to be sent');
  const events = calls * eventsOf[story];
  await until('the provider has told the whole calls', async () => place.held().length === events);
  await until('the dials are over', () => all(({ handle }) => isIdle(handle)));
  await place.release();
  if ((await relay()) !== calls)
    throw new Error('the ends of the calls were not the only messages to be sent');
  await until(
    'everybody has taken their next step',
    async () => counter.has('turn', calls) && (await all(({ handle }) => isIdle(handle))),
  );
  const seen = counter.take();
  const after = await readWritten(owner);
  const eventsAfter = await historiesOf(contacts);
  for (const { handle } of contacts) await handle.terminate('the call was counted').catch(() => undefined);
  // A contact that would be called again minutes later must not be granted a line of a later walk.
  const walked = contacts.map(({ contactId }) => contactId);
  await owner
    .updateTable('core.line_request')
    .set({ state: 'withdrawn' })
    .where('contact_id', 'in', walked)
    .where('state', '=', 'waiting')
    .execute();
  return {
    ...countsOf(seen),
    rows: rowsBetween(before, after),
    walBytes: await walBetween(owner, before, after),
    activations: eventsAfter.activations - eventsBefore.activations,
    historyEvents: eventsAfter.events - eventsBefore.events,
    seen,
  };
}

/** No task and no activity of the workflow is under way: it waits for a message or an instant. */
async function isIdle(handle: WorkflowHandle): Promise<boolean> {
  const { raw } = await handle.describe();
  const isDue = (raw.pendingActivities ?? []).length > 0;
  return !isDue && (raw.pendingWorkflowTask ?? null) === null;
}

async function isQuiet({ world }: Place, handle: WorkflowHandle, contactId: string, requests: number) {
  const rows = await world.owner
    .selectFrom('core.line_request')
    .select('id')
    .where('contact_id', '=', contactId)
    .execute();
  return rows.length === requests && (await isIdle(handle));
}

async function historiesOf(
  contacts: readonly Walked[],
): Promise<{ readonly events: number; readonly activations: number }> {
  const each = await Promise.all(contacts.map(({ handle }) => historyOf(handle)));
  return {
    events: each.reduce((sum, { events }) => sum + events, 0),
    activations: each.reduce((sum, { activations }) => sum + activations, 0),
  };
}

const { EventType } = proto.temporal.api.enums.v1;

async function historyOf(
  handle: WorkflowHandle,
): Promise<{ readonly events: number; readonly activations: number }> {
  await until('the workflow is idle', () => isIdle(handle));
  const { events } = await handle.fetchHistory();
  const all = events ?? [];
  const tasks = all.filter(({ eventType }) => eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
  return { events: all.length, activations: tasks.length };
}
