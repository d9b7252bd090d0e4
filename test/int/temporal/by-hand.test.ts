import { afterAll, beforeAll, expect, it } from 'vitest';
import { inspect } from 'node:util';
import { pino } from 'pino';
import { runAudit } from '../../../audit/run.ts';
import { inAccount } from '../../../db/client.ts';
import { changeBatch } from '../../../domain/batches/batches.ts';
import { readBatchRun } from '../../../domain/batches/queries.ts';
import { startBatch } from '../../../domain/batches/start-batch.ts';
import { changeContact } from '../../../domain/contacts/contacts.ts';
import { retryContact } from '../../../domain/contacts/retry-contact.ts';
import { batchWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { OperationRefused } from '../../../domain/shared/refused.ts';
import { type HealedRuns, sweepLostRuns } from '../../../relay/lost-runs.ts';
import { viewQuery } from '../../../workflows/contact/contract.ts';
import { attemptsOf, breaches } from '../../support/live-truth.ts';
import { callOne, type Called, createLiveWorld, type LiveWorld, until } from '../../support/live-world.ts';

let live: LiveWorld;
beforeAll(async () => {
  live = await createLiveWorld({ capacity: 5 });
});
afterAll(() => live.close());

const beganMs = Date.now();

/** Until the server's list, which may lag, has what is looked for. */
async function sweepUntil(what: string, found: (healed: HealedRuns) => boolean): Promise<void> {
  const { app, system, temporal } = live.world;
  const deps = { app, system, client: temporal.client, logger: pino({ level: 'silent' }) };
  await until(what, async () => found(await sweepLostRuns(deps, beganMs)));
}

const begunAnew = (): Promise<void> => sweepUntil('a run begins anew', (healed) => healed.begunAnew > 0);

async function noLines(): Promise<() => Promise<void>> {
  const { owner, poolId } = live.world;
  const set = (capacity: number) =>
    owner.updateTable('core.line_pool').set({ capacity }).where('pool_id', '=', poolId).execute();
  await set(0);
  return async () => void (await set(5));
}

const rowOf = ({ contactId }: Called) =>
  live.world.owner
    .selectFrom('core.contact')
    .select(['state', 'outcome', 'run'])
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow();

const untilState = (called: Called, state: string): Promise<boolean> =>
  until(`the state ${state}`, async () => (await rowOf(called)).state === state);

const change = (called: Called, action: 'pause' | 'resume' | 'cancel') =>
  changeContact(
    { app: live.world.app, temporal: live.world.temporal.client },
    { accountId: called.accountId, actor: 'test' },
    { contactId: called.contactId, action, reason: 'prueba' },
  );

const retry = (called: Called) =>
  inAccount(live.world.app, called.accountId, (trx) =>
    retryContact(
      trx,
      { accountId: called.accountId, actor: 'test' },
      { contactId: called.contactId, reason: 'prueba' },
    ),
  );

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof OperationRefused ? error.code : inspect(error)),
  );

const reasonsOf = async ({ contactId }: Called): Promise<readonly unknown[]> => {
  const rows = await live.world.owner
    .selectFrom('operation.audit')
    .select('detail')
    .where('subject', '=', contactId)
    .where('action', '=', 'contact.retried')
    .orderBy('id')
    .execute();
  return rows.map(({ detail }) => detail?.['reason']);
};

/** As the button "Reset" of the Temporal UI: to the first task. */
async function reset(called: Called): Promise<void> {
  const { client } = live.world.temporal;
  const { workflowId } = called.handle;
  // Its row is written inside of the task: that has ended a moment later.
  const finished = await until('its first task', async () =>
    (await called.handle.fetchHistory()).events?.find(
      ({ workflowTaskCompletedEventAttributes: task }) => task !== undefined && task !== null,
    ),
  );
  const { runId } = await called.handle.describe();
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'by hand',
    requestId: `reset-${called.contactId}-${Date.now()}`,
    workflowTaskFinishEventId: finished.eventId ?? null,
  });
}

