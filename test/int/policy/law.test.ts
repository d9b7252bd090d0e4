import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { countMessage, readCounted, uncountMessage } from '../../../domain/policy/queries-limits.ts';
import { usRegfCollection } from '../../../domain/policy/rules/packs/us-regf-collection.ts';
import { addHoliday, dropHoliday } from '../../../domain/policy/account-holidays.ts';
import { type ApiWorld, ask, createApiWorld, dialOne, eventBody, signed } from '../../support/api.ts';
import { chilean, explain, personOf } from '../../support/chilean.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

describe('holidays', () => {
  const day = { country: 'CL', day: '2027-03-10', name: 'Aniversario de la empresa' };

  it('of an account are added and removed by its administrator, and close its own days at once', async () => {
    const { contactId } = await chilean(api);
    const admin = { ...api.administrator };
    const refused = await ask(api.app, 'POST', '/api/v1/holidays', { as: api.one, json: day });
    expect(refused.status).toBe(403);
    const elsewhere = await ask(api.app, 'POST', '/api/v1/holidays', { as: admin, json: day });
    expect(elsewhere.status).toBe(201);
    // Another account's day of rest is not ours.
    expect((await explain(api, contactId, '2027-03-10T12:00')).body).toMatchObject({
      call: { allowed: true },
    });
    const editor = { accountId: api.one.accountId, actor: 'test' };
    const id = await inAccount(api.world.app, api.one.accountId, (trx) =>
      addHoliday(trx, editor, { ...day, region: null, everyYear: false, kind: 'closed', source: '' }),
    );
    expect((await explain(api, contactId, '2027-03-10T12:00')).body).toMatchObject({
      call: { answer_es: 'No: feriado. Se puede desde el jueves 11-03-2027 08:00.' },
    });
    await inAccount(api.world.app, api.one.accountId, (trx) => dropHoliday(trx, editor, id));
    expect((await explain(api, contactId, '2027-03-10T12:00')).body).toMatchObject({
      call: { allowed: true },
    });
    const audit = await api.world.owner
      .selectFrom('operation.audit')
      .select('action')
      .where('subject', '=', id)
      .orderBy('id')
      .execute();
    expect(audit.map(({ action }) => action)).toEqual(['holiday.added', 'holiday.removed']);
  });

  it('that the law gives cannot be opened by an account, neither through the API nor in the database', async () => {
    const { accountId } = api.one;
    const wish = {
      ...day,
      day: '2027-12-25',
      region: null,
      everyYear: false,
      kind: 'open',
      source: '',
    } as const;
    const add = inAccount(api.world.app, accountId, (trx) =>
      addHoliday(trx, { accountId, actor: 'test' }, wish),
    );
    await expect(add).rejects.toMatchObject({ code: 'holiday_open' });
    const row = { ...day, day: '2027-12-25', kind: 'open', created_by: 'x' } as const;
    await expect(
      inAccount(api.world.app, accountId, (trx) =>
        trx
          .insertInto('catalogue.holiday')
          .values({ ...row, account_id: accountId })
          .execute(),
      ),
    ).rejects.toThrow('check constraint');
    await expect(
      inAccount(api.world.app, accountId, (trx) =>
        trx
          .insertInto('catalogue.holiday')
          .values({ ...row, account_id: null })
          .execute(),
      ),
    ).rejects.toThrow('row-level security');
  });

  it('of the installation hold for everybody; 20 August closes Chillán and whoever may live there', async () => {
    const { contactId } = await chilean(api);
    const personId = await personOf(api, contactId);
    const live = async (region: string | null) => {
      await api.world.owner.updateTable('core.person').set({ region }).where('id', '=', personId).execute();
      const { body } = await explain(api, contactId, '2027-08-20T12:00');
      return body['call'];
    };
    expect(await live('Metropolitana')).toMatchObject({ allowed: true });
    expect(await live('Región de Ñuble')).toMatchObject({ rules: [{ rule_es: 'feriado' }] });
    expect(await live('Chillán Viejo')).toMatchObject({ allowed: false });
    expect(await live(null)).toMatchObject({ allowed: false });
    await live('Metropolitana');
    const id = await api.world.owner
      .transaction()
      .execute((trx) =>
        addHoliday(
          trx,
          { accountId: null, actor: 'cli: test' },
          { ...day, day: '2027-12-25', region: null, everyYear: false, kind: 'open', source: 'decreto' },
        ),
      );
    expect((await explain(api, contactId, '2027-12-24T12:00')).body).toMatchObject({
      call: { allowed: true },
    });
    expect((await explain(api, contactId, '2027-12-25T12:00')).body).toMatchObject({
      call: { allowed: true },
    });
    await api.world.owner
      .transaction()
      .execute((trx) => dropHoliday(trx, { accountId: null, actor: 'cli: test' }, id));
    expect((await explain(api, contactId, '2027-12-25T12:00')).body).toMatchObject({
      call: { allowed: false },
    });
  });
});

