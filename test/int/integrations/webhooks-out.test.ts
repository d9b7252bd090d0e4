import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { writeEvent } from '../../../domain/shared/queries-events.ts';
import type { EventData, EventType } from '../../../domain/shared/rules/events.ts';
import { createGuardedFetch } from '../../../outbound/guarded-fetch.ts';
import { createSecretBox } from '../../../outbound/secret-box.ts';
import { deliverOnce, type WebhookRelayDeps } from '../../../relay/webhook-deliveries.ts';
import { type ApiWorld, ask, createApiWorld, type Customer, type Reply } from '../../support/api.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';

const secrets = createSecretBox(randomBytes(32).toString('base64'));
let api: ApiWorld;
let app: ApiWorld['app'];
let receiver: Receiver;
let relay: WebhookRelayDeps;
/** A failed try is due at once; the third failure is the last. */
let delayMs: (tries: number) => number | null;

beforeAll(async () => {
  api = await createApiWorld();
  app = api.appWith({ secrets, targets: { allowPrivate: true } });
  delayMs = (tries) => (tries >= 3 ? null : 0);
  relay = {
    system: api.world.system,
    fetch: createGuardedFetch({ allowPrivate: true }),
    secrets,
    logger: pino({ level: 'silent' }),
    delayMs: (tries) => delayMs(tries),
  };
});
afterAll(() => api.close());
beforeEach(async () => {
  receiver = await startReceiver();
  return () => receiver.close();
});

const post = (path: string, json?: unknown, as: Customer = api.one): Promise<Reply> =>
  ask(app, 'POST', path, { as, ...(json === undefined ? {} : { json }) });

async function endpoint(json: object = {}): Promise<{ readonly id: string; readonly secret: string }> {
  const { status, body } = await post('/api/v1/webhook-endpoints', { url: receiver.url, ...json });
  expect(status).toBe(201);
  return { id: String(body['id']), secret: String(body['secret']) };
}

/** What it says is no matter here. */
const told: EventData['contact.opened'] = { contact_id: randomUUID(), batch_id: randomUUID(), run: 1 };

const happened = (
  type: EventType,
  subject = 'a-subject',
  accountId = api.one.accountId,
): Promise<string | undefined> =>
  inAccount(api.world.app, accountId, (trx) =>
    writeEvent(trx, { accountId, type, subject, occurredAt: new Date(), data: told }),
  );

async function states(endpointId: string): Promise<readonly unknown[]> {
  const query = `endpoint=${endpointId}`;
  const { body } = await ask(app, 'GET', `/api/v1/webhook-deliveries?${query}`, { as: api.one });
  const rows: unknown = body['deliveries'];
  if (!Array.isArray(rows)) throw new Error('no deliveries in the answer');
  return rows.map((row: { state: string; type: string; tries: number }) => [row.type, row.state, row.tries]);
}

