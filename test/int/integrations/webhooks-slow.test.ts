import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { writeEvent } from '../../../domain/shared/queries-events.ts';
import { createGuardedFetch } from '../../../outbound/guarded-fetch.ts';
import { createSecretBox } from '../../../outbound/secret-box.ts';
import {
  createDeliveries,
  startWebhookRelay,
  type WebhookRelayDeps,
} from '../../../relay/webhook-deliveries.ts';
import { type ApiWorld, ask, createApiWorld, type Customer } from '../../support/api.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';

const secrets = createSecretBox(randomBytes(32).toString('base64'));
let api: ApiWorld;
let app: ApiWorld['app'];
let relay: WebhookRelayDeps;
let slow: Receiver;
let quick: Receiver;
let nowMs = Date.now();

beforeAll(async () => {
  api = await createApiWorld();
  app = api.appWith({ secrets, targets: { allowPrivate: true } });
  relay = {
    system: api.world.system,
    fetch: createGuardedFetch({ allowPrivate: true }),
    secrets,
    logger: pino({ level: 'silent' }),
    delayMs: () => 0,
    nowMs: () => nowMs,
  };
});
afterAll(() => api.close());
beforeEach(async () => {
  slow = await startReceiver();
  quick = await startReceiver();
  return () => Promise.all([slow.close(), quick.close()]);
});

async function endpointOf(as: Customer, receiver: Receiver): Promise<() => Promise<unknown>> {
  const made = await ask(app, 'POST', '/api/v1/webhook-endpoints', { as, json: { url: receiver.url } });
  expect(made.status).toBe(201);
  const path = `/api/v1/webhook-endpoints/${String(made.body['id'])}/disable`;
  return () => ask(app, 'POST', path, { as });
}

async function happen(many: number, { accountId }: Customer): Promise<void> {
  for (let i = 0; i < many; i += 1) {
    await inAccount(api.world.app, accountId, (trx) =>
      writeEvent(trx, {
        accountId,
        type: 'contact.opened',
        subject: `${i}`,
        occurredAt: new Date(),
        data: { contact_id: randomUUID(), batch_id: randomUUID(), run: 1 },
      }),
    );
  }
}

describe('a receiver', () => {
  it('that does not answer keeps its own places and delays nobody else, of its account or of another', async () => {
    const { one, other } = api;
    const ends = [await endpointOf(one, slow)];
    let release = (): void => undefined;
    slow.hold = new Promise((resolve) => (release = resolve));
    // More than a page of them, before all others.
    await happen(90, one);
    ends.push(await endpointOf(other, quick), await endpointOf(one, quick));
    await happen(10, other);
    await happen(5, one);
    const news = {
      wait: (_channel: string, _subject: string, ms: number) =>
        new Promise<void>((r) => setTimeout(r, ms).unref()),
      close: () => Promise.resolve(),
    };
    const running = startWebhookRelay({ ...relay, news });
    await expect.poll(() => quick.received.length, { timeout: 10_000 }).toBe(15);
    expect(slow.received).toHaveLength(4);
    release();
    await expect.poll(() => slow.received.length, { timeout: 30_000 }).toBe(95);
    await running.stop();
    for (const end of ends) await end();
  });

  it('that fails again and again is left alone, asked once after a while, and has everything when it is back', async () => {
    const end = await endpointOf(api.one, slow);
    slow.answers.push(...Array<number>(9).fill(500));
    await happen(12, api.one);
    const deliveries = createDeliveries(relay);
    const rounds = async (): Promise<number> => {
      for (let i = 0; i < 10; i += 1) {
        await deliveries.take();
        await deliveries.idle();
      }
      return slow.received.length;
    };
    // Two rounds of four: the fifth failure ends it.
    expect(await rounds()).toBe(8);
    nowMs += 10_000;
    expect(await rounds()).toBe(8);
    nowMs += 3_600_000;
    // One, which fails; then one that does not.
    expect(await rounds()).toBe(9);
    nowMs += 3_600_000;
    expect(await rounds()).toBe(21);
    await end();
  });
});