describe('PUT /api/v1/accounts/{id}/rule-packs/{key}', () => {
  const put = (key: string, json: object, as = api.administrator) =>
    ask(api.app, 'PUT', `/api/v1/accounts/${api.one.accountId}/rule-packs/${key}`, { as, json });

  it('is for administrators, and takes a looser pack only with the name of who signs it off', async () => {
    expect((await put('us-regf-collection', {}, api.one)).status).toBe(403);
    expect(await put('us-regf-collection', {})).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'signed_off_by' }] },
    });
    expect(await put('atlantis', {})).toMatchObject({ status: 422, body: { errors: [{ field: 'pack' }] } });
    expect((await put('us-regf-collection', { signed_off_by: 'Ana Inventada' })).status).toBe(200);
    expect((await put('cl-collection-strict', {})).status).toBe(200);
    const rows = await api.world.owner
      .selectFrom('catalogue.account_rule_pack')
      .select(['pack_key', 'signed_off_by'])
      .where('account_id', '=', api.one.accountId)
      .where('pack_key', 'in', ['us-regf-collection', 'cl-collection-strict'])
      .orderBy('pack_key')
      .execute();
    expect(rows).toEqual([
      { pack_key: 'cl-collection-strict', signed_off_by: null },
      { pack_key: 'us-regf-collection', signed_off_by: 'Ana Inventada' },
    ]);
    const audit = await api.world.owner
      .selectFrom('operation.audit')
      .select('detail')
      .where('account_id', '=', api.one.accountId)
      .where('action', '=', 'rule_pack.chosen')
      .execute();
    expect(audit.map(({ detail }) => detail)).toContainEqual({
      pack: 'us-regf-collection',
      version: usRegfCollection.version,
      signedOffBy: 'Ana Inventada',
    });
  });
});

describe('a request for blocking, by the API', () => {
  it('is told by explain from then on for calls and messages, and ends with a reason', async () => {
    const { contactId } = await chilean(api);
    const path = `/api/v1/people/${await personOf(api, contactId)}`;
    const say = (what: 'stop' | 'lift', json: object) =>
      ask(api.app, 'POST', `${path}/${what}`, { as: api.one, json });
    const reasons = async () => {
      const { body } = await explain(api, contactId, '2027-06-08T10:00');
      return ['call', 'message'].map((way) => body[way]);
    };
    expect(await reasons()).toMatchObject([{ allowed: true }, { allowed: true }]);
    const stop = { stop: 'blocked', reason: 'lo pidió por correo' };
    expect(await say('stop', stop)).toMatchObject({ status: 200, body: { changed: true } });
    const blocked = { allowed: false, rules: [{ reason: 'blocked' }], next_allowed_at: null };
    expect(await reasons()).toMatchObject([blocked, blocked]);
    expect((await say('lift', { what: 'stop', reason: 'otra cosa' })).body).toEqual({ changed: false });
    expect((await say('lift', { what: 'blocked', reason: '' })).status).toBe(400);
    expect((await say('lift', { what: 'blocked', reason: 'respondida' })).body).toEqual({ changed: true });
    expect(await reasons()).toMatchObject([{ allowed: true }, { allowed: true }]);
  });
});

