import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionDeps } from '../../../domain/messages/send-payment-link.ts';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import { createBundledTools } from '../../../domain/messages/bundled-tools.ts';
import { notedSender } from '../../../domain/messages/noted-sender.ts';
import { notedProvider } from '../../../domain/payments/noted-provider.ts';
import { notedVoice } from '../../../domain/calls/noted-voice.ts';
import type { PlaceCallAnswer, VoiceProvider } from '../../../domain/calls/voice-port.ts';
import { storeSecret } from '../../../domain/accounts/channels.ts';
import { createFaultNotes, type FaultNotes } from '../../../domain/shared/channel-health.ts';
import { faultWords, type Fault } from '../../../domain/shared/rules/channel-faults.ts';
import { createRetellProvider } from '../../../channels/retell/retell.ts';
import { listenOn } from '../../../dev/listen.ts';
import { createMetrics } from '../../../observability/metrics.ts';
import { insertMcpServer, replaceBinding } from '../../../domain/tools/queries.ts';
import { readExposition } from '../../support/exposition.ts';
import { ask, dialOne } from '../../support/api.ts';
import {
  createDebtor,
  createMessageWorld,
  type Debtor,
  type MessageWorld,
  sendInput,
} from '../../support/messages.ts';

let world: MessageWorld;
let faults: FaultNotes;
let watched: ActionDeps;
const metrics = createMetrics();
let nowMs = Date.now();

beforeAll(async () => {
  world = await createMessageWorld();
  faults = createFaultNotes({
    app: world.api.world.app,
    counted: (note, times) => metrics.channelFailures.inc({ ...note }, times),
    onError: (error) => {
      throw error;
    },
    writeAfterMs: 60_000,
  });
  // As worker.ts puts it together.
  const links = {
    ...world.links,
    openPaymentProvider: notedProvider(world.links.openPaymentProvider, faults.note),
    openMessageSender: notedSender(world.links.openMessageSender, faults.note),
  };
  watched = { ...world.actions, ...links, bundled: createBundledTools(links), noteFault: faults.note };
});
afterAll(() => world.close());

const secret = (name: string, value: string): Promise<unknown> =>
  world.inside((trx) =>
    storeSecret(trx, world.secrets, { accountId: world.accountId, actor: 'test' }, { name, value }),
  );

const send = (debtor: Debtor) =>
  sendPaymentLink({ app: world.api.world.app, actions: watched }, sendInput(world, debtor));

async function counted(channel: string, fault: Fault): Promise<number | undefined> {
  const { text } = await metrics.page();
  return readExposition(text).find(
    ({ name, labels }) =>
      name === 'tandas_channel_failures_total' && labels['channel'] === channel && labels['fault'] === fault,
  )?.value;
}

/** What anybody is told; each question later than the answers that are remembered. */
async function health() {
  await faults.close();
  nowMs += 60_000;
  const app = world.api.appWith({ nowMs: () => nowMs });
  const live = await ask(app, 'GET', '/health/live');
  const ready = await ask(app, 'GET', '/health/ready');
  expect([live.status, ready.status]).toEqual([200, 200]);
  return ask(app, 'GET', '/health');
}

async function historyOf(contactId: string): Promise<unknown> {
  const { body } = await ask(world.app, 'GET', `/api/v1/contacts/${contactId}`, { as: world.api.one });
  return body['history'];
}

async function registerOf(personId: string) {
  const path = `/api/v1/people/${personId}/register`;
  const { body } = await ask(world.app, 'GET', path, { as: world.api.one });
  const csv = await world.app.request(`${path}?format=csv`, {
    headers: { authorization: `Bearer ${world.api.one.apiKey}` },
  });
  return { lines: body['lines'], csv: await csv.text() };
}

