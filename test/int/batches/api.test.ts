import { WorkflowNotFoundError } from '@temporalio/client';
import type { ExpressionBuilder } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import type { Schema } from '../../../db/schema/schema.ts';
import { readBatchJson } from '../../../api/batches/present.ts';
import { readBatchRun } from '../../../domain/batches/queries.ts';
import { freeLine } from '../../../domain/lines/queries-lines.ts';
import { demoPack } from '../../../domain/policy/rules/packs/demo.ts';
import { batchWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import {
  type ApiWorld,
  ask,
  createApiWorld,
  dialOne,
  type Reply,
  textOf,
  uploadDebtors,
} from '../../support/api.ts';
import { relayAll } from '../../support/debtors.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const upload = (seed: string, people = 3): Promise<string> => uploadDebtors(api, seed, people);
const demo = { name: 'Prueba', pack: 'demo', policy: 'demo' };

async function newBatch(seed: string, people = 3): Promise<string> {
  const json = { import_id: await upload(seed, people), ...demo };
  const reply = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return textOf(reply.body, 'id');
}

async function runs(batchId: string): Promise<boolean> {
  const batch = await readBatchRun(api.world.owner, batchId);
  if (batch === undefined) throw new Error(`there is no batch ${batchId}`);
  try {
    const description = await api.world.temporal.client.workflow.getHandle(batchWorkflowId(batch)).describe();
    return description.status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

it('a batch says how many lines its calls hold: whose line is free again is still calling until the outcome is known', async () => {
  const { batch, attemptId } = await dialOne(api.world, api.world.accountId);
  const progress = async (): Promise<unknown> =>
    (await inAccount(api.world.app, api.world.accountId, (trx) => readBatchJson(trx, batch.batchId)))
      .progress;
  expect(await progress()).toMatchObject({ lines_in_use: 1, by_state: { calling: 1 } });
  await inAccount(api.world.app, api.world.accountId, (trx) => freeLine(trx, attemptId, 'call_ended'));
  expect(await progress()).toMatchObject({ lines_in_use: 0, by_state: { calling: 1 } });
});

describe('the budget of a batch', () => {
  const money = (amount: string) => ({ amount, unit: 'USD' });

  it('is named when it is made, changed, lifted, and shown with what is left', async () => {
    const json = { import_id: await upload('budget'), ...demo, budget: { amount: '25.50' } };
    const made = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
    const batchId = textOf(made.body, 'id');
    const read = () => ask(api.app, 'GET', `/api/v1/batches/${batchId}`, { as: api.one });
    const zero = money('0');
    expect((await read()).body).toMatchObject({
      budget: { limit: money('25.5'), spent: zero, held: zero, left: money('25.5') },
    });
    const put = (body: Readonly<Record<string, unknown>>) =>
      ask(api.app, 'PUT', `/api/v1/batches/${batchId}/budget`, { as: api.one, json: body });
    expect(await put({ amount: '1', reason: 'menos' })).toMatchObject({
      status: 200,
      body: { budget: { limit: money('1') } },
    });
    expect(await put({ amount: null, reason: 'sin límite' })).toMatchObject({
      status: 200,
      body: { budget: null },
    });
    for (const amount of ['0', '-1', '1.2345678', 'mucho', '9'.repeat(13)]) {
      expect(await put({ amount, reason: 'x' }), amount).toMatchObject({ status: 400 });
    }
    expect(await put({ amount: '5', unit: 'SEC', reason: 'x' })).toMatchObject({
      status: 422,
      body: { type: 'urn:tandas:problem:unit_of_other_plan' },
    });
    const foreign = await ask(api.app, 'PUT', `/api/v1/batches/${batchId}/budget`, {
      as: api.other,
      json: { amount: '5', reason: 'x' },
    });
    expect(foreign.status).toBe(404);
  });
});

describe('POST /api/v1/batches', () => {
  it('201: contacts and debts are there, and its workflow runs', async () => {
    const batchId = await newBatch('created', 4);
    const reply = await ask(api.app, 'GET', `/api/v1/batches/${batchId}`, { as: api.one });
    expect(reply.body).toMatchObject({
      state: 'running',
      policy: 'demo@2',
      pack: 'demo@2',
      progress: { contacts: 4, closed: 0, by_state: { planned: 4 }, attempts: 0 },
      cost: { charged: [], provider: { amount: '0', unit: 'USD' } },
    });
    await relayAll(api.world);
    expect(await runs(batchId)).toBe(true);
  });

  it('takes the newest policy of the use case’s schedule when none is named', async () => {
    const json = { import_id: await upload('schedule'), name: 'Olas', pack: 'cl-collection-waves' };
    const reply = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
    expect(reply).toMatchObject({ status: 201, body: { policy: 'collection-waves@1', group_size: 60 } });
  });

  it('409 for a second batch of one import, with the first one’s id', async () => {
    const json = { import_id: await upload('second'), ...demo };
    const send = (): Promise<Reply> => ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
    const replies = await Promise.all([send(), send(), send()]);
    const made = replies.find(({ status }) => status === 201);
    const refused = replies.filter(({ status }) => status === 409);
    expect(refused.length).toBe(2);
    for (const { body } of refused) expect(body['batch_id']).toBe(made?.body['id']);
  });

  it('422 for a pack that the account has not chosen, and for an unknown policy or pool', async () => {
    const import_id = await upload('terms');
    // A pack that exists, and that the account has never chosen.
    const { source, confidence } = demoPack;
    const definition = JSON.stringify({ ...demoPack, key: 'looser' });
    await api.world.owner
      .insertInto('catalogue.rule_pack_version')
      .values({ key: 'looser', version: 1, source, confidence, definition })
      .execute();
    const cases = [
      [{ pack: 'looser' }, 'pack_not_chosen', 'pack'],
      [{ pack: 'cl-collection-strict' }, 'pack_not_chosen', 'pack'],
      [{ policy: 'whenever' }, 'policy_unknown', 'policy'],
      [{ pool: 'elsewhere' }, 'pool_unknown', 'pool'],
    ] as const;
    for (const [changed, code, field] of cases) {
      const json = { import_id, ...demo, ...changed };
      const reply = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
      expect(reply).toMatchObject({
        status: 422,
        body: { type: `urn:tandas:problem:${code}`, errors: [{ field }] },
      });
      expect(textOf(reply.body, 'detail_es').length).toBeGreaterThan(10);
    }
  });

  it('422 for a pack that needs a sign-off and has none', async () => {
    const { world, one } = api;
    await inAccount(world.app, one.accountId, (trx) =>
      trx
        .updateTable('catalogue.account_rule_pack')
        .set({ signed_off_by: null, signed_off_at: null })
        .where('pack_key', '=', 'cl-collection-waves')
        .execute(),
    );
    const json = { import_id: await upload('unsigned'), name: 'Sin firma', pack: 'cl-collection-waves' };
    const reply = await ask(api.app, 'POST', '/api/v1/batches', { as: one, json });
    expect(reply).toMatchObject({ status: 422, body: { type: 'urn:tandas:problem:pack_not_signed_off' } });
  });

  it('is started by the outbox: an API that dies after its commit, or a Temporal that is away, costs time', async () => {
    const { one } = api;
    const json = { import_id: await upload('lost start'), ...demo };
    const made = await ask(api.app, 'POST', '/api/v1/batches', { as: one, json, key: 'lost' });
    const batchId = textOf(made.body, 'id');
    expect(await runs(batchId)).toBe(false);
    await relayAll(api.world);
    expect(await runs(batchId)).toBe(true);
    const repeated = await ask(api.app, 'POST', '/api/v1/batches', { as: one, json, key: 'lost' });
    expect(repeated).toMatchObject({ status: 201, body: { id: batchId } });
    expect(await relayAll(api.world)).toBe(0);
  });

  it('has an address of its own: the local day and a number, with nothing that anybody typed', async () => {
    const [first, second] = [await newBatch('address-1'), await newBatch('address-2')];
    const slugs = await inAccount(api.world.app, api.one.accountId, (trx) =>
      trx.selectFrom('core.batch').select('slug').where('id', 'in', [first, second]).execute(),
    );
    for (const { slug } of slugs) expect(slug).toMatch(/^\d{4}-\d{2}-\d{2}-\d+$/);
    expect(new Set(slugs.map(({ slug }) => slug)).size).toBe(2);
  });
});

const contactsOf = (eb: ExpressionBuilder<Schema, 'operation.outbox'>, batchId: string) =>
  eb.selectFrom('core.contact').select('id').where('batch_id', '=', batchId);

async function countBatches(): Promise<number> {
  const rows = await inAccount(api.world.app, api.one.accountId, (trx) =>
    trx.selectFrom('core.batch').select('id').execute(),
  );
  return rows.length;
}

describe('GET /api/v1/batches', () => {
  it('pages through all batches, newest first, each once', async () => {
    const newest = await newBatch('listed');
    const seen: string[] = [];
    let cursor = '';
    do {
      const reply: Reply = await ask(api.app, 'GET', `/api/v1/batches?limit=2${cursor}`, { as: api.one });
      const { batches, next_cursor } = reply.body;
      if (!Array.isArray(batches)) throw new Error('the answer has no list');
      expect(batches.length).toBeLessThanOrEqual(2);
      seen.push(...batches.map((batch: { readonly id: string }) => batch.id));
      cursor = typeof next_cursor === 'string' ? `&cursor=${next_cursor}` : '';
    } while (cursor !== '');
    expect(seen[0]).toBe(newest);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(await countBatches());
  });
});

describe('POST /api/v1/batches/{id}/pause, resume, cancel', () => {
  const reason = { reason: 'prueba' };
  const change = (batchId: string, action: string): Promise<Reply> =>
    ask(api.app, 'POST', `/api/v1/batches/${batchId}/${action}`, { as: api.one, json: reason });

  const traces = (
    batchId: string,
  ): Promise<{ readonly signals: readonly string[]; readonly audit: readonly string[] }> =>
    inAccount(api.world.app, api.one.accountId, async (trx) => {
      const outbox = await trx
        .selectFrom('operation.outbox')
        .select('signal')
        .where('kind', '<>', 'start')
        .where((eb) => eb.or([eb('batch_id', '=', batchId), eb('contact_id', 'in', contactsOf(eb, batchId))]))
        .execute();
      const audit = await trx
        .selectFrom('operation.audit')
        .select('action')
        .where('subject', '=', batchId)
        .orderBy('id')
        .execute();
      return {
        signals: outbox.map(({ signal }) => signal ?? '').sort(),
        audit: audit.map(({ action }) => action),
      };
    });

  it('changes the row, tells the workflow and leaves an audit row, once however often it is asked', async () => {
    const batchId = await newBatch('paused');
    expect((await change(batchId, 'pause')).body).toMatchObject({ state: 'paused' });
    expect(await change(batchId, 'pause')).toMatchObject({ status: 200, body: { state: 'paused' } });
    expect((await change(batchId, 'resume')).body).toMatchObject({ state: 'running' });
    expect(await traces(batchId)).toEqual({
      // Each contact that is open shows it, in the Temporal UI too.
      signals: [
        'batchChanged',
        'batchChanged',
        ...Array.from({ length: 3 }, () => 'batchPaused'),
        ...Array.from({ length: 3 }, () => 'batchResumed'),
      ],
      audit: ['batch.created', 'batch.paused', 'batch.resumed'],
    });
  });

  it('cancel closes planned contacts at once and tells every open one', async () => {
    const batchId = await newBatch('cancelled', 5);
    const { world, one } = api;
    await inAccount(world.app, one.accountId, (trx) =>
      trx
        .updateTable('core.contact')
        .set({ state: 'waiting', opened_at: new Date() })
        .where('batch_id', '=', batchId)
        .where('ordinal', '<=', 2)
        .execute(),
    );
    const reply = await change(batchId, 'cancel');
    expect(reply.body).toMatchObject({
      state: 'cancelled',
      progress: { by_state: { planned: 0, waiting: 2, closed: 3 }, by_outcome: { cancelled: 3 } },
    });
    expect((await traces(batchId)).signals).toEqual(['batchCancelled', 'batchCancelled', 'batchChanged']);
    const ids = await inAccount(world.app, one.accountId, async (trx) => ({
      waiting: await trx
        .selectFrom('core.contact')
        .select('id')
        .where('batch_id', '=', batchId)
        .where('state', '=', 'waiting')
        .execute(),
      told: await trx
        .selectFrom('operation.outbox')
        .select('contact_id')
        .where('contact_id', 'in', (eb) => contactsOf(eb, batchId))
        .where('signal', '=', 'batchCancelled')
        .execute(),
    }));
    expect(new Set(ids.told.map(({ contact_id }) => contact_id))).toEqual(
      new Set(ids.waiting.map(({ id }) => id)),
    );
    expect((await change(batchId, 'cancel')).status).toBe(200);
    expect((await traces(batchId)).signals.length).toBe(3);
    expect(await change(batchId, 'resume')).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:batch_cancelled' },
    });
  });

  it('409 for a finished batch', async () => {
    const batchId = await newBatch('finished');
    await inAccount(api.world.app, api.one.accountId, (trx) =>
      trx
        .updateTable('core.batch')
        .set({ state: 'finished', finished_at: new Date() })
        .where('id', '=', batchId)
        .execute(),
    );
    for (const action of ['pause', 'resume', 'cancel']) {
      expect(await change(batchId, action)).toMatchObject({
        status: 409,
        body: { type: 'urn:tandas:problem:batch_finished' },
      });
    }
  });
});

describe('a real provider', () => {
  it('422 for the demo policy, the demo pack, and a caller id that the law does not allow', async () => {
    const real = await createApiWorld({ key: 'real', simulated: false, fromNumber: '+56221234567' });
    try {
      const import_id = await uploadDebtors(real, 'real', 1);
      const codes: unknown[] = [];
      for (const json of [
        { import_id, name: 'a', pack: 'cl-collection-waves', policy: 'demo' },
        { import_id, name: 'b', pack: 'demo' },
        { import_id, name: 'c', pack: 'cl-collection-waves' },
      ]) {
        const reply = await ask(real.app, 'POST', '/api/v1/batches', { as: real.one, json });
        expect(reply.status).toBe(422);
        codes.push(reply.body['type']);
      }
      expect(codes).toEqual(
        ['policy_simulated_only', 'pack_simulated_only', 'caller_id'].map(
          (code) => `urn:tandas:problem:${code}`,
        ),
      );
    } finally {
      await real.close();
    }
  });
});
