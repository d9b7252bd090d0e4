/** Our adapter against the fake provider: what a dial that went wrong proves, and what it does not. */
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRetellProvider, VoiceProviderError } from '../../../channels/retell/retell.ts';
import type { PlaceCallRequest, VoiceProvider } from '../../../domain/calls/voice-port.ts';
import { createFakeRetell } from '../../../dev/fakes/retell/fake-retell.ts';
import type { FakeRetell } from '../../../dev/fakes/retell/fake-retell.ts';
import { startWebhookReceiver } from '../../../dev/fakes/retell/webhook-receiver.ts';
import type { FakeRetellOptions } from '../../../dev/fakes/retell/options.ts';

const API_KEY = 'key_of_the_fake';
const QUICK: FakeRetellOptions = {
  apiKey: API_KEY,
  outcomeMode: 'pattern',
  ringMs: { min: 1, max: 5 },
  talkMs: { min: 5, max: 20 },
  analysisMs: { min: 1, max: 5 },
};
const RINGING: FakeRetellOptions = { ...QUICK, ringMs: { min: 3_600_000, max: 3_600_000 } };

const REQUEST: PlaceCallRequest = {
  attemptId: 'att_1',
  accountId: 'acme',
  batchId: 'bat_1',
  contactId: 'con_1',
  fromNumber: '+566001234567',
  toNumber: '+56961234500',
  agentId: 'agent_1',
  variables: { monto: '123.450' },
  ringMs: 25_000,
  maxCallMs: 180_000,
};
const never = () => new AbortController().signal;

let fake: FakeRetell;
let provider: VoiceProvider;

async function startFake(options: FakeRetellOptions): Promise<void> {
  fake = createFakeRetell(options);
  provider = createRetellProvider({ apiKey: API_KEY, baseUrl: await fake.start() });
}

function place(change: Partial<PlaceCallRequest> = {}, signal = never()) {
  return provider.placeCall({ ...REQUEST, ...change }, signal);
}

beforeEach(() => startFake(QUICK));
afterEach(() => fake.stop());

