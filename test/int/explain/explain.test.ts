import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, ask, createApiWorld, dialOne } from '../../support/api.ts';
import { fieldsOf } from '../../../client/fields.ts';
import { chilean, explain, personOf } from '../../support/chilean.ts';
import { createBatch } from '../../support/world.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

describe('GET /api/v1/contacts/{id}/explain', () => {
  it('tells every rule that forbids a call, in two languages, and when next', async () => {
    const { contactId } = await chilean(api);
    const open = await explain(api, contactId, '2027-03-08T12:00');
    expect(open.body).toMatchObject({
      at: '2027-03-08T15:00:00.000Z',
      call: { allowed: true, answer_es: 'Sí.' },
    });
    const evening = await explain(api, contactId, '2027-03-08T20:30');
    expect(evening.body).toMatchObject({
      call: {
        allowed: false,
        answer_es: 'No: fuera de horario. Se puede desde el martes 09-03-2027 08:00.',
        answer_en: 'No: hours. From: Tuesday 2027-03-09 08:00.',
        rules: [{ reason: 'outside_window', not_before: '2027-03-09T11:00:00.000Z' }],
        next_allowed_at: '2027-03-09T11:00:00.000Z',
      },
    });
  });

  it('counts what has happened: after a human answered there is silence for seven days', async () => {
    const { contactId } = await chilean(api);
    const personId = await personOf(api, contactId);
    const { attemptId } = await dialOne(api.world, api.one.accountId);
    await api.world.owner
      .updateTable('operation.attempt')
      .set({ person_id: personId, attempted_at: '2027-03-08T14:59:00.000Z' })
      .where('id', '=', attemptId)
      .execute();
    await api.world.owner
      .updateTable('operation.call')
      .set({ state: 'ended', human: true, ended_at: '2027-03-08T15:00:00.000Z', signalled_at: new Date() })
      .where('attempt_id', '=', attemptId)
      .execute();
    const { body } = await explain(api, contactId, '2027-03-10T12:00');
    expect(body).toMatchObject({
      call: { rules: [{ reason: 'cool_down' }], next_allowed_at: '2027-03-15T15:00:00.000Z' },
      message: { allowed: true },
    });
    // Nobody had answered yet.
    expect((await explain(api, contactId, '2027-03-06T12:00')).body).toMatchObject({
      call: { allowed: true },
    });
  });

  it('is silent for ever for who asked not to be called, and says so', async () => {
    const { contactId } = await chilean(api);
    await api.world.owner
      .updateTable('core.person')
      .set({ do_not_call_at: new Date() })
      .where('id', '=', await personOf(api, contactId))
      .execute();
    const { body } = await explain(api, contactId, '2027-03-08T12:00');
    const never = {
      allowed: false,
      answer_es: 'No: la persona pidió no ser contactada.',
      next_allowed_at: null,
    };
    expect(body).toMatchObject({ call: never, message: never });
  });

  it('names what no calendar knows: a list, a number on it, a person who is out, a pause, a closed contact', async () => {
    const { owner } = api.world;
    const at = '2027-03-08T12:00';
    const { contactId, batchId } = await chilean(api);
    const personId = await personOf(api, contactId);
    const { e164 } = await owner
      .selectFrom('core.phone')
      .select('e164')
      .where('person_id', '=', personId)
      .executeTakeFirstOrThrow();
    const reasons = async () => {
      const { call, message } = (await explain(api, contactId, at)).body;
      return { call, message };
    };
    const because = (reason: string) => ({ allowed: false, rules: [{ reason }], next_allowed_at: null });
    await owner
      .insertInto('core.do_not_contact')
      .values({ account_id: api.one.accountId, key: `tel:${e164}`, reason: 'prueba', source: 'api' })
      .execute();
    expect(await reasons()).toMatchObject({ call: because('do_not_call'), message: because('do_not_call') });
    await owner.deleteFrom('core.do_not_contact').where('key', '=', `tel:${e164}`).execute();
    await owner
      .updateTable('core.person')
      .set({ stop_reason: 'legal', stopped_at: new Date() })
      .where('id', '=', personId)
      .execute();
    expect(await reasons()).toMatchObject({ call: because('stopped'), message: because('stopped') });
    await owner
      .updateTable('core.person')
      .set({ stop_reason: null, stopped_at: null })
      .where('id', '=', personId)
      .execute();
    await owner.updateTable('core.batch').set({ state: 'paused' }).where('id', '=', batchId).execute();
    expect(await reasons()).toMatchObject({ call: because('batch_paused'), message: { allowed: true } });
    await owner
      .updateTable('core.contact')
      .set({ state: 'closed', outcome: 'cancelled', closed_at: new Date() })
      .where('id', '=', contactId)
      .execute();
    expect(await reasons()).toMatchObject({ call: because('contact_closed') });
  });

  it('refuses a time that is none, and a contact of another account', async () => {
    const { contactId } = await chilean(api);
    expect(await explain(api, contactId, 'mañana')).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'at' }] },
    });
    const foreign = await ask(api.app, 'GET', `/api/v1/contacts/${contactId}/explain`, { as: api.other });
    expect(foreign.status).toBe(404);
  });
});

