import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { publicHolidays } from '../../../domain/policy/rules/holidays.ts';
import { readBatchRun } from '../../../domain/batches/queries.ts';
import { batchWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { type ApiWorld, ask, createApiWorld, type Reply, uploadDebtors } from '../../support/api.ts';
import { relayAll } from '../../support/debtors.ts';
import { contactIdOf, createBatch, type NewBatch, withRelay, withWorker } from '../../support/world.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const zone = 'America/Santiago';
const reason = 'prueba';

interface Open {
  readonly batchId: string;
  readonly contactId: string;
  readonly personId: string;
}

/** A live contact of the first customer, with its row only. */
async function newContact(batch: Partial<NewBatch> = {}): Promise<Open> {
  const { accountId } = api.one;
  const now = new Date();
  const made = await createBatch(api.world, {
    accountId,
    mode: 'live',
    people: [{}],
    openedAt: now,
    ...batch,
  });
  const [contact] = made.contacts;
  if (contact === undefined) throw new Error('the batch has no contact');
  return { batchId: made.batchId, ...contact };
}

/** The same with its workflow, which waits for a line that nobody gives. */
async function runningContact(batch: Partial<NewBatch> = {}): Promise<Open> {
  const open = await newContact(batch);
  const { batchId, contactId } = open;
  const { accountId } = api.one;
  await api.world.temporal.client.workflow.start('contact', {
    workflowId: await contactIdOf(api.world, contactId),
    taskQueue: api.world.taskQueue,
    args: [{ accountId, batchId, contactId, run: 1, mode: 'live' }],
  });
  return open;
}

const post = (contactId: string, action: string, json: unknown, key?: string): Promise<Reply> =>
  ask(api.app, 'POST', `/api/v1/contacts/${contactId}/${action}`, {
    as: api.one,
    json,
    ...(key === undefined ? {} : { key }),
  });

const get = (contactId: string): Promise<Reply> =>
  ask(api.app, 'GET', `/api/v1/contacts/${contactId}`, { as: api.one });

/** The next local day from tomorrow on that is the weekday (1 Monday) and no holiday, at an hour. */
function nextLocal(weekday: number, hour: number): DateTime {
  let day = DateTime.now()
    .setZone(zone)
    .plus({ days: 1 })
    .set({ hour, minute: 0, second: 0, millisecond: 0 });
  const isHoliday = (): boolean => publicHolidays('CL', day.year).has(day.toISODate() ?? '');
  while (day.weekday !== weekday || isHoliday()) day = day.plus({ days: 1 });
  return day;
}

const closeRow = (contactId: string, outcome: string): Promise<unknown> =>
  inAccount(api.world.app, api.one.accountId, (trx) =>
    trx
      .updateTable('core.contact')
      .set({ state: 'closed', outcome, closed_at: new Date() })
      .where('id', '=', contactId)
      .execute(),
  );

const lastErrorOf = async (contactId: string): Promise<string> => {
  const rows = await api.world.owner
    .selectFrom('operation.outbox')
    .select('last_error')
    .where('contact_id', '=', contactId)
    .where('delivered_at', 'is', null)
    .execute();
  return rows.map(({ last_error }) => last_error ?? '').join();
};

describe('POST /api/v1/contacts/{id}/reschedule', () => {
  it('200: the workflow takes the agreed instant, and says so in its live view', async () => {
    await withWorker(api.world, {}, async () => {
      const { contactId } = await runningContact();
      const at = nextLocal(2, 11);
      const reply = await withRelay(api.world, () =>
        post(contactId, 'reschedule', { at: at.toFormat("yyyy-MM-dd'T'HH:mm"), reason }),
      );
      expect(reply, JSON.stringify(reply.body)).toMatchObject({ status: 200, body: { state: 'waiting' } });
      expect(reply.body['waiting_for']).toContain('llamada acordada para las 11:00 del ');
      const { body } = await get(contactId);
      expect(body['live']).toMatchObject({ state: 'waiting', waiting_for: reply.body['waiting_for'] });
      expect(JSON.stringify(body['history'])).toContain('contact.reschedule_requested');
      expect((await post(contactId, 'cancel', { reason })).status).toBe(200);
    });
  });

  it('200 while Temporal is away: what was agreed is on record, and reaches the contact in the order of the wishes', async () => {
    const { contactId } = await newContact();
    const wishes = [nextLocal(2, 11), nextLocal(3, 12)];
    for (const at of wishes) {
      const reply = await post(contactId, 'reschedule', { at: at.toISO(), reason });
      expect(reply).toMatchObject({ status: 200, body: { state: 'waiting', next_at: at.toUTC().toISO() } });
    }
    // Nobody had started it, and no relay ran: it is started with both, the older first.
    await relayAll(api.world);
    const handle = api.world.temporal.client.workflow.getHandle(await contactIdOf(api.world, contactId));
    const { events } = await handle.fetchHistory();
    const agreed = (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
      (signal?.input?.payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString()),
    );
    expect(agreed).toHaveLength(2);
    for (const [index, at] of wishes.entries()) expect(agreed[index]).toContain(String(at.toMillis()));
  });

  it('422 on a Sunday, at night, in the past, beyond the horizon, with the rule and the nearest instants', async () => {
    const { contactId } = await newContact();
    const sunday = nextLocal(7, 11);
    const cases = [
      [sunday, 'weekday'],
      [nextLocal(3, 22), 'hours'],
      [DateTime.now().minus({ days: 1 }), 'past'],
      [DateTime.now().plus({ days: 40 }), 'horizon'],
    ] as const;
    for (const [at, rule] of cases) {
      const reply = await post(contactId, 'reschedule', { at: at.toISO(), reason });
      expect(reply, rule).toMatchObject({
        status: 422,
        type: 'application/problem+json',
        body: { rule: `cl-collection-waves@3: ${rule}`, errors: [{ field: 'at' }] },
      });
    }
    const { body } = await post(contactId, 'reschedule', { at: sunday.toISO(), reason });
    const nearest = body['nearest'];
    expect(nearest).toMatchObject({ after: expect.stringMatching(/T08:00:00-0[34]:00$/) });
    const instants = [...JSON.stringify(nearest).matchAll(/\d{4}-\d\d-\d\dT[^"]+/g)].map(([at]) =>
      Date.parse(at),
    );
    expect(instants.length).toBeGreaterThan(0);
    for (const atMs of instants) expect(atMs).toBeGreaterThan(Date.now());
    expect((await post(contactId, 'reschedule', { at: 'tomorrow', reason })).status).toBe(400);
  });

  it('409 for a closed contact, naming /retry; 422 for who wants no calls', async () => {
    const closed = await newContact();
    await closeRow(closed.contactId, 'cancelled');
    const at = nextLocal(2, 11).toISO();
    expect(await post(closed.contactId, 'reschedule', { at, reason })).toMatchObject({
      status: 409,
      body: { retry: `/api/v1/contacts/${closed.contactId}/retry` },
    });
    const silent = await newContact();
    await silence(silent.personId);
    expect(await post(silent.contactId, 'reschedule', { at, reason })).toMatchObject({
      status: 422,
      body: { type: 'urn:tandas:problem:do_not_call' },
    });
  });
});

const silence = (personId: string): Promise<unknown> =>
  inAccount(api.world.app, api.one.accountId, (trx) =>
    trx.updateTable('core.person').set({ do_not_call_at: new Date() }).where('id', '=', personId).execute(),
  );

describe('POST /api/v1/contacts/{id}/pause, resume, cancel, retry', () => {
  it('each is the workflow’s own answer; a retry is a new run and opens the finished batch', async () => {
    await withWorker(api.world, {}, async () => {
      const { contactId, batchId } = await runningContact();
      expect((await post(contactId, 'pause', { reason })).body).toMatchObject({ state: 'paused' });
      expect((await post(contactId, 'resume', { reason })).body).toMatchObject({ state: 'waiting' });
      expect(await post(contactId, 'retry', { reason })).toMatchObject({
        status: 409,
        body: { type: 'urn:tandas:problem:contact_open' },
      });
      const { accountId } = api.one;
      const { app } = api.world;
      expect((await post(contactId, 'cancel', { reason })).body).toMatchObject({ state: 'closed' });
      expect((await post(contactId, 'pause', { reason })).status).toBe(409);
      await inAccount(app, accountId, (trx) =>
        trx.updateTable('core.batch').set({ state: 'finished' }).where('id', '=', batchId).execute(),
      );
      const retries = await Promise.all([1, 2, 3].map(() => post(contactId, 'retry', { reason }, 'retry-1')));
      for (const retry of retries) expect(retry).toMatchObject({ status: 201, body: { run: 2 } });
      const body = await withRelay(api.world, async () => {
        await expect
          .poll(async () => (await get(contactId)).body, { timeout: 20_000 })
          .toMatchObject({ run: 2, outcome: null, live: { state: 'waiting' } });
        return (await get(contactId)).body;
      });
      const batch = await ask(api.app, 'GET', `/api/v1/batches/${batchId}`, { as: api.one });
      expect(batch.body).toMatchObject({ state: 'running', finished_at: null });
      const actions = JSON.stringify(body['history']).match(/contact\.\w+/g);
      expect(actions).toEqual([
        'contact.pause_requested',
        'contact.resume_requested',
        'contact.cancel_requested',
        'contact.closed',
        'contact.retried',
      ]);
      await post(contactId, 'cancel', { reason });
    });
  });

  it('what an operator writes is in the audit row, and in no history: it could never be erased there', async () => {
    const words = 'Juana pide que la llame su hermana';
    await withWorker(api.world, {}, async () => {
      const { contactId } = await runningContact();
      for (const action of ['pause', 'resume', 'cancel'])
        expect((await post(contactId, action, { reason: words })).status).toBe(200);
      const workflowId = await contactIdOf(api.world, contactId);
      const history = await api.world.temporal.client.workflow.getHandle(workflowId).fetchHistory();
      const payloads = payloadsIn(history);
      expect(payloads.join()).toContain('contactId');
      expect(payloads.join()).not.toContain('Juana');
      expect(JSON.stringify((await get(contactId)).body['history'])).toContain(words);
    });
  });

  it('a retry that comes while the run before it still ends is not lost', async () => {
    // Without a worker the old run stays open for as long as the test wants.
    const { contactId } = await runningContact();
    await closeRow(contactId, 'exhausted');
    const workflowId = await contactIdOf(api.world, contactId);
    const handle = api.world.temporal.client.workflow.getHandle(workflowId);
    const old = await handle.describe();
    expect((await post(contactId, 'retry', { reason })).status).toBe(201);
    await withRelay(api.world, async () => {
      await expect.poll(() => lastErrorOf(contactId), { timeout: 30_000 }).toContain('old run has not ended');
      expect((await handle.describe()).runId).toBe(old.runId);
      await handle.terminate('the old run has ended');
      await expect.poll(async () => (await handle.describe()).runId, { timeout: 30_000 }).not.toBe(old.runId);
    });
    const now = await handle.describe();
    expect(now.status.name).toBe('RUNNING');
    expect(now.memo).toEqual({ run: 2 });
  });

  it('retry is 409 in a cancelled or paused batch, and 422 for who wants no calls', async () => {
    for (const state of ['cancelled', 'paused'] as const) {
      const { contactId, batchId } = await newContact();
      await closeRow(contactId, 'exhausted');
      await inAccount(api.world.app, api.one.accountId, (trx) =>
        trx.updateTable('core.batch').set({ state }).where('id', '=', batchId).execute(),
      );
      expect(await post(contactId, 'retry', { reason })).toMatchObject({
        status: 409,
        body: { type: `urn:tandas:problem:batch_${state}` },
      });
    }
    const { contactId, personId } = await newContact();
    await closeRow(contactId, 'do_not_call');
    await silence(personId);
    expect((await post(contactId, 'retry', { reason })).status).toBe(422);
  });

  it('a planned contact is cancelled in its row, and has nothing to pause', async () => {
    const { contactId } = await newContact();
    await inAccount(api.world.app, api.one.accountId, (trx) =>
      trx
        .updateTable('core.contact')
        .set({ state: 'planned', opened_at: null })
        .where('id', '=', contactId)
        .execute(),
    );
    expect(await post(contactId, 'pause', { reason })).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:contact_planned' },
    });
    expect(await post(contactId, 'cancel', { reason })).toMatchObject({
      status: 200,
      body: { state: 'closed' },
    });
    expect((await get(contactId)).body).toMatchObject({ state: 'closed', outcome: 'cancelled' });
  });
});

describe('from a file to the end', () => {
  it('a batch that is cancelled closes every contact through its outbox, and its workflow ends', async () => {
    const { world, one } = api;
    await withWorker(world, {}, async () => {
      const json = {
        import_id: await uploadDebtors(api, 'whole', 4),
        name: 'Entera',
        pack: 'cl-collection-waves',
        group_size: 3,
      };
      const batch = await ask(api.app, 'POST', '/api/v1/batches', { as: one, json });
      const batchId = String(batch.body['id']);
      await relayAll(world);
      const path = `/api/v1/batches/${batchId}`;
      const states = async (): Promise<unknown> =>
        (await ask(api.app, 'GET', path, { as: one })).body['progress'];
      await expect.poll(states, { timeout: 30_000 }).toMatchObject({ by_state: { planned: 1, waiting: 3 } });
      await ask(api.app, 'POST', `${path}/cancel`, { as: one, json: { reason } });
      await expect
        .poll(
          async () => {
            await relayAll(world);
            return states();
          },
          { timeout: 30_000 },
        )
        .toMatchObject({ by_state: { closed: 4 }, by_outcome: { cancelled: 4 } });
      const address = await readBatchRun(world.owner, batchId);
      if (address === undefined) throw new Error('the batch is gone');
      const handle = world.temporal.client.workflow.getHandle(batchWorkflowId(address));
      expect(await handle.result()).toEqual({ state: 'cancelled' });
    });
  });
});

/** Every payload of a history, however deep, as text. */
function payloadsIn(value: unknown): readonly string[] {
  if (value instanceof Uint8Array) return [Buffer.from(value).toString()];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(payloadsIn);
}