describe('placing a call', () => {
  it('writes our ids into the metadata, the agent and the limits into the call', async () => {
    const answer = await place();
    expect(answer).toMatchObject({ kind: 'placed' });
    const [record] = fake.calls();
    expect(record?.call).toMatchObject({
      agent_id: 'agent_1',
      from_number: '+566001234567',
      to_number: '+56961234500',
      metadata: { attempt_id: 'att_1', account_id: 'acme', batch_id: 'bat_1', contact_id: 'con_1' },
      retell_llm_dynamic_variables: { monto: '123.450' },
    });
  });

  it('names the account’s own webhook address when it knows where the provider reaches us', async () => {
    const receiver = await startWebhookReceiver();
    const { origin } = new URL(receiver.url);
    const known = createRetellProvider({ apiKey: API_KEY, baseUrl: fake.baseUrl(), publicUrl: origin });
    await known.placeCall(REQUEST, never());
    await receiver.waitUntil((deliveries) => deliveries.length > 0);
    expect(new Set(receiver.deliveries.map(({ path }) => path))).toEqual(
      new Set(['/api/v1/webhooks/retell/acme']),
    );
    await receiver.close();
  });

  it('says what an answering machine hears, and leaves it to the agent where nothing is said', async () => {
    const bodies: unknown[] = [];
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        bodies.push(JSON.parse(body));
        response.writeHead(201, { 'content-type': 'application/json' }).end('{"call_id":"call_1"}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const retell = createRetellProvider({ apiKey: API_KEY, baseUrl: `http://127.0.0.1:${port}` });
    await retell.placeCall({ ...REQUEST, voicemail: { kind: 'hang_up' } }, never());
    await retell.placeCall({ ...REQUEST, voicemail: { kind: 'say', text: 'Llámenos.' } }, never());
    await retell.placeCall(REQUEST, never());
    server.close();
    const agent = (option: object) => ({ agent_override: { agent: option } });
    expect(bodies).toMatchObject([
      agent({ voicemail_option: { action: { type: 'hangup' } } }),
      agent({ voicemail_option: { action: { type: 'static_text', text: 'Llámenos.' } } }),
      {},
    ]);
    expect(JSON.stringify(bodies[2])).not.toContain('voicemail_option');
    // The provider's own schema takes both.
    expect(await place({ voicemail: { kind: 'hang_up' } })).toMatchObject({ kind: 'placed' });
    expect(await place({ voicemail: { kind: 'say', text: 'Llámenos.' } })).toMatchObject({ kind: 'placed' });
  });

  it('sends how long it may ring and last: out of range, the provider refuses', async () => {
    expect(await place({ ringMs: 4999 })).toMatchObject({ kind: 'rejected', reason: 'bad_request' });
    expect(await place({ maxCallMs: 59_999 })).toMatchObject({ kind: 'rejected', reason: 'bad_request' });
  });
});

describe('a dial that was refused', () => {
  it.each([
    ['no_credit', 402, 'no_provider_credit'],
    ['rate_limited', 429, 'rate_limited'],
  ] as const)('%s is a proof that nothing was placed', async (kind, httpStatus, reason) => {
    fake.addFault({ kind });
    expect(await place()).toMatchObject({ kind: 'rejected', reason, httpStatus });
    expect(fake.posts()).toHaveLength(1);
    expect(fake.calls()).toEqual([]);
  });

  it('a wrong key is unauthorised', async () => {
    const stranger = createRetellProvider({ apiKey: 'wrong', baseUrl: fake.baseUrl() });
    expect(await stranger.placeCall(REQUEST, never())).toMatchObject({
      kind: 'rejected',
      reason: 'unauthorised',
      httpStatus: 401,
    });
  });

  it('a number that was never imported is a bad request', async () => {
    await fake.stop();
    await startFake({ ...QUICK, fromNumbers: [] });
    expect(await place()).toMatchObject({ kind: 'rejected', reason: 'bad_request', httpStatus: 422 });
  });

  it('says no name, number or amount of ours', async () => {
    const answer = await place({ toNumber: '961234567', variables: { nombre: 'Persona Inventada' } });
    expect(answer.kind).toBe('rejected');
    expect(JSON.stringify(answer)).not.toMatch(/Inventada|961234567|123\.450/);
  });
});

describe('a dial that proves nothing', () => {
  it('500 after the call was placed: one POST, unknown, and the call is found by its attempt', async () => {
    fake.addFault({ kind: 'error_after_placed' });
    expect(await place()).toMatchObject({ kind: 'unknown' });
    expect(fake.posts()).toHaveLength(1);
    expect(await provider.findCallByAttempt('att_1')).toMatchObject({
      providerCallId: fake.calls()[0]?.callId,
      attemptId: 'att_1',
      accountId: 'acme',
      contactId: 'con_1',
    });
  });

  it('500 without a call is unknown too: the two look the same', async () => {
    fake.addFault({ kind: 'error_not_placed' });
    expect(await place()).toMatchObject({ kind: 'unknown' });
    expect(fake.posts()).toHaveLength(1);
    expect(await provider.findCallByAttempt('att_1')).toBeUndefined();
  });

  it('no answer in time is unknown, and the call is found by its attempt', async () => {
    provider = createRetellProvider({ apiKey: API_KEY, baseUrl: fake.baseUrl(), timeoutMs: 100 });
    fake.addFault({ kind: 'timeout_after_placed' });
    expect(await place()).toMatchObject({ kind: 'unknown' });
    expect(fake.posts()).toHaveLength(1);
    expect(await provider.findCallByAttempt('att_1')).toBeDefined();
  });

  it('an abort at the deadline is unknown', async () => {
    fake.addFault({ kind: 'timeout_after_placed' });
    const deadline = new AbortController();
    const answer = place({}, deadline.signal);
    await fake.waitUntil((f) => f.posts().some((post) => post.answer === 'held'));
    deadline.abort();
    expect(await answer).toMatchObject({ kind: 'unknown' });
    expect(fake.posts()).toHaveLength(1);
  });

  it('after its deadline nothing is sent at all', async () => {
    expect(await place({}, AbortSignal.abort())).toMatchObject({ kind: 'unknown' });
    expect(fake.posts()).toEqual([]);
  });

  it('a dropped connection is unknown, and the call that is placed later is found then', async () => {
    fake.addFault({ kind: 'dropped_then_placed', ms: 100 });
    expect(await place()).toMatchObject({ kind: 'unknown' });
    expect(await provider.findCallByAttempt('att_1')).toBeUndefined();
    const post = await fake.waitUntil((f) => f.posts().find((p) => p.placed));
    expect(fake.posts()).toHaveLength(1);
    expect(await provider.findCallByAttempt('att_1')).toMatchObject({ providerCallId: post.callId });
  });

  it('a provider that cannot be reached is unknown, not refused', async () => {
    const nobody = createRetellProvider({ apiKey: API_KEY, baseUrl: 'http://127.0.0.1:1' });
    expect(await nobody.placeCall(REQUEST, never())).toMatchObject({ kind: 'unknown' });
  });
});

/** A server that is not Retell, for answers that the fake never gives. */
async function withServer<T>(listener: RequestListener, use: (baseUrl: string) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  try {
    return await use(`http://127.0.0.1:${String(port)}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('answers of something that is not Retell', () => {
  it.each([404, 408, 409, 418, 500, 502, 503, 504])('a %i is unknown, after one request', async (status) => {
    let requests = 0;
    const answer = await withServer(
      (_, response) => {
        requests += 1;
        response.writeHead(status, { 'retry-after': '0', 'x-should-retry': 'true' }).end('{}');
      },
      (baseUrl) => createRetellProvider({ apiKey: API_KEY, baseUrl }).placeCall(REQUEST, never()),
    );
    expect(answer).toMatchObject({ kind: 'unknown' });
    expect(requests).toBe(1);
  });

  it('a redirect is not followed: it would send the POST twice', async () => {
    const paths: (string | undefined)[] = [];
    const answer = await withServer(
      (request, response) => {
        paths.push(request.url);
        response.writeHead(307, { location: '/elsewhere' }).end();
      },
      (baseUrl) => createRetellProvider({ apiKey: API_KEY, baseUrl }).placeCall(REQUEST, never()),
    );
    expect(answer).toMatchObject({ kind: 'unknown' });
    expect(paths).toEqual(['/v2/create-phone-call']);
  });

  it.each(['{}', '', 'null', '<html>', '{"call_id":7}'])('a 201 with %j is unknown', async (body) => {
    const answer = await withServer(
      (_, response) => response.writeHead(201, { 'content-type': 'application/json' }).end(body),
      (baseUrl) => createRetellProvider({ apiKey: API_KEY, baseUrl }).placeCall(REQUEST, never()),
    );
    expect(answer).toMatchObject({ kind: 'unknown' });
  });

  it('a number in the provider’s words does not get into ours', async () => {
    const words = JSON.stringify({
      status: 'error',
      message: 'Item +56961234500 not found from phone-number',
    });
    await withServer(
      (_, response) => response.writeHead(422, { 'content-type': 'application/json' }).end(words),
      async (baseUrl) => {
        const other = createRetellProvider({ apiKey: API_KEY, baseUrl });
        const answer = await other.placeCall(REQUEST, never());
        expect(answer).toMatchObject({ kind: 'rejected', message: expect.stringContaining('<number>') });
        expect(JSON.stringify(answer)).not.toContain('961234500');
        const error = await other.findCallByAttempt('att_1').catch((e: unknown) => e);
        expect(error).toBeInstanceOf(VoiceProviderError);
        expect(`${String(error)} ${String(Object(error).cause)}`).not.toContain('961234500');
      },
    );
  });

  it('a body that never ends is unknown when the time is over', async () => {
    const answer = await withServer(
      (_, response) => response.writeHead(201, { 'content-type': 'application/json' }).write('{"call_id":'),
      (baseUrl) =>
        createRetellProvider({ apiKey: API_KEY, baseUrl, timeoutMs: 100 }).placeCall(REQUEST, never()),
    );
    expect(answer).toMatchObject({ kind: 'unknown' });
  });

  it('a filter that is ignored is an error, not somebody else’s call', async () => {
    const foreign = { call_id: 'call_x', call_status: 'ended', metadata: { attempt_id: 'other' } };
    await withServer(
      (request, response) => {
        const listing = request.url === '/v3/list-calls';
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(listing ? { has_more: false, items: [foreign] } : foreign));
      },
      async (baseUrl) => {
        const other = createRetellProvider({ apiKey: API_KEY, baseUrl });
        await expect(other.findCallByAttempt('att_1')).rejects.toThrow('the filter was not applied');
      },
    );
  });

  it.each([500, 401, 400, 429])('a %i to a look-up is an error: no answer is not "none"', async (status) => {
    await withServer(
      (_, response) => response.writeHead(status).end('{}'),
      async (baseUrl) => {
        const other = createRetellProvider({ apiKey: API_KEY, baseUrl });
        await expect(other.findCallByAttempt('att_1')).rejects.toBeInstanceOf(VoiceProviderError);
        await expect(other.getCall('call_1')).rejects.toBeInstanceOf(VoiceProviderError);
        await expect(other.concurrency()).rejects.toMatchObject({ httpStatus: status });
      },
    );
  });
});

describe('reading calls', () => {
  it('a finished call comes whole, with its cost in micro-units', async () => {
    await place();
    await fake.idle();
    const call = await provider.findCallByAttempt('att_1');
    expect(call).toMatchObject({
      status: 'ended',
      analysed: true,
      disconnectionReason: 'agent_hangup',
      sentiment: 'positive',
      successful: true,
      inVoicemail: false,
      billableSeconds: 1,
      costMicros: 2900,
      costByProduct: [
        { product: 'retell_platform', costMicros: 900 },
        { product: 'elevenlabs_tts', costMicros: 1200 },
        { product: 'gpt_4_1', costMicros: 800 },
      ],
      captured: { resultado: 'compromiso_pago', fecha_pago_cliente: expect.stringMatching(/^\d{4}-/) },
      transcript: expect.stringContaining('Antonia'),
    });
    expect(await provider.getCall(call?.providerCallId ?? '')).toEqual(call);
  });

  it('an id that the provider does not know is undefined', async () => {
    expect(await provider.getCall('call_unknown')).toBeUndefined();
    expect(await provider.findCallByAttempt('att_unknown')).toBeUndefined();
  });
});

describe('stopping a call', () => {
  it('ends it as stopped by the operator', async () => {
    await fake.stop();
    await startFake(RINGING);
    await place();
    const call = await provider.findCallByAttempt('att_1');
    expect(call?.status).toBe('registered');
    await provider.stopCall(call?.providerCallId ?? '');
    expect(await provider.getCall(call?.providerCallId ?? '')).toMatchObject({
      status: 'ended',
      disconnectionReason: 'manual_stopped',
    });
  });

  it('is harmless when it has ended, and when it never was', async () => {
    await place();
    await fake.idle();
    const [record] = fake.calls();
    await provider.stopCall(record?.callId ?? '');
    await provider.stopCall('call_unknown');
    expect(fake.calls()).toMatchObject([{ call: { disconnection_reason: 'agent_hangup' } }]);
  });

  it('is an error when the provider does not answer', async () => {
    await fake.stop();
    await expect(provider.stopCall('call_1')).rejects.toBeInstanceOf(VoiceProviderError);
    await startFake(QUICK);
  });
});

it('concurrency is what runs now, and the limit', async () => {
  await fake.stop();
  await startFake({ ...RINGING, concurrencyLimit: 3 });
  await place();
  expect(await provider.concurrency()).toEqual({ inUse: 1, limit: 3 });
});