/** Places in the queue, and lines. */
async function openTurns({ contactId }: Called): Promise<number> {
  const rows = await live.world.owner
    .selectFrom('core.line_request as r')
    .leftJoin('core.line_lease as l', 'l.request_id', 'r.id')
    .select('r.id')
    .where('r.contact_id', '=', contactId)
    .where((eb) =>
      eb.or([
        eb('r.state', 'in', ['waiting', 'suspended']),
        eb.and([eb('l.id', 'is not', null), eb('l.released_at', 'is', null)]),
      ]),
    )
    .execute();
  return rows.length;
}

async function isClean(): Promise<void> {
  expect(await breaches(live)).toEqual([]);
  const report = await runAudit({ databaseUrl: live.world.url });
  expect(report.invariants.filter(({ breaches: found }) => found.length > 0)).toEqual([]);
}

it('"Request Cancellation" on a contact that waits, and on one in a call, closes the row and gives back what it held', async () => {
  const giveBack = await noLines();
  const waits = await callOne(live);
  await untilState(waits, 'waiting');
  await waits.handle.cancel();
  expect(await waits.handle.result()).toMatchObject({ outcome: 'cancelled', attempts: 0 });
  await giveBack();
  const talks = await callOne(live);
  await untilState(talks, 'calling');
  await talks.handle.cancel();
  // A call that runs is let end, and what was said in it counts.
  const said = await talks.handle.result();
  expect(said.attempts).toBe(1);
  for (const called of [waits, talks]) {
    const outcome = called === talks ? said.outcome : 'cancelled';
    expect(await rowOf(called)).toMatchObject({ state: 'closed', outcome });
    expect(await openTurns(called)).toBe(0);
    for (const action of ['pause', 'resume', 'cancel'] as const)
      expect(await codeOf(change(called, action))).toBe('contact_closed');
    expect(await codeOf(retry(called))).toBe('done');
    await until(
      'the further run',
      async () => (await rowOf(called)).state !== 'waiting' || (await rowOf(called)).run === 2,
    );
    await codeOf(change(called, 'cancel'));
    await untilState(called, 'closed');
  }
  await isClean();
});

it('a contact that was terminated while it waited begins anew, is called, and says why', async () => {
  const giveBack = await noLines();
  const called = await callOne(live);
  await untilState(called, 'waiting');
  await called.handle.terminate('by hand');
  await begunAnew();
  expect(await reasonsOf(called)).toEqual(['its workflow was terminated']);
  await giveBack();
  await untilState(called, 'closed');
  expect(await rowOf(called)).toEqual({ state: 'closed', outcome: 'promise', run: 2 });
  expect(await attemptsOf(live, called.contactId)).toHaveLength(1);
  await isClean();
});

it('a contact that was terminated in its call waits, paused, for a person, who goes on with it or cancels it', async () => {
  const called = await callOne(live);
  await untilState(called, 'calling');
  await called.handle.terminate('by hand');
  await begunAnew();
  await untilState(called, 'paused');
  await until('the call has ended', async () => (await openTurns(called)) === 0);
  expect(await codeOf(change(called, 'cancel'))).toBe('done');
  expect(await rowOf(called)).toMatchObject({ state: 'closed', outcome: 'cancelled', run: 2 });
  expect(await attemptsOf(live, called.contactId)).toHaveLength(1);
  await isClean();
});

it('a contact that was reset begins anew in a further run: what lived again knew nothing of what came after', async () => {
  const giveBack = await noLines();
  const called = await callOne(live);
  await untilState(called, 'waiting');
  await reset(called);
  await begunAnew();
  expect(await reasonsOf(called)).toEqual(['its workflow was reset']);
  await giveBack();
  await untilState(called, 'closed');
  expect(await rowOf(called)).toMatchObject({ outcome: 'promise', run: 2 });
  await isClean();
});

