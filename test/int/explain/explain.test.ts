import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, ask, createApiWorld, dialOne } from '../../support/api.ts';
import { createBatch, type MadeBatch } from '../../support/world.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

/** Under the Chilean waves, of a person whose region is known. */
async function chilean(): Promise<MadeBatch & { readonly contactId: string }> {
  const batch = await createBatch(api.world, {
    accountId: api.one.accountId,
    mode: 'live',
    people: [{}],
    openedAt: new Date(),
  });
  const contactId = batch.contacts[0]?.contactId ?? '';
  await api.world.owner
    .updateTable('core.person')
    .set({ zone: 'America/Santiago', region: 'Metropolitana' })
    .where('id', '=', await personOf(contactId))
    .execute();
  return { ...batch, contactId };
}

async function personOf(contactId: string): Promise<string> {
  const { person_id } = await api.world.owner
    .selectFrom('core.contact')
    .select('person_id')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow();
  return person_id;
}

const explain = (contactId: string, at: string) =>
  ask(api.app, 'GET', `/api/v1/contacts/${contactId}/explain?at=${encodeURIComponent(at)}`, { as: api.one });

describe('GET /api/v1/contacts/{id}/explain', () => {
  it('tells every rule that forbids a call, in two languages, and when next', async () => {
    const { contactId } = await chilean();
    const open = await explain(contactId, '2027-03-08T12:00');
    expect(open.body).toMatchObject({
      at: '2027-03-08T15:00:00.000Z',
      call: { allowed: true, answer_es: 'Sí.' },
    });
    const evening = await explain(contactId, '2027-03-08T20:30');
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
    const { contactId } = await chilean();
    const personId = await personOf(contactId);
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
    const { body } = await explain(contactId, '2027-03-10T12:00');
    expect(body).toMatchObject({
      call: { rules: [{ reason: 'cool_down' }], next_allowed_at: '2027-03-15T15:00:00.000Z' },
      message: { allowed: true },
    });
    // Nobody had answered yet.
    expect((await explain(contactId, '2027-03-06T12:00')).body).toMatchObject({ call: { allowed: true } });
  });

  it('is silent for ever for who asked not to be called, and says so', async () => {
    const { contactId } = await chilean();
    await api.world.owner
      .updateTable('core.person')
      .set({ do_not_call_at: new Date() })
      .where('id', '=', await personOf(contactId))
      .execute();
    const { body } = await explain(contactId, '2027-03-08T12:00');
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
    const { contactId, batchId } = await chilean();
    const personId = await personOf(contactId);
    const { e164 } = await owner
      .selectFrom('core.phone')
      .select('e164')
      .where('person_id', '=', personId)
      .executeTakeFirstOrThrow();
    const reasons = async () => {
      const { call, message } = (await explain(contactId, at)).body;
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
    const { contactId } = await chilean();
    expect(await explain(contactId, 'mañana')).toMatchObject({
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
