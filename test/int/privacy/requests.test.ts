import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { loadPortion } from '../../../domain/imports/load.ts';
import { readDatabase } from '../../../observability/database-gauges.ts';
import { rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import { tellAllOverdue } from '../../../relay/privacy-clock.ts';
import { type ApiWorld, ask, createApiWorld, type Customer, type Reply } from '../../support/api.ts';
import { untilBlocked } from '../../support/blocked.ts';
import { nameRut } from '../../support/debts.ts';
import { createBatch } from '../../support/world.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

let bodies = 14_000_000;
const someRut = (): string => {
  bodies += 1;
  return `${bodies}-${rutCheckDigit(bodies)}`;
};

interface Debtor {
  readonly personId: string;
  readonly contactId: string;
  readonly rut: string;
}

/** Somebody of the first account, with a contact in a batch. */
async function debtor(): Promise<Debtor> {
  const batch = await createBatch(api.world, {
    accountId: api.one.accountId,
    mode: 'live',
    people: [{}],
    openedAt: new Date(),
  });
  const [contact] = batch.contacts;
  if (contact === undefined) throw new Error('no contact');
  const rut = someRut();
  await nameRut(api.world, contact.personId, rut);
  return { personId: contact.personId, contactId: contact.contactId, rut };
}

const path = '/api/v1/privacy/requests';
const request = (json: object, as: Customer = api.one) =>
  ask(api.app, 'POST', path, {
    as,
    json: { kind: 'access', channel: 'email', details: 'pide sus datos', ...json },
  });
const say = (id: unknown, what: 'answer' | 'extend', json: object) =>
  ask(api.app, 'POST', `${path}/${String(id)}/${what}`, { as: api.one, json });
const list = async (query: string, as: Customer = api.one) => {
  const { body } = await ask(api.app, 'GET', `${path}?${query}`, { as });
  return Array.isArray(body['requests']) ? body['requests'] : [];
};

/** Whether both gates refuse because of the block: calls and messages. */
async function gates({ contactId }: Debtor): Promise<readonly boolean[]> {
  const way = `/api/v1/contacts/${contactId}/explain?at=${encodeURIComponent('2027-06-08T10:00')}`;
  const { body } = await ask(api.app, 'GET', way, { as: api.one });
  return ['call', 'message'].map((one) => JSON.stringify(body[one]).includes('"blocked"'));
}

/** A file with these people, as contacts of a batch. */
async function importPeople(ruts: readonly string[], beforeItIsThere?: () => Promise<void>): Promise<void> {
  const { accountId } = api.one;
  const lines = ruts.map((rut, at) => `${rut};Persona ${at};+5696100000${at};1000;01-10-2027;Banco Uno`);
  const text = ['RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA', ...lines].join('\n');
  const form = new FormData();
  form.set('file', new File([text], 'personas.csv'));
  // The reader of this world takes every file that waits: one of a store of our own would be lost to it.
  const { body, status } = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form });
  expect(status).toBe(201);
  const importId = String(body['import_id']);
  const { batchId } = await createBatch(api.world, { accountId, mode: 'live', people: [{}] });
  await inAccount(api.world.app, accountId, async (trx) => {
    await loadPortion(trx, { batchId, importId, after: 0, people: ruts.length });
    await beforeItIsThere?.();
  });
}

async function audited(subject: unknown): Promise<readonly string[]> {
  const rows = await api.world.owner
    .selectFrom('operation.audit')
    .select('action')
    .where('subject', '=', String(subject))
    .orderBy('id')
    .execute();
  return rows.map(({ action }) => action);
}

/** As time passes: the request becomes late. */
async function letPass(id: unknown): Promise<void> {
  await sql`
    update core.privacy_request
       set received_at = received_at - interval '100 days', due_at = due_at - interval '100 days'
     where id = ${String(id)}::uuid`.execute(api.world.owner);
}