describe('a channel that fails', () => {
  it('is nowhere while none does, and every count is there', async () => {
    expect(await health()).toMatchObject({ status: 200, body: { status: 'ok', channels: [] } });
    expect(await counted('payment_link', 'credentials')).toBe(0);
  });

  it('payment links whose token the provider refuses: in health, metrics, history and register, in words', async () => {
    await secret('mp_access', 'a token that has ended');
    const debtor = await createDebtor(world);
    expect(await send(debtor)).toMatchObject({ kind: 'failed' });
    await secret('mp_access', 'mp_token');
    expect(await counted('payment_link', 'credentials')).toBe(1);
    const words = faultWords.credentials;
    const told = await health();
    expect(told).toMatchObject({
      status: 200,
      body: {
        status: 'degraded',
        parts: { database: 'ok', temporal: 'ok', voice: 'ok' },
        channels: [
          { channel: 'payment_link', provider: 'mercadopago', fault: 'credentials', failures: 1, ...words },
        ],
      },
    });
    // Anybody may ask: nobody's account is named.
    expect(JSON.stringify(told.body)).not.toContain(world.accountId);
    expect(await historyOf(debtor.contactId)).toContainEqual(
      expect.objectContaining({
        kind: 'audit',
        action: 'message.failed',
        detail: {
          message_id: expect.any(String),
          failure: 'link_not_made',
          fault: 'credentials',
          ...words,
        },
      }),
    );
    const { lines, csv } = await registerOf(debtor.personId);
    expect(lines).toMatchObject([
      { kind: 'message', result: 'not_sent', failure: { code: 'credentials', ...words } },
    ]);
    expect(csv).toContain(words.es);
  });

  it('WhatsApp that refuses our account; what it says of one person is theirs, and no failure of it', async () => {
    world.whatsApp.addFault({ kind: 'refuse', code: 190, httpStatus: 401 });
    const [refused, left] = [await createDebtor(world), await createDebtor(world)];
    expect(await send(refused)).toMatchObject({ kind: 'failed' });
    expect(await counted('message', 'credentials')).toBe(1);
    world.whatsApp.addFault({ kind: 'refuse', code: 131026 });
    expect(await send(left)).toMatchObject({ kind: 'failed' });
    const { text } = await metrics.page();
    const all = readExposition(text).filter(
      ({ name, labels }) => name === 'tandas_channel_failures_total' && labels['channel'] === 'message',
    );
    expect(all.reduce((sum, { value }) => sum + value, 0)).toBe(1);
    expect((await registerOf(refused.personId)).lines).toMatchObject([{ failure: { code: 'credentials' } }]);
    expect((await registerOf(left.personId)).lines).toMatchObject([
      { failure: { code: 'recipient', ...faultWords.recipient } },
    ]);
    expect((await health()).body).toMatchObject({ status: 'degraded' });
  });

  it("an account's own tool that lets nobody in", async () => {
    const shut = await listenOn(() => Promise.resolve(new Response('no', { status: 401 })), 0);
    const id = await world.inside(async (trx) => {
      const { accountId } = world;
      const server = await insertMcpServer(trx, {
        accountId,
        name: `shut-${randomUUID().slice(0, 8)}`,
        url: `${shut.url}/mcp`,
        secretName: null,
        timeoutMs: 5_000,
      });
      if (server === undefined) throw new Error('the name is taken');
      await replaceBinding(trx, {
        accountId,
        purpose: 'create_payment_link',
        serverId: server.id,
        tool: 'cobro',
        arguments: {},
      });
      return server.id;
    });
    const debtor = await createDebtor(world);
    expect(await send(debtor)).toMatchObject({ kind: 'failed' });
    await shut.close();
    expect(await counted('tool', 'credentials')).toBe(1);
    const away = await createDebtor(world);
    expect(await send(away)).toMatchObject({ kind: 'failed' });
    expect(await counted('tool', 'unreachable')).toBe(1);
    await ask(world.app, 'DELETE', '/api/v1/tool-bindings/create_payment_link', {
      as: world.api.one,
      key: id,
    });
    expect((await registerOf(debtor.personId)).lines).toMatchObject([{ failure: { code: 'credentials' } }]);
    const channels = (await health()).body['channels'];
    expect(channels).toContainEqual(
      expect.objectContaining({ channel: 'tool', provider: 'own', fault: 'unreachable' }),
    );
  });

  it('a voice provider that refuses our key: by the port, and in the history and register of whom it met', async () => {
    const shut = await listenOn(
      () => Promise.resolve(Response.json({ message: 'bad key' }, { status: 401 })),
      0,
    );
    const provider = createRetellProvider({ apiKey: 'ended', baseUrl: shut.url });
    const voice = notedVoice(provider, faults.note);
    const answer = await voice.placeCall(someCall, AbortSignal.timeout(5_000));
    await expect(voice.concurrency()).rejects.toThrow('get-concurrency');
    await shut.close();
    expect(answer).toMatchObject({ kind: 'rejected', reason: 'unauthorised' });
    expect(await counted('voice', 'credentials')).toBe(2);
    const { batch, contactId } = await dialOne(
      world.api.world,
      world.accountId,
      {},
      undefined,
      answer satisfies PlaceCallAnswer,
    );
    expect(await historyOf(contactId)).toContainEqual(
      expect.objectContaining({
        kind: 'attempt_event',
        event: 'rejected',
        detail: expect.objectContaining({ fault: 'credentials', ...faultWords.credentials }),
      }),
    );
    const { lines } = await registerOf(batch.contacts[0]?.personId ?? '');
    expect(lines).toMatchObject([{ kind: 'call', failure: { code: 'credentials' } }]);
  });

  it('is one series while it fails, and no more a quarter of an hour later', async () => {
    const failing: VoiceProvider = notedVoice(
      createRetellProvider({ apiKey: 'x', baseUrl: 'http://127.0.0.1:9' }),
      faults.note,
    );
    for (let times = 0; times < 2; times += 1) await expect(failing.getCall('c')).rejects.toThrow('get-call');
    const { body } = await health();
    expect(body['channels']).toContainEqual(
      expect.objectContaining({ channel: 'voice', fault: 'no_answer', failures: 2 }),
    );
    const owner = world.api.world.owner;
    await sql`update operation.channel_health set last_at = now() - interval '16 minutes', since = last_at`.execute(
      owner,
    );
    expect((await health()).body).toMatchObject({ status: 'ok', channels: [] });
    await expect(failing.getCall('c')).rejects.toThrow('get-call');
    const again = (await health()).body;
    expect(again).toMatchObject({ status: 'degraded', channels: [{ channel: 'voice', failures: 1 }] });
    expect(await sinceOfVoice()).toBeGreaterThan(Date.now() - 60_000);
  });
});

async function sinceOfVoice(): Promise<number> {
  const { rows } = await sql<{ since: Date }>`
    select since from operation.channel_health where channel = 'voice' and fault = 'no_answer'`.execute(
    world.api.world.app,
  );
  return rows[0]?.since.getTime() ?? 0;
}

const someCall = {
  attemptId: randomUUID(),
  accountId: randomUUID(),
  batchId: randomUUID(),
  contactId: randomUUID(),
  fromNumber: '+56221234567',
  toNumber: '+56961234567',
  agentId: 'agent',
  variables: {},
  ringMs: 30_000,
  maxCallMs: 600_000,
};
