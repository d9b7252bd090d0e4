import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { openTask } from '../../../domain/tasks/tasks.ts';
import { setAgents } from '../../../domain/accounts/agents.ts';
import { collectionStandard } from '../../../domain/negotiation/rules/standard.ts';
import { type ApiWorld, ask, createApiWorld, textOf, uploadDebtors } from '../../support/api.ts';
import { addDebts } from '../../support/debts.ts';
import { createBatch } from '../../support/world.ts';

let api: ApiWorld;
let accountId: string;
beforeAll(async () => {
  api = await createApiWorld();
  ({ accountId } = api.one);
});
afterAll(() => api.close());

const get = (path: string, as = api.one) => ask(api.app, 'GET', path, { as });
const post = (path: string, json: unknown, as = api.one) => ask(api.app, 'POST', path, { as, json });

async function task(kind: 'dispute' | 'verify_payment' = 'dispute') {
  const batch = await createBatch(api.world, { accountId, mode: 'live', people: [{}] });
  const [contact] = batch.contacts;
  if (contact === undefined) throw new Error('no contact');
  await addDebts(api.world, accountId, contact, [{ amount: 10, reference: 'T-1' }]);
  const { contactId, personId } = contact;
  await inAccount(api.world.app, accountId, (trx) =>
    openTask(trx, {
      accountId,
      personId,
      contactId,
      attemptId: null,
      kind,
      context: { detail: 'no la reconoce' },
      dedupeKey: `${contactId}:${kind}`,
      openedAt: new Date(),
    }),
  );
  const { body } = await get(`/api/v1/tasks?state=open&contact_id=${contactId}`);
  const [found] = Array.isArray(body['tasks']) ? body['tasks'] : [];
  return { contactId, personId, id: textOf(Object(found), 'id') };
}

async function signals(contactId: string) {
  const rows = await api.world.owner
    .selectFrom('operation.outbox')
    .select(['signal', 'payload'])
    .where('contact_id', '=', contactId)
    .execute();
  return rows.map(({ signal, payload }) => `${signal} ${wordOf(payload['resolution'] ?? payload['reason'])}`);
}
const person = (id: string) =>
  api.world.owner.selectFrom('core.person').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('tasks for people', () => {
  it('are listed, and show whoever takes one the person, the debts and what was said', async () => {
    const { id } = await task();
    expect(await get(`/api/v1/tasks/${id}`)).toMatchObject({
      status: 200,
      body: {
        kind: 'dispute',
        state: 'open',
        context: { detail: 'no la reconoce' },
        person: { name: 'Persona Inventada', phones: [expect.stringMatching(/^\+569/)] },
        debts: [{ reference: 'T-1', balance: { amount: '10', unit: 'CLP' } }],
        call: null,
        agreement: null,
      },
    });
    expect((await get(`/api/v1/tasks/${id}`, api.other)).status).toBe(404);
    expect((await get('/api/v1/tasks', api.other)).body['tasks']).toEqual([]);
    const page = await get('/api/v1/tasks?limit=1');
    expect(page.body['tasks']).toHaveLength(1);
  });

  it('resolved, tell the contact and the account once; another decision is a 409', async () => {
    const { id, contactId } = await task('verify_payment');
    const paid = { resolution: 'paid', note: 'comprobante visto' };
    expect(await post(`/api/v1/tasks/${id}/resolve`, paid)).toMatchObject({
      status: 200,
      body: { state: 'resolved', resolution: 'paid', note: 'comprobante visto' },
    });
    expect((await post(`/api/v1/tasks/${id}/resolve`, paid)).status).toBe(200);
    expect(await post(`/api/v1/tasks/${id}/resolve`, { ...paid, resolution: 'close' })).toMatchObject({
      status: 409,
    });
    expect((await post(`/api/v1/tasks/${id}/resolve`, paid, api.other)).status).toBe(404);
    expect(await signals(contactId)).toEqual(['taskResolved paid']);
    const events = await api.world.owner
      .selectFrom('operation.event')
      .select('type')
      .where('subject', '=', id)
      .orderBy('created_at')
      .execute();
    expect(events.map(({ type }) => type)).toEqual(['handover.opened', 'handover.resolved']);
  });

  it('resumed, lift the stop that they came with', async () => {
    const { id, personId } = await task();
    await post(`/api/v1/people/${personId}/stop`, { stop: 'dispute', reason: 'lo dijo en la llamada' });
    expect((await person(personId)).stop_reason).toBe('dispute');
    await post(`/api/v1/tasks/${id}/resolve`, { resolution: 'resume', note: 'deuda confirmada' });
    expect(await person(personId)).toMatchObject({ stopped_at: null, stop_reason: null });
  });
});