describe('POST /api/v1/explain', () => {
  it('answers for anybody who lives in a region, and for every zone where it is not known', async () => {
    const at = '2027-07-06T23:30:00Z';
    const pack = 'cl-collection-strict';
    const answer = (json: object) => ask(api.app, 'POST', '/api/v1/explain', { as: api.one, json });
    const santiago = await answer({ pack, at, region: 'Santiago' });
    expect(santiago.body).toMatchObject({ call: { allowed: true } });
    const south = await answer({ pack, at, region: 'Magallanes' });
    expect(south.body).toMatchObject({
      call: { allowed: false },
      at_local: [{ zone: 'America/Punta_Arenas' }],
    });
    const anywhere = await answer({ pack, at });
    expect(anywhere.body).toMatchObject({ call: { allowed: false } });
    expect(anywhere.body['at_local']).toHaveLength(4);
  });

  it('refuses a pack and a zone that there is not, naming the field', async () => {
    for (const [json, field] of [
      [{ pack: 'atlantis' }, 'pack'],
      [{ pack: 'cl-collection-strict', zone: 'Mars/Olympus' }, 'zone'],
      [{ pack: 'demo' }, 'country'],
    ] as const) {
      const reply = await ask(api.app, 'POST', '/api/v1/explain', { as: api.one, json });
      expect(reply).toMatchObject({ status: 422, body: { errors: [{ field }] } });
    }
  });
});

