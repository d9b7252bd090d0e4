import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { DateTime } from 'luxon';
import { type Database, databaseNow, inAccount, type Trx } from '../../db/client.ts';
import { writeAudit } from '../../domain/shared/queries-audit.ts';
import {
  batchProgress,
  finishBatch,
  lockBatch,
  openPlanned,
  readBatch,
} from '../../domain/batches/queries.ts';
import { changeBatch } from '../../domain/batches/batches.ts';
import { takeNextPeople } from '../../domain/batches/take-people.ts';
import { type ContactRun, openRuns } from '../../domain/contacts/queries-runs.ts';
import { restartContact } from '../../domain/contacts/restart-contact.ts';
import { startContact } from '../../domain/contacts/start-contact.ts';
import { writeOutbox } from '../../domain/shared/queries-outbox.ts';
import type { BatchActivities, FilledGroup } from './types.ts';

export interface BatchDeps {
  readonly app: Database;
  readonly client: Client;
}

/** Contacts started at once: enough to hide a round trip, few enough not to starve the server. */
const startsInFlight = 20;
const pageSize = 500;
/** Places are given before the first wave, at this local hour. */
const morningHour = 7;

export function createBatchActivities(deps: BatchDeps): BatchActivities {
  return {
    async fillGroup({ accountId, batchId }) {
      const batch = await inAccount(deps.app, accountId, (trx) => readBatch(trx, batchId));
      if (batch.state === 'finished') {
        return { state: batch.state, nextMorningAtMs: null, words: wordsOfEnd(batch.state) };
      }
      const end = new AbortController();
      const taking = takeAndOpen(deps, accountId, batchId, end.signal);
      try {
        // Also those that an earlier run opened and did not come to start; of a cancelled batch they close by themselves.
        await startOpened(deps, accountId, batchId, taking);
      } finally {
        // Nothing of this try goes on beside the next one.
        end.abort();
        await taking.catch(() => undefined);
      }
      return inAccount(deps.app, accountId, (trx) => conclude(trx, accountId, batchId, batch.zone));
    },

    async cancelBatch({ accountId, batchId }) {
      await inAccount(deps.app, accountId, async (trx) => {
        const state = (await lockBatch(trx, batchId))?.state;
        if (state === undefined || state === 'finished' || state === 'cancelled') return;
        const caller = { accountId, actor: 'batch workflow' };
        await changeBatch(trx, caller, { batchId, action: 'cancel', reason: 'its workflow was cancelled' });
      });
    },
  };
}

/**
 * Takes the batch's people portion by portion and gives today's places: the first ones are called while the last ones are still on
 * their way. Ends at once when nobody is left to take and the group is full.
 */
async function takeAndOpen(
  { app }: BatchDeps,
  accountId: string,
  batchId: string,
  signal: AbortSignal,
): Promise<void> {
  let mayOpen = true;
  for (;;) {
    if (mayOpen) mayOpen = await openPlaces(app, accountId, batchId);
    if (signal.aborted || !(await inAccount(app, accountId, (trx) => takeNextPeople(trx, batchId)))) break;
  }
  if (mayOpen && !signal.aborted) await openPlaces(app, accountId, batchId);
}

/** False: the batch does not run, or its places of today are taken. */
async function openPlaces(app: Database, accountId: string, batchId: string): Promise<boolean> {
  return inAccount(app, accountId, async (trx) => {
    const { state, zone, group_size: groupSize } = await readBatch(trx, batchId);
    if (state !== 'running') return false;
    const now = await databaseNow(trx);
    const { isFull } = await openPlanned(trx, batchId, {
      dayStart: localMidnight(zone, now),
      groupSize,
      now,
    });
    return !isFull;
  });
}

/** A look at those that have been opened meanwhile. */
const lookEveryMs = 200;

/**
 * Pages through opened contacts whose workflow may not have been started, until nobody is opened any more; starting one twice is
 * harmless. A worker that dies on the way leaves its place in its heartbeat: of a group of a hundred thousand the next one starts
 * those that are left.
 */