describe('a request about somebody’s data', () => {
  it('is matched by the national id in any spelling, has its clock, and is answered once', async () => {
    const { personId, rut } = await debtor();
    const spelled = rut.replace(/^(\d{2})(\d{3})(\d{3})/, '$1.$2.$3');
    const { status, body } = await request({
      national_id: spelled,
      received_at: new Date(Date.now() - 86_400_000).toISOString(),
      own_id: `OF-${rut}`,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ person_id: personId, national_id: rut, state: 'open', answer: null });
    const days = (Date.parse(String(body['due_at'])) - Date.parse(String(body['received_at']))) / 86_400_000;
    // To the end of the thirtieth day by the account's clock, which may have moved by an hour meanwhile.
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThan(31.1);
    const again = await request({ national_id: rut, own_id: `OF-${rut}` });
    expect(again).toMatchObject({ status: 200, body: { id: body['id'] } });
    const others = await request({ national_id: someRut(), own_id: `OF-${rut}` });
    expect(others).toMatchObject({ status: 409 });

    expect((await say(body['id'], 'answer', { answer: 'granted', text: '' })).status).toBe(400);
    const answered = await say(body['id'], 'answer', { answer: 'granted', text: 'se le envió' });
    expect(answered).toMatchObject({ status: 200, body: { state: 'answered', answer: 'granted' } });
    expect((await say(body['id'], 'answer', { answer: 'granted', text: 'otra vez' })).body).toMatchObject({
      answer_text: 'se le envió',
    });
    expect((await say(body['id'], 'answer', { answer: 'refused', text: 'no' })).status).toBe(409);
    expect((await say(body['id'], 'extend', { reason: 'x' })).status).toBe(409);
    expect(await audited(body['id'])).toEqual(['privacy.received', 'privacy.answered']);
  });

  it('is extended once, in time, with a reason; blocking never', async () => {
    const { rut } = await debtor();
    const { body } = await request({ national_id: rut, kind: 'deletion' });
    const extended = await say(body['id'], 'extend', { reason: 'archivo en papel' });
    const more = Date.parse(String(extended.body['due_at'])) - Date.parse(String(body['due_at']));
    expect(Math.round(more / 86_400_000)).toBe(30);
    expect((await say(body['id'], 'extend', { reason: 'archivo en papel' })).body).toEqual(extended.body);
    expect((await say(body['id'], 'extend', { reason: 'otra' })).status).toBe(409);
    const late = await request({ national_id: rut, kind: 'portability' });
    await letPass(late.body['id']);
    expect((await say(late.body['id'], 'extend', { reason: 'tarde' })).status).toBe(409);
    const blocking = await request({ national_id: rut, kind: 'blocking' });
    expect((await say(blocking.body['id'], 'extend', { reason: 'x' })).status).toBe(422);
    const days =
      Date.parse(String(blocking.body['due_at'])) - Date.parse(String(blocking.body['received_at']));
    expect(days / 86_400_000).toBeLessThan(8);
  });

  it('that cannot be read, came tomorrow or a year ago is refused, and leaves nothing', async () => {
    const { rut } = await debtor();
    const before = await list('limit=100');
    expect((await request({ national_id: '12.345.678-0' })).status).toBe(422);
    for (const days of [1, -400]) {
      const received_at = new Date(Date.now() + days * 86_400_000).toISOString();
      expect((await request({ national_id: rut, received_at })).status).toBe(422);
    }
    expect((await request({ national_id: rut, kind: 'forget' })).status).toBe(400);
    expect(await list('limit=100')).toEqual(before);
  });

  it('is of its account alone', async () => {
    const { rut } = await debtor();
    const { body } = await request({ national_id: rut });
    expect(await list(`national_id=${rut}`)).toHaveLength(1);
    expect(await list(`national_id=${rut}`, api.other)).toEqual([]);
    const read = await ask(api.app, 'GET', `${path}/${String(body['id'])}`, { as: api.other });
    expect(read.status).toBe(404);
    const answer = { as: api.other, json: { answer: 'granted', text: 'x' } };
    expect((await ask(api.app, 'POST', `${path}/${String(body['id'])}/answer`, answer)).status).toBe(404);
    // The same person in another account is another person.
    expect((await request({ national_id: rut }, api.other)).body).toMatchObject({ person_id: null });
    const stranger = inAccount(api.world.app, api.other.accountId, (trx) =>
      sql`insert into core.privacy_request
            (account_id, kind, channel, national_id, details, received_at, due_at, created_by)
          values (${api.one.accountId}, 'access', 'email', 'x', 'x', now(), now() + interval '1 day', 'x')`.execute(
        trx,
      ),
    );
    await expect(stranger).rejects.toThrow(/row-level security/);
  });
});