describe('what this contact waits for', () => {
  const ask1 = (path: string) => ask(api.app, 'GET', path, { as: api.one });
  const of = async (contactId: string) => (await ask1(`/api/v1/contacts/${contactId}/explain`)).body;

  async function turn(
    contactId: string,
    batchId: string,
    state: 'waiting' | 'suspended',
    inMs: number,
  ): Promise<void> {
    const nowMs = Date.now();
    await api.world.owner
      .insertInto('core.line_request')
      .values({
        id: `${contactId}:1:${inMs}:test`,
        account_id: api.one.accountId,
        pool_id: api.world.poolId,
        batch_id: batchId,
        contact_id: contactId,
        wave_key: 'test',
        priority: 1,
        state,
        eligible_at: new Date(nowMs + inMs),
        deadline_at: new Date(nowMs + inMs + 3_600_000),
      })
      .execute();
  }
  const set = (contactId: string, values: Readonly<Record<string, unknown>>) =>
    api.world.owner.updateTable('core.contact').set(values).where('id', '=', contactId).execute();

  it('is its wave before that opens, a line from then on, and neither while the batch is paused', async () => {
    const later = await chilean(api);
    await turn(later.contactId, later.batchId, 'waiting', 86_400_000);
    await set(later.contactId, {
      waiting_for: 'Se llamará en ola 09:00',
      next_at: new Date(Date.now() + 86_400_000),
    });
    expect(await of(later.contactId)).toMatchObject({
      contact: { id: later.contactId, position: 0 },
      waiting: {
        code: 'wave',
        batch_paused: false,
        waits_es: expect.stringMatching(/^su tanda: se llamará desde el /),
      },
    });
    const now = await chilean(api);
    await turn(now.contactId, now.batchId, 'waiting', -1_000);
    expect(await of(now.contactId)).toMatchObject({
      waiting: { code: 'line', waits_es: expect.stringMatching(/^una línea libre \(su cuenta usa \d+/) },
    });
    for (const { contactId, batchId } of [later, now]) {
      await api.world.owner
        .updateTable('core.batch')
        .set({ state: 'paused' })
        .where('id', '=', batchId)
        .execute();
      const { waiting, call } = await of(contactId);
      expect(waiting).toMatchObject({
        batch_paused: true,
        waits_es: expect.stringMatching(/^Su lote está en pausa: no se llama a nadie. Al reanudar: /),
      });
      expect(JSON.stringify(call)).toContain('el lote está en pausa');
    }
    const row = (await ask1(`/api/v1/contacts/${later.contactId}`)).body;
    expect(row).toMatchObject({
      batch_state: 'paused',
      waiting_for: 'Su lote está en pausa · Se llamará en ola 09:00',
    });
  });

  it.each([
    ['paused', { state: 'paused' }, 'paused'],
    ['no credit', { state: 'suspended' }, 'no_credit'],
    ['a place in the group', { state: 'planned', opened_at: null }, 'planned'],
    [
      'a payment that they say they made',
      { state: 'negotiating', next_at: new Date('2027-03-08') },
      'verification',
    ],
    ['its end', { state: 'closed', outcome: 'paid', closed_at: new Date() }, 'closed'],
    ['nothing yet', { state: 'waiting' }, 'preparing'],
  ] as const)('is told of one that waits for %s', async (_, values, code) => {
    const { contactId } = await chilean(api);
    await set(contactId, values);
    expect((await of(contactId))['waiting']).toMatchObject({ code });
  });

  it('goes before the law: a call that every rule allows is not said to be made now', async () => {
    // Its pack allows every hour: only the wave is later.
    const { batchId, contacts } = await createBatch(api.world, {
      accountId: api.one.accountId,
      mode: 'live',
      pack: 'demo',
      people: [{}],
      openedAt: new Date(),
    });
    const contactId = contacts[0]?.contactId ?? '';
    await turn(contactId, batchId, 'waiting', 3_600_000);
    const { call } = await of(contactId);
    expect(call).toMatchObject({
      allowed: true,
      answer_es: expect.stringMatching(/^Las reglas lo permiten; espera su tanda/),
    });
  });

  it('is found by RUT, by phone, by id and by the id of its workflow; of several contacts each is told', async () => {
    const { owner } = api.world;
    const first = await chilean(api);
    const personId = await personOf(api, first.contactId);
    await owner
      .updateTable('core.person')
      .set({ national_id: '20347878-K' })
      .where('id', '=', personId)
      .execute();
    const { e164 } = await owner
      .selectFrom('core.phone')
      .select('e164')
      .where('person_id', '=', personId)
      .executeTakeFirstOrThrow();
    await set(first.contactId, { state: 'closed', outcome: 'exhausted', closed_at: new Date() });
    const second = await createBatch(api.world, {
      accountId: api.one.accountId,
      mode: 'live',
      people: [{ personId }],
      openedAt: new Date(),
    });
    const openId = second.contacts[0]?.contactId ?? '';
    const idsBy = async (who: string): Promise<readonly unknown[]> => {
      const { body } = await ask1(`/api/v1/explain?who=${encodeURIComponent(who)}`);
      const found: unknown = body['contacts'];
      return Array.isArray(found) ? found.map((one) => fieldsOf(fieldsOf(one)['contact'])['id']) : [body];
    };
    for (const who of ['20.347.878-k', '20347878K', e164, e164.replace('+56', '')]) {
      expect(await idsBy(who), who).toEqual([openId, first.contactId]);
    }
    expect(await idsBy(openId)).toEqual([openId]);
    const { workflow_id: workflowId } = (await ask1(`/api/v1/contacts/${openId}`)).body;
    expect(await idsBy(String(workflowId))).toEqual([openId]);
    for (const who of ['11.111.111-1', '+56911111111', 'nadie'])
      expect(await ask1(`/api/v1/explain?who=${encodeURIComponent(who)}`)).toMatchObject({ status: 404 });
    const foreign = await ask(api.app, 'GET', `/api/v1/explain?who=${openId}`, { as: api.other });
    expect(foreign.status).toBe(404);
  });

  it('a message is judged by the address that it would go to: a person whose number was removed gets none', async () => {
    const { contactId } = await chilean(api);
    await api.world.owner
      .updateTable('core.phone')
      .set({ invalid_at: new Date() })
      .where('person_id', '=', await personOf(api, contactId))
      .execute();
    const { body } = await explain(api, contactId, '2027-03-08T12:00');
    expect(body['message']).toMatchObject({
      allowed: false,
      answer_es: 'No: la persona no tiene un número válido.',
      next_allowed_at: null,
    });
  });
});
