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

export type Story = 'unanswered' | 'answered';

/** What one call has cost, from the grant of its line until its contact waits for the next one or has closed. */
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
const endings: Readonly<Record<Story, string>> = { answered: '09', unanswered: '01' };
const eventsOf: Readonly<Record<Story, number>> = { answered: 3, unanswered: 2 };
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

async function walk({ place, counter }: Means, story: Story): Promise<CallCost> {
  const { world } = place;
  const { app, system, owner, accountId, poolId, taskQueue, temporal } = world;
  // A second person keeps the batch open: closing the last contact of a batch is the batch's cost.
  const debts = [{ pesos: 100_000, dueDate: '2026-11-02' }];
  const people = [{ phones: [phoneEnding(endings[story])], debts }, {}];
  const batch = await createLiveBatch(world, accountId, people, twoWaves);
  await storeNegotiationOf(world, batch.batchId, 'collection-standard');
  const contactId = batch.contacts[0]?.contactId ?? '';
  const handle = await startContact(world, temporal.client, batch, accountId);
  await until('the contact has asked for its line', () => isQuiet(place, handle, contactId, 1));
  const eventsBefore = await historyOf(handle);
  const before = await readWritten(owner);
  counter.take();

  const { granted } = await counter.within('grant', () => dispatchAndNotify(system, poolId));
  if (granted.length !== 1) throw new Error(`${granted.length} lines were granted, and not one`);
  const logger = pino({ level: 'silent' });
  const relay = (): Promise<number> =>
    counter.within('relay', () => relayOnce({ app, system, client: temporal.client, taskQueue, logger }));
  if ((await relay()) !== 1) throw new Error('the grant was not the one message to be sent');
  await until('the provider has told the whole call', async () => place.held().length === eventsOf[story]);
  await until('the dial is over', () => isIdle(handle));
  await place.release();
  if ((await relay()) !== 1) throw new Error("the call's end was not the one message to be sent");
  await until(
    'the contact has taken its next step',
    async () => counter.has('turn') && (await isIdle(handle)),
  );
  const seen = counter.take();
  const after = await readWritten(owner);
  const eventsAfter = await historyOf(handle);
  await handle.terminate('the call was counted').catch(() => undefined);
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