describe('the register of one person', () => {
  it('is, row by row, the attempts, refusals and messages that the database has', async () => {
    const { accountId } = api.one;
    const call = await dialOne(api.world, accountId);
    const { batch, contactId } = call;
    const personId = await personOf(api, contactId);
    const { owner, app } = api.world;
    const text = eventBody({ accountId, call });
    const path = `/api/v1/webhooks/retell/${accountId}`;
    expect((await ask(api.app, 'POST', path, { text, headers: signed(text) })).status).toBeLessThan(300);
    const { batchId } = batch;
    await owner
      .insertInto('operation.refusal')
      .values({
        account_id: api.one.accountId,
        batch_id: batchId,
        contact_id: contactId,
        request_id: null,
        wave_key: 'ola-2',
        reason: 'cool_down',
        rule: 'demo@2: 7 days, and "quotes"',
        at: new Date(),
      })
      .execute();
    const message = { accountId: api.one.accountId, personId, channel: 'whatsapp' } as const;
    await inAccount(app, api.one.accountId, (trx) =>
      countMessage(trx, { ...message, id: randomUUID(), at: new Date(), requested: true }),
    );
    const reply = await ask(api.app, 'GET', `/api/v1/people/${personId}/register`, { as: api.one });
    const attempts = await owner
      .selectFrom('operation.attempt as a')
      .innerJoin('operation.call as c', 'c.attempt_id', 'a.id')
      .innerJoin('core.phone as p', 'p.id', 'a.phone_id')
      .select(['a.id', 'a.attempted_at', 'p.e164', 'c.disconnection_reason', 'c.outcome', 'c.human'])
      .where('a.person_id', '=', personId)
      .execute();
    const refusals = await owner
      .selectFrom('operation.refusal')
      .select(['id', 'at', 'reason', 'rule'])
      .where('contact_id', '=', contactId)
      .execute();
    expect(attempts).toHaveLength(1);
    expect(reply.body['lines']).toEqual([
      ...attempts.map((row) =>
        expect.objectContaining({
          kind: 'call',
          at: row.attempted_at.toISOString(),
          reference: row.id,
          number: row.e164,
          human: row.human,
          result: row.outcome ?? row.disconnection_reason ?? 'placed',
          contact_id: contactId,
        }),
      ),
      ...refusals.map((row) =>
        expect.objectContaining({
          kind: 'refusal',
          at: row.at.toISOString(),
          reference: String(row.id),
          result: row.reason,
          rule: row.rule,
        }),
      ),
      expect.objectContaining({ kind: 'message', channel: 'whatsapp', result: 'sent', requested: true }),
    ]);
    const csv = await api.app.request(`/api/v1/people/${personId}/register?format=csv`, {
      headers: { authorization: `Bearer ${api.one.apiKey}` },
    });
    const lines = (await csv.text()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toContain('"7 days, and ""quotes""",demo@2');
    const foreign = await ask(api.app, 'GET', `/api/v1/people/${personId}/register`, { as: api.other });
    expect(foreign.status).toBe(404);
  });

  it('finds a person by national id in any spelling', async () => {
    const { contactId } = await chilean(api);
    await api.world.owner
      .updateTable('core.person')
      .set({ national_id: '12345678-5' })
      .where('id', '=', await personOf(api, contactId))
      .execute();
    const reply = await ask(api.app, 'GET', '/api/v1/people/12.345.678-5/register', { as: api.one });
    expect(reply).toMatchObject({ status: 200, body: { person: { national_id: '12345678-5' }, lines: [] } });
  });
});

it('a message counts once however often it is told, and not once it is proven unsent', async () => {
  const { contactId } = await chilean(api);
  const personId = await personOf(api, contactId);
  const query = { personId, e164: null, since: new Date(0) };
  const message = {
    id: randomUUID(),
    accountId: api.one.accountId,
    personId,
    channel: 'sms',
    at: new Date(),
    requested: false,
  } as const;
  await inAccount(api.world.app, api.one.accountId, async (trx) => {
    await countMessage(trx, message);
    await countMessage(trx, message);
    expect(await readCounted(trx, query)).toHaveLength(1);
    await uncountMessage(trx, message.id, new Date());
    expect(await readCounted(trx, query)).toEqual([]);
  });
});