describe('outgoing webhooks', () => {
  it('are accepted by the official Standard Webhooks library, and carry what happened', async () => {
    const { id, secret } = await endpoint();
    const eventId = await happened('payment.recorded', 'payment-1');
    await deliverOnce(relay);
    const [got] = receiver.received;
    const headers = Object.fromEntries(Object.entries(got?.headers ?? {}).map(([k, v]) => [k, String(v)]));
    expect(new Webhook(secret).verify(got?.body ?? '', headers)).toMatchObject({
      type: 'payment.recorded',
      id: eventId,
      subject: 'payment-1',
      data: told,
    });
    expect(headers['webhook-id']).toBe(eventId);
    expect(() => new Webhook(secret).verify(`${got?.body} `, headers)).toThrow('No matching signature');
    expect(await states(id)).toEqual([['payment.recorded', 'delivered', 1]]);
    await post(`/api/v1/webhook-endpoints/${id}/disable`);
  });

  it('go to the endpoints of their account that want their type, and to no other', async () => {
    const wants = await endpoint({ event_types: ['promise.made'] });
    const disabled = await endpoint({ url: `${receiver.url}/disabled` });
    await post(`/api/v1/webhook-endpoints/${disabled.id}/disable`);
    await happened('promise.made');
    await happened('promise.broken');
    await happened('promise.made', 'x', api.other.accountId);
    await deliverOnce(relay);
    expect(receiver.received).toHaveLength(1);
    expect(await states(wants.id)).toEqual([['promise.made', 'delivered', 1]]);
    expect(await states(disabled.id)).toEqual([]);
    await happened('promise.made');
    await post(`/api/v1/webhook-endpoints/${wants.id}/disable`);
    expect(await deliverOnce(relay)).toBe(0);
    await post(`/api/v1/webhook-endpoints/${wants.id}/enable`);
    expect(await deliverOnce(relay)).toBe(1);
    await post(`/api/v1/webhook-endpoints/${wants.id}/disable`);
  });

  it('of a transaction that rolls back are never sent', async () => {
    const { id } = await endpoint();
    const { accountId } = api.one;
    const lost = inAccount(api.world.app, accountId, async (trx) => {
      const event = {
        accountId,
        type: 'contact.opened',
        subject: 's',
        occurredAt: new Date(),
        data: told,
      } as const;
      await writeEvent(trx, event);
      throw new Error('rolled back');
    });
    await expect(lost).rejects.toThrow('rolled back');
    expect(await deliverOnce(relay)).toBe(0);
    expect(await states(id)).toEqual([]);
    await post(`/api/v1/webhook-endpoints/${id}/disable`);
  });

  it('of an account that the transaction cannot see are a mistake of whoever writes, in words', async () => {
    const foreign = inAccount(api.world.app, api.one.accountId, (trx) =>
      writeEvent(trx, {
        accountId: api.other.accountId,
        type: 'contact.opened',
        subject: 'foreign',
        occurredAt: new Date(),
        data: told,
      }),
    );
    await expect(foreign).rejects.toThrow('event contact.opened of foreign was not written');
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from operation.event where subject = 'foreign'`.execute(api.world.owner);
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('that fail to the last try die, are replayed under the same id, and are delivered once', async () => {
    const { id } = await endpoint();
    const eventId = await happened('contact.closed');
    receiver.answers.push(500, 'drop', 302);
    for (let tries = 0; tries < 5; tries += 1) await deliverOnce(relay);
    expect(receiver.received).toHaveLength(3);
    expect(await states(id)).toEqual([['contact.closed', 'dead', 3]]);
    const dead = await ask(app, 'GET', '/api/v1/webhook-deliveries?state=dead', { as: api.one });
    expect(dead.body['deliveries']).toMatchObject([{ event_id: eventId, last_error: 'HTTP 302' }]);
    const foreign = await post(`/api/v1/webhook-endpoints/${id}/replay`, undefined, api.other);
    expect(foreign.status).toBe(404);
    expect(await post(`/api/v1/webhook-endpoints/${id}/replay`)).toMatchObject({ body: { replayed: 1 } });
    expect(await post(`/api/v1/webhook-endpoints/${id}/replay`)).toMatchObject({ body: { replayed: 0 } });
    await deliverOnce(relay);
    await deliverOnce(relay);
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(Array(4).fill(eventId));
    expect(await states(id)).toEqual([['contact.closed', 'delivered', 4]]);
    await post(`/api/v1/webhook-endpoints/${id}/disable`);
  });

  it('are taken by one relay at a time, and by another when that one dies', async () => {
    const { id } = await endpoint();
    await happened('call.ended');
    const both = await Promise.all([deliverOnce(relay), deliverOnce(relay)]);
    expect(both.reduce((sum, many) => sum + many, 0)).toBe(1);
    await happened('call.ended');
    const dying = { ...relay, fetch: () => new Promise<Response>(() => undefined) };
    void deliverOnce(dying);
    await expect
      .poll(async () => (await states(id))[0], { timeout: 30_000 })
      .toEqual(['call.ended', 'pending', 1]);
    expect(await deliverOnce(relay)).toBe(0);
    await api.world.owner
      .updateTable('operation.webhook_delivery')
      .set({ next_try_at: new Date(0) })
      .where('state', '=', 'pending')
      .execute();
    expect(await deliverOnce(relay)).toBe(1);
    expect(await states(id)).toEqual([
      ['call.ended', 'delivered', 2],
      ['call.ended', 'delivered', 1],
    ]);
    await post(`/api/v1/webhook-endpoints/${id}/disable`);
  });

  it('are signed with both secrets after a rotation', async () => {
    const old = await endpoint();
    const { body } = await post(`/api/v1/webhook-endpoints/${old.id}/rotate`);
    await happened('link.clicked');
    await deliverOnce(relay);
    const [got] = receiver.received;
    const headers = Object.fromEntries(Object.entries(got?.headers ?? {}).map(([k, v]) => [k, String(v)]));
    for (const secret of [old.secret, String(body['secret'])]) {
      expect(new Webhook(secret).verify(got?.body ?? '', headers)).toMatchObject({ type: 'link.clicked' });
    }
    await post(`/api/v1/webhook-endpoints/${old.id}/disable`);
  });

  it('never reach an address of our own network, and secrets lie sealed', async () => {
    const strict = api.appWith({ secrets });
    const refused = await ask(strict, 'POST', '/api/v1/webhook-endpoints', {
      as: api.one,
      json: { url: receiver.url },
    });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ field: 'url' }] } });
    const { id, secret } = await endpoint();
    await happened('call.ended');
    await deliverOnce({ ...relay, fetch: createGuardedFetch({ allowPrivate: false }) });
    expect(receiver.received).toEqual([]);
    expect(await states(id)).toEqual([['call.ended', 'dead', 1]]);
    const rows = await api.world.owner.selectFrom('catalogue.webhook_endpoint').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(secret.slice(6));
    const none = await ask(api.app, 'POST', '/api/v1/webhook-endpoints', {
      as: api.one,
      json: { url: 'https://cobranza.example/hooks' },
    });
    expect(none).toMatchObject({ status: 503, type: 'application/problem+json' });
  });
});

describe('an endpoint', () => {
  const path = '/api/v1/webhook-endpoints';
  const remove = (id: string, as: Customer = api.one) => ask(app, 'DELETE', `${path}/${id}`, { as });

  it('is at one address once: the same one again is a conflict, also for one that is disabled or asked for at once', async () => {
    const { url } = receiver;
    const both = await Promise.all([post(path, { url }), post(path, { url: `${url}#` })]);
    expect(both.map(({ status }) => `${status}`).toSorted()).toEqual(['201', '409']);
    const { id } = both.find(({ status }) => status === 201)?.body ?? {};
    await post(`${path}/${String(id)}/disable`);
    expect(await post(path, { url: url.replace('http:', 'HTTP:') })).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:endpoint_url_taken', errors: [{ field: 'url' }] },
    });
    expect((await post(path, { url }, api.other)).status).toBe(201);
    expect((await remove(String(id))).status).toBe(204);
    const anew = await post(path, { url });
    expect(anew.status).toBe(201);
    await remove(String(anew.body['id']));
  });

  it('that is deleted is sent nothing, not even what waited, has no secret left, and its past can be read', async () => {
    const { id } = await endpoint();
    await happened('call.ended');
    await deliverOnce(relay);
    await happened('call.ended');
    expect((await remove(id, api.other)).status).toBe(404);
    expect((await remove(id)).status).toBe(204);
    await happened('call.ended');
    await deliverOnce(relay);
    expect(receiver.received).toHaveLength(1);
    expect(await states(id)).toEqual([
      ['call.ended', 'dead', 0],
      ['call.ended', 'delivered', 1],
    ]);
    for (const action of ['disable', 'enable', 'rotate', 'replay', 'test']) {
      expect((await post(`${path}/${id}/${action}`)).status, action).toBe(404);
    }
    expect((await remove(id)).status).toBe(404);
    const { body } = await ask(app, 'GET', '/api/v1/webhook-deliveries?state=dead', { as: api.one });
    const [dead] = Object(body['deliveries']);
    expect((await post(`/api/v1/webhook-deliveries/${String(dead.id)}/replay`)).status).toBe(404);
    const row = await api.world.owner
      .selectFrom('catalogue.webhook_endpoint')
      .select(['secret_sealed', 'previous_secret_sealed'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ secret_sealed: '', previous_secret_sealed: null });
    const listed = await ask(app, 'GET', path, { as: api.one });
    expect(JSON.stringify(listed.body)).not.toContain(id);
  });

  it('is tried by an event of its own, signed as every other, whatever it wants, and five times a minute', async () => {
    const { id, secret } = await endpoint({ event_types: ['promise.made'] });
    const other = await endpoint({ url: `${receiver.url}/other` });
    const { status, body } = await post(`${path}/${id}/test`);
    expect(status).toBe(202);
    const delivery = `/api/v1/webhook-deliveries/${String(body['delivery_id'])}`;
    const read = (as: Customer) => ask(app, 'GET', delivery, { as });
    expect(await read(api.one)).toMatchObject({ status: 200, body: { state: 'pending', tries: 0 } });
    expect((await read(api.other)).status).toBe(404);
    await deliverOnce(relay);
    expect(receiver.received).toHaveLength(1);
    const [got] = receiver.received;
    const headers = Object.fromEntries(Object.entries(got?.headers ?? {}).map(([k, v]) => [k, String(v)]));
    expect(new Webhook(secret).verify(got?.body ?? '', headers)).toMatchObject({
      type: 'webhook.test',
      id: body['event_id'],
      data: { endpoint_id: id },
    });
    expect(await read(api.one)).toMatchObject({ body: { type: 'webhook.test', state: 'delivered' } });
    const many = await Promise.all(Array.from({ length: 6 }, () => post(`${path}/${id}/test`)));
    expect(many.filter((reply) => reply.status === 202)).toHaveLength(4);
    expect(many.filter((reply) => reply.status === 429)).toHaveLength(2);
    await post(`${path}/${id}/disable`);
    expect(await post(`${path}/${id}/test`)).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:endpoint_disabled' },
    });
    expect((await post(`${path}/${other.id}/test`, undefined, api.other)).status).toBe(404);
    await remove(other.id);
    const asked = await post(path, { url: `${receiver.url}/x`, event_types: ['webhook.test'] });
    expect(asked.status).toBe(400);
  });
});
