/** Webhooks and in-call functions of the fake provider: signature, order, retries and quirks. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Retell } from 'retell-sdk';
import { createFakeRetell } from '../../../dev/fakes/retell/fake-retell.ts';
import type { FakeRetell } from '../../../dev/fakes/retell/fake-retell.ts';
import type { FakeRetellOptions } from '../../../dev/fakes/retell/options.ts';
import { startWebhookReceiver } from '../../../dev/fakes/retell/webhook-receiver.ts';
import type { Delivery, WebhookReceiver } from '../../../dev/fakes/retell/webhook-receiver.ts';

const API_KEY = 'key_of_the_fake';
const QUICK: FakeRetellOptions = {
  apiKey: API_KEY,
  outcomeMode: 'pattern',
  ringMs: { min: 1, max: 5 },
  talkMs: { min: 5, max: 20 },
  analysisMs: { min: 1, max: 5 },
  webhookRetryDelaysMs: [1, 1, 1],
};

let fake: FakeRetell;
let receiver: WebhookReceiver;

async function startFake(options: FakeRetellOptions): Promise<void> {
  fake = createFakeRetell({ webhookUrl: `${receiver.url}/hook/{account_id}`, ...options });
  await fake.start();
}

async function dial(toNumber: string, more: Partial<Retell.CallCreatePhoneCallParams> = {}): Promise<string> {
  const sdk = new Retell({ apiKey: API_KEY, baseURL: fake.baseUrl(), maxRetries: 0 });
  const call = await sdk.call.createPhoneCall({
    from_number: '+566001234567',
    to_number: toNumber,
    metadata: { attempt_id: 'a1', account_id: 'acme' },
    ...more,
  });
  return call.call_id;
}

function eventsOf(deliveries: readonly Delivery[], callId: string): readonly string[] {
  return deliveries.filter((delivery) => delivery.callId === callId).map((delivery) => delivery.event);
}

function callIn(delivery: Delivery | undefined): ReadonlyMap<string, unknown> {
  const body = new Map<string, unknown>(Object.entries(JSON.parse(delivery?.rawBody ?? '{}')));
  return new Map<string, unknown>(Object.entries(body.get('call') ?? {}));
}

beforeEach(async () => {
  receiver = await startWebhookReceiver();
  await startFake(QUICK);
});
afterEach(async () => {
  await fake.stop();
  await receiver.close();
});

describe('signature', () => {
  it('of every webhook is accepted by the official Retell.verify', async () => {
    await dial('+56961234500');
    await fake.idle();
    expect(receiver.deliveries.length).toBe(3);
    for (const { rawBody, signature } of receiver.deliveries) {
      expect(await Retell.verify(rawBody, API_KEY, signature ?? '')).toBe(true);
    }
  });

  it('does not fit a changed body, another key or another signature', async () => {
    await dial('+56961234501');
    await fake.idle();
    const [first, second] = receiver.deliveries;
    const body = first?.rawBody ?? '';
    expect(await Retell.verify(`${body} `, API_KEY, first?.signature ?? '')).toBe(false);
    expect(await Retell.verify(body, 'key_of_another', first?.signature ?? '')).toBe(false);
    expect(await Retell.verify(body, API_KEY, second?.signature ?? '')).toBe(false);
  });
});

describe('events', () => {
  it('of an answered call are started, ended, analysed; the analysis is only in the last', async () => {
    const callId = await dial('+56961234500');
    await fake.idle();
    expect(eventsOf(receiver.deliveries, callId).toSorted()).toEqual([
      'call_analyzed',
      'call_ended',
      'call_started',
    ]);
    const byEvent = new Map(receiver.deliveries.map((delivery) => [delivery.event, callIn(delivery)]));
    expect(byEvent.get('call_started')?.get('call_status')).toBe('ongoing');
    expect(byEvent.get('call_ended')?.has('call_analysis')).toBe(false);
    expect(byEvent.get('call_analyzed')?.has('call_analysis')).toBe(true);
  });

  it.each(['01', '02', '03', '05', '06', '15', '16', '17'])(
    'of an unconnected call (%s) have no call_started',
    async (digits) => {
      const callId = await dial(`+569612345${digits}`);
      await fake.idle();
      expect(eventsOf(receiver.deliveries, callId).toSorted()).toEqual(['call_analyzed', 'call_ended']);
    },
  );

  it('of a voicemail say `ended`, as an answered call', async () => {
    await fake.stop();
    await startFake({ ...QUICK, registeredInEndedShare: 0 });
    await dial('+56961234504');
    const ended = await receiver.waitUntil((all) => all.find(({ event }) => event === 'call_ended'));
    expect(callIn(ended).get('call_status')).toBe('ended');
    expect(callIn(ended).get('disconnection_reason')).toBe('voicemail_reached');
  });

  it('say `registered` in call_ended sometimes, as in the official sample', async () => {
    await fake.stop();
    await startFake({ ...QUICK, registeredInEndedShare: 1 });
    await dial('+56961234501');
    const ended = await receiver.waitUntil((all) => all.find(({ event }) => event === 'call_ended'));
    expect(callIn(ended).get('call_status')).toBe('registered');
    expect(callIn(ended).get('disconnection_reason')).toBe('dial_no_answer');
  });

  it('of a transferred call include the transfer, which ends last', async () => {
    const callId = await dial('+56961234525');
    await fake.idle();
    const events = eventsOf(receiver.deliveries, callId);
    expect(events.toSorted()).toEqual([
      'call_analyzed',
      'call_ended',
      'call_started',
      'transfer_bridged',
      'transfer_ended',
      'transfer_started',
    ]);
    const last = receiver.deliveries.find(({ event }) => event === 'transfer_ended');
    expect(JSON.parse(last?.rawBody ?? '{}')).toHaveProperty('transfer_destination');
  });
});

describe('where webhooks go', () => {
  it('the account of the metadata is filled into the server-wide address', async () => {
    await dial('+56961234501');
    const { path } = await receiver.waitUntil((all) => all[0]);
    expect(path).toBe('/hook/acme');
  });

  it("the agent's own address replaces the server-wide one", async () => {
    await dial('+56961234501', { agent_override: { agent: { webhook_url: `${receiver.url}/agent` } } });
    const { path } = await receiver.waitUntil((all) => all[0]);
    expect(path).toBe('/agent');
  });
});

describe('retries', () => {
  it('a webhook is sent again until a 2xx, each time with a fresh signature', async () => {
    receiver.answerWith((_, nth) => ({ status: nth < 3 ? 500 : 204 }));
    fake.addFault({ kind: 'lose_webhook', event: 'call_analyzed' });
    await dial('+56961234501');
    await fake.idle();
    expect(fake.webhooks()).toContainEqual(
      expect.objectContaining({ event: 'call_ended', result: 'delivered', tries: [500, 500, 204] }),
    );
    for (const { rawBody, signature } of receiver.deliveries) {
      expect(await Retell.verify(rawBody, API_KEY, signature ?? '')).toBe(true);
    }
  });

  it('a webhook is given up after three retries', async () => {
    receiver.answerWith(() => ({ status: 503 }));
    fake.addFault({ kind: 'lose_webhook', event: 'call_analyzed' });
    await dial('+56961234501');
    await fake.idle();
    expect(fake.webhooks()).toContainEqual(
      expect.objectContaining({ event: 'call_ended', result: 'failed', tries: [503, 503, 503, 503] }),
    );
    expect(receiver.deliveries).toHaveLength(4);
  });

  it('a receiver that does not answer in time is a failed try', async () => {
    await fake.stop();
    await startFake({ ...QUICK, webhookTimeoutMs: 20, webhookRetryDelaysMs: [] });
    receiver.answerWith(() => 'hang');
    await dial('+56961234501');
    await fake.idle();
    expect(fake.webhooks()).toContainEqual(
      expect.objectContaining({ event: 'call_ended', result: 'failed', tries: ['timeout'] }),
    );
  });

  it('a receiver that is down does not stop the call', async () => {
    fake.setWebhookUrl('http://127.0.0.1:1/nobody');
    await dial('+56961234501');
    await fake.idle();
    expect(fake.webhooks().map(({ result }) => result)).toEqual(['failed', 'failed']);
    expect(fake.calls()).toMatchObject([{ final: true }]);
  });
});

describe('webhook faults', () => {
  it('a lost webhook never arrives, and the call is at the provider all the same', async () => {
    fake.addFault({ kind: 'lose_webhook', times: 'always' });
    const callId = await dial('+56961234500');
    await fake.idle();
    expect(receiver.deliveries).toEqual([]);
    expect(fake.webhooks().map(({ result }) => result)).toEqual(['lost', 'lost', 'lost']);
    expect(fake.calls()).toMatchObject([{ callId, final: true }]);
  });

  it('one event can be lost alone', async () => {
    fake.addFault({ kind: 'lose_webhook', event: 'call_ended' });
    const callId = await dial('+56961234500');
    await fake.idle();
    expect(eventsOf(receiver.deliveries, callId).toSorted()).toEqual(['call_analyzed', 'call_started']);
  });

  it('duplicates are delivered with the same body', async () => {
    fake.addFault({ kind: 'duplicate_webhook', event: 'call_ended', copies: 2 });
    await dial('+56961234501');
    await fake.idle();
    const ended = receiver.deliveries.filter(({ event }) => event === 'call_ended');
    expect(ended).toHaveLength(3);
    expect(new Set(ended.map(({ rawBody }) => rawBody)).size).toBe(1);
  });

  it('reordered, call_ended comes after call_analyzed', async () => {
    fake.addFault({ kind: 'reorder_webhooks' });
    const callId = await dial('+56961234501');
    await fake.idle();
    expect(eventsOf(receiver.deliveries, callId)).toEqual(['call_analyzed', 'call_ended']);
  });

  it('a delayed webhook still says what was true when it was triggered', async () => {
    fake.addFault({ kind: 'delay_webhook', event: 'call_ended', ms: 60 });
    await dial('+56961234500');
    const late = await receiver.waitUntil((all) => all.find(({ event }) => event === 'call_ended'));
    expect(callIn(late).has('call_analysis')).toBe(false);
    expect(receiver.deliveries.at(-1)).toBe(late);
  });

  it('shares make some webhooks twice, swapped or lost, the same ones for the same seed', async () => {
    const runs: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      await fake.stop();
      await startFake({ ...QUICK, duplicateShare: 0.3, reorderShare: 0.3, loseShare: 0.3 });
      for (let n = 0; n < 12; n += 1) await dial(`+56961230${String(n).padStart(2, '0')}01`);
      await fake.idle();
      const numbers = new Map(fake.calls().map((call) => [call.callId, String(call.call['to_number'])]));
      runs.push(
        fake
          .webhooks()
          .map(
            ({ callId, event, copy, result }) => `${String(numbers.get(callId))} ${event} ${copy} ${result}`,
          )
          .toSorted()
          .join('\n'),
      );
    }
    expect(runs[0]).toBe(runs[1]);
    expect(runs[0]).toMatch(/ 1 delivered/);
    expect(runs[0]).toMatch(/ lost/);
  });
});

describe('in-call functions', () => {
  it('are called in the middle of the call, signed, and their result is in the transcript', async () => {
    fake.setFunctionUrl(`${receiver.url}/tools/{account_id}`);
    receiver.answerWith(({ path }) =>
      path.startsWith('/tools')
        ? { status: 200, body: '{"ok":true,"say":"¿Con quién hablo?"}' }
        : { status: 204 },
    );
    const callId = await dial('+56961234500');
    const request = await receiver.waitUntil((all) => all.find(({ path }) => path === '/tools/acme'));
    expect(await Retell.verify(request.rawBody, API_KEY, request.signature ?? '')).toBe(true);
    const body: unknown = JSON.parse(request.rawBody);
    expect(body).toMatchObject({
      name: 'confirm_identity',
      call: { call_id: callId, call_status: 'ongoing', metadata: { attempt_id: 'a1' } },
      args: { is_holder: true },
    });
    await fake.idle();
    const [record] = fake.calls();
    expect(record?.call['transcript_with_tool_calls']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ role: 'tool_call_invocation', name: 'confirm_identity' }),
        expect.objectContaining({
          role: 'tool_call_result',
          content: expect.stringContaining('"ok":true'),
          successful: true,
        }),
      ]),
    );
    // The agent says what it was answered, and nothing of a debt that nobody told it of.
    expect(record?.call['transcript']).toContain('Agent: ¿Con quién hablo?');
    expect(record?.call['transcript']).not.toContain('saldo');
  });

  it('that fail do not stop the call', async () => {
    fake.setFunctionUrl('http://127.0.0.1:1/nobody');
    await dial('+56961234500');
    await fake.idle();
    expect(fake.calls()).toMatchObject([{ final: true, call: { disconnection_reason: 'agent_hangup' } }]);
  });
});