describe('stopping a person', () => {
  it('tells each open contact, is lifted by hand, and leaves an audit row of both', async () => {
    const { personId, contactId } = await task();
    const path = `/api/v1/people/${personId}`;
    expect((await post(`${path}/stop`, { stop: 'do_not_call', reason: 'carta' })).status).toBe(200);
    expect(await signals(contactId)).toEqual(['contactStopped do_not_call']);
    expect((await get('/api/v1/do-not-contact')).body['entries']).toHaveLength(1);
    expect(await post(`${path}/lift`, { what: 'do_not_call', reason: 'lo pidió' })).toMatchObject({
      body: { changed: true },
    });
    expect(await post(`${path}/lift`, { what: 'do_not_call', reason: 'lo pidió' })).toMatchObject({
      body: { changed: false },
    });
    expect((await get('/api/v1/do-not-contact')).body['entries']).toEqual([]);
    expect((await person(personId)).do_not_call_at).toBeNull();
    expect((await post(`${path}/stop`, { stop: 'legal', reason: 'x' }, api.other)).status).toBe(404);
  });
});

describe('an own negotiation', () => {
  const [early] = collectionStandard.stages;
  const own = (over: object = {}) => ({ key: 'propia', title: 'Propia', stages: [{ ...early, ...over }] });

  it('is stored as the next version of its key, for its account only', async () => {
    expect(await post('/api/v1/negotiations', own())).toMatchObject({
      status: 201,
      body: { version: 1, identityFirst: true, shipped: false },
    });
    expect(await post('/api/v1/negotiations', own())).toMatchObject({ status: 201, body: { version: 2 } });
    const keys = async (as: typeof api.one) => {
      const { body } = await get('/api/v1/negotiations', as);
      const list = Array.isArray(body['negotiations']) ? body['negotiations'] : [];
      return list.map((one) => `${textOf(Object(one), 'key')}@${String(Object(one).version)}`);
    };
    expect(await keys(api.one)).toEqual(['collection-standard@1', 'propia@2', 'propia@1']);
    expect(await keys(api.other)).toEqual(['collection-standard@1']);
  });

  it('names the field that is wrong', async () => {
    const offers = { ...early.offers, floorPercent: 80, discountLadder: [30] };
    const reply = await post('/api/v1/negotiations', own({ offers }));
    expect(reply.status).toBe(422);
    expect(JSON.stringify(reply.body['errors'])).toContain('stages.0.offers.discountLadder.0');
    const shape = await post('/api/v1/negotiations', own({ graceDays: 'dos' }));
    expect(shape.status).toBe(400);
    expect(JSON.stringify(shape.body['errors'])).toContain('stages.0.graceDays');
  });

  it('names agents that the account has been given, and no other of the workspace that all accounts share', async () => {
    const { accountId } = api.one;
    const named = (agentId: string) => post('/api/v1/negotiations', { ...own({ agentId }), key: 'agentes' });
    const foreign = {
      status: 422,
      body: { type: 'urn:tandas:problem:agent_unknown', errors: [{ field: 'stages.0.agentId' }] },
    };
    expect(await named('agent_of_another')).toMatchObject(foreign);
    // The one of its lines.
    expect(await named('agent_test')).toMatchObject({ status: 201 });
    const give = (agentIds: readonly string[]) =>
      inAccount(api.world.app, accountId, (trx) => setAgents(trx, { accountId, agentIds, actor: 'test' }));
    await give(['agent_late', 'agent_late']);
    expect(await named('agent_late')).toMatchObject({ status: 201 });
    expect(await post('/api/v1/negotiations', own({ agentId: 'agent_late' }), api.other)).toMatchObject(
      foreign,
    );
    await give([]);
    expect(await named('agent_late')).toMatchObject(foreign);
  });

  it('is what a batch of debts works by when it names it, and the standard is without a name', async () => {
    const made = async (seed: string, fields: object) => {
      const import_id = await uploadDebtors(api, seed, 1);
      return post('/api/v1/batches', { import_id, name: seed, pack: 'demo', policy: 'demo', ...fields });
    };
    const keyOf = async (batchId: string) => {
      const row = await api.world.owner
        .selectFrom('core.batch as b')
        .innerJoin('catalogue.negotiation as n', 'n.id', 'b.negotiation_id')
        .select(['n.key', 'n.version'])
        .where('b.id', '=', batchId)
        .executeTakeFirst();
      return row === undefined ? undefined : `${row.key}@${row.version}`;
    };
    const standard = await made('neg-1', {});
    expect(await keyOf(textOf(standard.body, 'id'))).toBe('collection-standard@1');
    const named = await made('neg-2', { negotiation: 'propia' });
    expect(await keyOf(textOf(named.body, 'id'))).toBe('propia@2');
    expect(await made('neg-3', { negotiation: 'nada' })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'negotiation' }] },
    });
  });
});

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