async function startOpened(
  deps: BatchDeps,
  accountId: string,
  batchId: string,
  taking: Promise<void>,
): Promise<void> {
  const context = Context.current();
  const place: unknown = context.info.heartbeatDetails;
  let after = typeof place === 'number' ? place : -1;
  let isOpening = true;
  const opening = taking.finally(() => {
    isOpening = false;
  });
  // Its error is this function's own; until then nobody waits for it.
  opening.catch(() => undefined);
  for (;;) {
    // Before the look: who is opened after it is found by the next one.
    const mayBeMore = isOpening;
    const page = await inAccount(deps.app, accountId, (trx) => openRuns(trx, batchId, after, pageSize));
    for (let index = 0; index < page.length; index += startsInFlight) {
      const slice = page.slice(index, index + startsInFlight);
      await Promise.all(slice.map((contact) => start(deps, contact)));
      after = slice.at(-1)?.number ?? after;
      // Only of those that are started: a place ahead of them would leave them out for good.
      context.heartbeat(after);
    }
    if (page.length > 0) continue;
    if (!mayBeMore) return opening;
    context.heartbeat(after);
    await Promise.race([opening, sleep(lookEveryMs)]);
  }
}

async function start({ app, client }: BatchDeps, contact: ContactRun): Promise<void> {
  // Where this activity runs, a worker can run contacts too.
  const { taskQueue } = Context.current().info;
  if ((await startContact({ client, taskQueue }, contact)) !== 'ended') return;
  const why = { actor: 'batch workflow', reason: 'its workflow was gone' };
  await inAccount(app, contact.accountId, async (trx) => {
    if ((await restartContact(trx, contact, why)) === undefined) return;
    const { accountId, contactId } = contact;
    await writeOutbox(trx, [{ accountId, to: { contactId }, kind: 'start' }]);
  });
}

async function conclude(trx: Trx, accountId: string, batchId: string, zone: string): Promise<FilledGroup> {
  // A retry that opens a contact in this instant waits here, and then sees the end, or is seen.
  const batch = await lockBatch(trx, batchId);
  if (batch === undefined) throw new Error(`batch ${batchId} is not one of this account`);
  const { state } = batch;
  const { toCome, planned, open, closed } = await batchProgress(trx, batchId);
  if (state === 'cancelled') return { state, nextMorningAtMs: null, words: wordsOfEnd(state) };
  if (toCome === 0 && planned === 0 && open === 0) {
    if (await finishBatch(trx, batchId)) {
      await writeAudit(trx, {
        accountId,
        actor: 'batch workflow',
        action: 'batch.finished',
        subject: batchId,
      });
    }
    return { state: 'finished', nextMorningAtMs: null, words: wordsOfEnd('finished') };
  }
  const now = await databaseNow(trx);
  // With its moment: these words stand in the Temporal UI until the group changes, and nobody counts in between.
  const at = DateTime.fromJSDate(now, { zone }).toFormat('dd-MM HH:mm');
  const words = `${open} en gestión, ${planned + toCome} por llamar, ${closed} cerrados (${at})`;
  if (state === 'paused') return { state, nextMorningAtMs: null, words: `En pausa · ${words}` };
  const nextMorningAtMs = planned === 0 ? null : nextMorning(zone, now).getTime();
  return { state: 'running', nextMorningAtMs, words };
}

function wordsOfEnd(state: 'cancelled' | 'finished'): string {
  return state === 'finished' ? 'Terminado: todos los contactos están cerrados' : 'Cancelado';
}

function localMidnight(zone: string, at: Date): Date {
  return DateTime.fromJSDate(at, { zone }).startOf('day').toJSDate();
}

function nextMorning(zone: string, at: Date): Date {
  const today = DateTime.fromJSDate(at, { zone }).set({
    hour: morningHour,
    minute: 0,
    second: 0,
    millisecond: 0,
  });
  return (today.toMillis() > at.getTime() ? today : today.plus({ days: 1 })).toJSDate();
}
