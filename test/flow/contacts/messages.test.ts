import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import {
  batchCancelledSignal,
  cancelUpdate,
  pauseUpdate,
  resumeUpdate,
  viewQuery,
} from '../../../workflows/contact/contract.ts';
import type { contact } from '../../../workflows/contact/workflow.ts';
import { createDebtor, type Debtor } from '../../support/debtors.ts';
import { replayExecution, workflowBundle } from '../../support/temporal.ts';
import {
  bundlePath,
  createBatch,
  createWorld,
  finished,
  startContact,
  withWorker,
  type World,
} from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

type Handle = WorkflowHandle<typeof contact>;
const because = { args: [{ reason: 'prueba' }] as [{ reason: string }] };

/** A contact in real time, months before its first wave: it waits for whatever it is told. */
async function waitingContact(): Promise<{ readonly debtor: Debtor; readonly handle: Handle }> {
  const debtor = await createDebtor(world);
  const handle = await startContact(world, world.temporal.client, debtor.batch, debtor.accountId);
  await withWorker(world, {}, () =>
    expect.poll(async () => (await handle.query(viewQuery)).state, { timeout: 30_000 }).toBe('waiting'),
  );
  return { debtor, handle };
}

/** 'taken', or why not. */
async function answerTo(update: Promise<unknown>): Promise<string> {
  try {
    await update;
    return 'taken';
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    return error.cause?.message ?? 'failed';
  }
}

async function rowOf({ accountId, batch }: Debtor) {
  const contactId = batch.contacts[0]?.contactId ?? '';
  return inAccount(world.app, accountId, async (trx) => ({
    contact: await trx
      .selectFrom('core.contact')
      .select(['state', 'outcome'])
      .where('id', '=', contactId)
      .executeTakeFirstOrThrow(),
    refused: await trx
      .selectFrom('operation.audit')
      .select('detail')
      .where('subject', '=', contactId)
      .where('action', '=', 'message.refused')
      .orderBy('id')
      .execute(),
    wishes: await trx
      .selectFrom('operation.reschedule_request')
      .select(['result', 'rule', 'source'])
      .where('contact_id', '=', contactId)
      .execute(),
    events: await trx.selectFrom('operation.event').select('type').where('subject', '=', contactId).execute(),
  }));
}

describe('messages that stand behind the end of a contact', () => {
  it('are answered: cancelled twice and paused in one moment', async () => {
    const { debtor, handle } = await waitingContact();
    // No worker: they are all in one task when there is one again.
    const answers = [cancelUpdate, cancelUpdate, pauseUpdate].map((update) =>
      answerTo(handle.executeUpdate(update, because)),
    );
    await withWorker(world, {}, async () => {
      const told = await Promise.all(answers);
      expect(told).toContain('taken');
      // Two of them would close it: one of the two is behind the end.
      expect(told.filter((answer) => answer.includes('cerrado')).length).toBeGreaterThan(0);
      expect(await finished(handle)).toMatchObject({ outcome: 'cancelled', attempts: 0 });
    });
    expect((await rowOf(debtor)).contact).toEqual({ state: 'closed', outcome: 'cancelled' });
  });

  it('are answered: its batch is cancelled and it is paused in one moment', async () => {
    const { handle } = await waitingContact();
    const answer = answerTo(handle.executeUpdate(pauseUpdate, because));
    await handle.signal(batchCancelledSignal, {});
    await withWorker(world, {}, async () => {
      expect(await answer).toMatch(/taken|cerrado/);
      expect(await finished(handle)).toMatchObject({ outcome: 'cancelled' });
    });
  });
});

it('"Request Cancellation" in the Temporal UI closes the contact and its row', async () => {
  const { debtor, handle } = await waitingContact();
  await handle.cancel();
  await withWorker(world, {}, async () => {
    expect(await finished(handle)).toMatchObject({ outcome: 'cancelled' });
  });
  expect((await rowOf(debtor)).contact).toEqual({ state: 'closed', outcome: 'cancelled' });
});