describe('a request for blocking', () => {
  it('shuts both gates at once; granted it stays, and a refusal opens them', async () => {
    const one = await debtor();
    expect(await gates(one)).toEqual([false, false]);
    const first = await request({ national_id: one.rut, kind: 'blocking' });
    expect(first.status).toBe(201);
    expect(await gates(one)).toEqual([true, true]);
    const second = await request({ national_id: one.rut, kind: 'blocking' });
    // One of two is refused: the other one still holds.
    await say(first.body['id'], 'answer', { answer: 'refused', text: 'no procede' });
    expect(await gates(one)).toEqual([true, true]);
    // A request of another kind keeps nothing blocked.
    await request({ national_id: one.rut, kind: 'opposition' });
    await say(second.body['id'], 'answer', { answer: 'refused', text: 'tampoco' });
    expect(await gates(one)).toEqual([false, false]);
    expect(await audited(one.personId)).toEqual(['person.blocked', 'person.block_lifted']);

    const third = await request({ national_id: one.rut, kind: 'blocking' });
    await say(third.body['id'], 'answer', { answer: 'granted', text: 'bloqueado' });
    expect(await gates(one)).toEqual([true, true]);
    // Refusing access says nothing of the block.
    const access = await request({ national_id: one.rut });
    await say(access.body['id'], 'answer', { answer: 'refused', text: 'no' });
    expect(await gates(one)).toEqual([true, true]);
  });

  it('that comes while a file brings the person waits for the file, and holds', async () => {
    const rut = someRut();
    let asked: Promise<Reply> | undefined;
    await importPeople([rut], async () => {
      asked = request({ national_id: rut, kind: 'blocking' });
      await untilBlocked(api.world);
    });
    expect((await asked)?.body).toMatchObject({ person_id: expect.any(String) });
    const person = await api.world.owner
      .selectFrom('core.person')
      .select('blocked_at')
      .where('national_id', '=', rut)
      .executeTakeFirstOrThrow();
    expect(person.blocked_at).not.toBeNull();
  });

  it('of somebody whom the account has not yet holds for the file that brings them', async () => {
    const [asked, granted, refused, free] = [someRut(), someRut(), someRut(), someRut()];
    const made = [];
    for (const national_id of [asked, granted, refused])
      made.push((await request({ national_id, kind: 'blocking' })).body);
    expect(made.map((one) => one['person_id'])).toEqual([null, null, null]);
    await say(made[1]?.['id'], 'answer', { answer: 'granted', text: 'sí' });
    await say(made[2]?.['id'], 'answer', { answer: 'refused', text: 'no' });
    await importPeople([asked, granted, refused, free]);
    const people = await api.world.owner
      .selectFrom('core.person')
      .select(['national_id', 'blocked_at'])
      .where('national_id', 'in', [asked, granted, refused, free])
      .orderBy('national_id')
      .execute();
    expect(people.map(({ blocked_at }) => blocked_at !== null)).toEqual([true, true, false, false]);
    expect((await list(`national_id=${asked}`))[0]).toMatchObject({ person_id: expect.any(String) });
  });
});

describe('a request that is late', () => {
  it('is listed, counted, and a task once, which its answer ends', async () => {
    const one = await debtor();
    const { body } = await request({ national_id: one.rut, kind: 'rectification' });
    const unknown = await request({ national_id: someRut() });
    const tasks = async () =>
      (await ask(api.app, 'GET', `/api/v1/tasks?contact_id=${one.contactId}`, { as: api.one })).body['tasks'];
    const { app, system } = api.world;
    await tellAllOverdue(app, system);
    expect(await tasks()).toEqual([]);
    await letPass(body['id']);
    await letPass(unknown.body['id']);
    await tellAllOverdue(app, system);
    await tellAllOverdue(app, system);
    expect(await tasks()).toMatchObject([
      { kind: 'privacy_request', state: 'open', context: { privacy_request_id: body['id'] } },
    ]);
    const late = await list('state=overdue');
    expect(late.map((row: { id: string }) => row.id)).toEqual(
      expect.arrayContaining([body['id'], unknown.body['id']]),
    );
    const counted = async () =>
      (await readDatabase(system)).find(
        ({ name, labels }) => name === 'tandas_privacy_requests' && labels['state'] === 'overdue',
      )?.value;
    const before = Number(await counted());
    expect(before).toBeGreaterThanOrEqual(2);

    const [task] = (await tasks()) as readonly { readonly id: string }[];
    const json = { resolution: 'close', note: 'listo' };
    expect(
      (await ask(api.app, 'POST', `/api/v1/tasks/${task?.id}/resolve`, { as: api.one, json })).status,
    ).toBe(409);
    await say(body['id'], 'answer', { answer: 'granted', text: 'corregido' });
    expect(await tasks()).toMatchObject([{ state: 'resolved', note: 'corregido' }]);
    expect(await counted()).toBe(before - 1);
  });
});