it('a contact that was reset after its end does not live beside its closed row, and a retry goes on', async () => {
  const giveBack = await noLines();
  const called = await callOne(live);
  await untilState(called, 'waiting');
  expect(await codeOf(change(called, 'pause'))).toBe('done');
  await untilState(called, 'paused');
  expect(await codeOf(change(called, 'cancel'))).toBe('done');
  await called.handle.result();
  await reset(called);
  await sweepUntil('what was reset has ended', (healed) => healed.ended > 0);
  expect(await rowOf(called)).toMatchObject({ state: 'closed', outcome: 'cancelled', run: 1 });
  expect(await codeOf(retry(called))).toBe('done');
  const { client } = live.world.temporal;
  await until('the retry lives', async () => {
    const { memo, status } = await client.workflow.getHandle(called.handle.workflowId).describe();
    return memo?.['run'] === 2 && status.name === 'RUNNING';
  });
  await until(
    'it answers',
    async () =>
      (await client.workflow.getHandle(called.handle.workflowId).query(viewQuery)).state === 'waiting',
  );
  expect(await codeOf(change(called, 'cancel'))).toBe('done');
  await giveBack();
  await isClean();
});

it('a batch that was terminated goes on, and one that is cancelled in the Temporal UI is cancelled', async () => {
  const giveBack = await noLines();
  const called = await callOne(live);
  await untilState(called, 'waiting');
  const { client } = live.world.temporal;
  const batch = await readBatchRun(live.world.owner, called.batch.batchId);
  if (batch === undefined) throw new Error('the batch is gone');
  await startBatch({ client, taskQueue: live.world.taskQueue }, batch);
  const handle = client.workflow.getHandle(batchWorkflowId(batch));
  await handle.terminate('by hand');
  await begunAnew();
  await until('the batch lives', async () => (await handle.describe()).status.name === 'RUNNING');
  await handle.cancel();
  expect(await handle.result()).toEqual({ state: 'cancelled' });
  await untilState(called, 'closed');
  expect(await rowOf(called)).toMatchObject({ outcome: 'cancelled' });
  await giveBack();
  await isClean();
});

it('a list of the Temporal UI finds contacts by how they ended, and none that has ended among those that wait', async () => {
  const called = await callOne(live);
  await called.handle.result();
  const { workflow } = live.world.temporal.client;
  const mine = `WorkflowId = '${called.handle.workflowId}'`;
  const counted = async (query: string): Promise<number> =>
    (await workflow.count(`${mine} AND ${query}`)).count;
  await until('the list', async () => (await counted(`TandasOutcome = 'promise'`)) === 1);
  expect(await counted(`TandasState = 'closed'`)).toBe(1);
  expect(await counted(`TandasState = 'waiting'`)).toBe(0);
});

it('a paused batch shows on its contacts in the Temporal UI, and no longer when it goes on', async () => {
  const giveBack = await noLines();
  const called = await callOne(live);
  await untilState(called, 'waiting');
  const { app } = live.world;
  const { accountId } = called;
  const batch = (action: 'pause' | 'resume' | 'cancel') =>
    inAccount(app, accountId, (trx) =>
      changeBatch(
        trx,
        { accountId, actor: 'test' },
        { batchId: called.batch.batchId, action, reason: 'prueba' },
      ),
    );
  const words = async (): Promise<string> => (await called.handle.query(viewQuery)).waitingFor;
  // Its wave opens a moment after it has asked: before that it is to be called, and waits for no line.
  await until('it waits for a line', async () => (await words()).startsWith('Espera línea'));
  await batch('pause');
  await until('the pause is told', async () =>
    (await words()).startsWith('Su lote está en pausa · Espera línea'),
  );
  await batch('resume');
  await until('the end of the pause is told', async () => (await words()).startsWith('Espera línea'));
  await batch('cancel');
  await untilState(called, 'closed');
  await giveBack();
});