describe('a wish of an outside system', () => {
  const bad: Readonly<Record<string, unknown>> = {
    null: null,
    'a number': 7,
    'nothing but an id': { requestId: 'crm-4713' },
    'no id': { wish: { date: '2027-03-10', time: '10:00' } },
    'a date that is a number': { requestId: 'crm-4712', wish: { date: 20270310, time: '10:00' } },
    'a time with a NUL': { requestId: 'crm-4714', wish: { date: '2027-03-10', time: '10:00\u0000' } },
  };

  it('that cannot be read is refused with a row, and the contact takes the next message', async () => {
    const { debtor, handle } = await waitingContact();
    // Of a rehearsal nobody is told: an account that has events.
    await world.owner
      .updateTable('catalogue.account')
      .set({ kind: 'customer' })
      .where('id', '=', debtor.accountId)
      .execute();
    await withWorker(world, {}, async () => {
      for (const payload of Object.values(bad)) await handle.signal('rescheduleWished', payload);
      // Seen to go on: on the code before, it was stopped here for ever.
      expect(await handle.executeUpdate(pauseUpdate, because)).toMatchObject({ state: 'paused' });
      await handle.executeUpdate(resumeUpdate, because);
      const { refused, wishes, events } = await rowOf(debtor);
      expect(refused.map(({ detail }) => detail)).toMatchObject(
        Object.keys(bad).map(() => ({ kind: 'signal', name: 'rescheduleWished' })),
      );
      for (const { detail } of refused) expect(JSON.stringify(detail)).not.toMatch(/2027|10:00/);
      // Each is a wish that was refused, also for who asked: a signal has no answer.
      expect(wishes).toEqual(
        Object.keys(bad).map(() => ({ result: 'refused', rule: 'not_understood', source: 'signal' })),
      );
      expect(events).toEqual(Object.keys(bad).map(() => ({ type: 'reschedule.refused' })));
      await handle.executeUpdate(cancelUpdate, because);
      await finished(handle);
    });
  });

  it('with a null beside a good day and time is read: null is "not told"', async () => {
    const { debtor, handle } = await waitingContact();
    const wish = { date: '2027-03-10', time: '10:00', at: null };
    await withWorker(world, {}, async () => {
      await handle.signal('rescheduleWished', { requestId: 'crm-4711', wish });
      await handle.executeUpdate(cancelUpdate, because);
      await finished(handle);
    });
    const { refused, wishes } = await rowOf(debtor);
    expect(refused).toEqual([]);
    expect(wishes).toMatchObject([{ source: 'signal' }]);
  });
});

it('a contact that is told more than one history can hold starts it afresh, and is the same contact', async () => {
  const batch = await createBatch(world, { accountId: world.accountId, people: [{}], mode: 'live' });
  const handle = await startContact(world, world.temporal.client, batch, world.accountId);
  await withWorker(world, {}, async () => {
    const { runId } = await handle.describe();
    // Ten events each: 2,000 are the budget, and 2,000 updates are what the server takes of one run.
    const lap = async (): Promise<void> => {
      await handle.executeUpdate(pauseUpdate, because);
      await handle.executeUpdate(resumeUpdate, because);
    };
    for (let laps = 0; laps < 200 && (await handle.describe()).runId === runId; laps += 10) {
      for (let index = 0; index < 10; index += 1) await lap();
    }
    expect((await handle.describe()).runId).not.toBe(runId);
    expect(await handle.executeUpdate(pauseUpdate, because)).toMatchObject({ state: 'paused', attempts: 0 });
    await handle.executeUpdate(cancelUpdate, because);
    expect(await finished(handle)).toMatchObject({ outcome: 'cancelled' });
    await replayExecution(
      world.temporal.client.workflow.getHandle(handle.workflowId, runId),
      await workflowBundle(bundlePath),
    );
  });
}, 240_000);
