/** Faults of the fake provider by switch, and its record: what it says was placed is what was placed. */
import { mkdtempSync, appendFileSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeRetell } from '../../../dev/fakes/retell/fake-retell.ts';
import type { FakeRetell } from '../../../dev/fakes/retell/fake-retell.ts';
import type { FakeRetellOptions } from '../../../dev/fakes/retell/options.ts';
import { startWebhookReceiver } from '../../../dev/fakes/retell/webhook-receiver.ts';
import type { WebhookReceiver } from '../../../dev/fakes/retell/webhook-receiver.ts';

const API_KEY = 'key_of_the_fake';
const QUICK: FakeRetellOptions = {
  apiKey: API_KEY,
  outcomeMode: 'pattern',
  ringMs: { min: 1, max: 5 },
  talkMs: { min: 5, max: 20 },
  analysisMs: { min: 1, max: 5 },
  webhookRetryDelaysMs: [1, 1, 1],
};
const RINGING: FakeRetellOptions = { ...QUICK, ringMs: { min: 3_600_000, max: 3_600_000 } };

let fake: FakeRetell;

async function startFake(options: FakeRetellOptions): Promise<void> {
  fake = createFakeRetell(options);
  await fake.start();
}

function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(`${fake.baseUrl()}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

function dial(attemptId: string, toNumber = '+56961234500', signal?: AbortSignal): Promise<Response> {
  const body = { from_number: '+566001234567', to_number: toNumber, metadata: { attempt_id: attemptId } };
  return post('/v2/create-phone-call', body, signal);
}

async function getJson(path: string): Promise<unknown> {
  return (await fetch(`${fake.baseUrl()}${path}`)).json();
}

beforeEach(() => startFake(QUICK));
afterEach(() => fake.stop());

describe('faults of a create', () => {
  it('500 after the call was placed: the client sees an error and the call rings', async () => {
    fake.addFault({ kind: 'error_after_placed' });
    expect((await dial('a1')).status).toBe(500);
    expect(fake.posts()).toMatchObject([
      { attemptId: 'a1', placed: true, answer: 500, fault: 'error_after_placed' },
    ]);
    await fake.idle();
    expect(fake.calls()).toMatchObject([{ attemptId: 'a1', final: true }]);
  });

  it('500 without placing: nothing rings', async () => {
    fake.addFault({ kind: 'error_not_placed' });
    expect((await dial('a1')).status).toBe(500);
    expect(fake.posts()).toMatchObject([{ placed: false, answer: 500 }]);
    expect(fake.calls()).toEqual([]);
  });

  it('time-out after placed: the connection is held, the call is placed before the client gives up', async () => {
    fake.addFault({ kind: 'timeout_after_placed' });
    const client = new AbortController();
    const answer = dial('a1', '+56961234500', client.signal).catch((error: unknown) => error);
    await fake.waitUntil((f) => f.posts().some((p) => p.placed && p.answer === 'held'));
    client.abort();
    expect(await answer).toMatchObject({ name: 'AbortError' });
    expect(fake.calls()).toMatchObject([{ attemptId: 'a1' }]);
  });

  it('hangs without placing: the client gives up, and nothing ever rings', async () => {
    fake.addFault({ kind: 'hang_not_placed' });
    const client = new AbortController();
    const answer = dial('a1', '+56961234500', client.signal).catch((error: unknown) => error);
    await fake.waitUntil((f) => f.posts().some((p) => p.answer === 'held'));
    client.abort();
    expect(await answer).toMatchObject({ name: 'AbortError' });
    expect(fake.posts()).toMatchObject([{ attemptId: 'a1', placed: false, fault: 'hang_not_placed' }]);
    expect(fake.calls()).toEqual([]);
  });

  it('error on read: the next question about calls is a 500, whichever it is, and the one after it is answered', async () => {
    await dial('a1');
    const callId = fake.calls()[0]?.callId ?? '';
    const get = () =>
      fetch(`${fake.baseUrl()}/v2/get-call/${callId}`, { headers: { authorization: `Bearer ${API_KEY}` } });
    fake.addFault({ kind: 'error_on_read', times: 2 });
    expect((await get()).status).toBe(500);
    expect((await post('/v3/list-calls', {})).status).toBe(500);
    expect((await get()).status).toBe(200);
    expect((await post('/v3/list-calls', {})).status).toBe(200);
  });

  it('dropped, then placed later: nothing can be found in between', async () => {
    fake.addFault({ kind: 'dropped_then_placed', ms: 1_000 });
    await expect(dial('a1')).rejects.toThrow();
    expect(fake.posts()).toMatchObject([{ attemptId: 'a1', placed: false, answer: 'dropped' }]);
    const find = {
      filter_criteria: { metadata: [{ type: 'string', op: 'eq', key: 'attempt_id', value: 'a1' }] },
    };
    expect(await (await post('/v3/list-calls', find)).json()).toMatchObject({ items: [] });
    const placed = await fake.waitUntil((f) => f.posts().find((p) => p.placed));
    expect(placed.placedAtMs).toBe(placed.arrivedAtMs + 1_000);
    expect(await (await post('/v3/list-calls', find)).json()).toMatchObject({
      items: [{ call_id: placed.callId }],
    });
  });

  it('dropped, then placed: 60 s later when nothing else is said', async () => {
    fake.addFault({ kind: 'dropped_then_placed' });
    await expect(dial('a1')).rejects.toThrow();
    const [record] = fake.posts();
    expect(record?.placeAtMs).toBe((record?.arrivedAtMs ?? 0) + 60_000);
  });

  it('a stuck call stays registered, holds its line and can be stopped', async () => {
    fake.addFault({ kind: 'stuck_registered' });
    const first: unknown = await (await dial('a1', '+56961234501')).json();
    await dial('a2', '+56961234501');
    await fake.waitUntil((f) => f.calls().some((c) => c.attemptId === 'a2' && c.final));
    expect(fake.calls()[0]).toMatchObject({ final: false, call: { call_status: 'registered' } });
    expect(fake.running()).toBe(1);
    const callId = new Map<string, unknown>(Object.entries(first ?? {})).get('call_id');
    expect((await post(`/v2/stop-call/${String(callId)}`, {})).status).toBe(204);
    expect(fake.running()).toBe(0);
  });

  it.each([
    ['no_credit', 402],
    ['rate_limited', 429],
    ['number_refused', 422],
  ] as const)('%s is a %i that places nothing', async (kind, status) => {
    fake.addFault({ kind });
    expect((await dial('a1')).status).toBe(status);
    expect(fake.posts()).toMatchObject([{ placed: false, answer: status }]);
    expect((await dial('a2')).status).toBe(201);
  });

  it('slow: the call is placed late, even when the client has gone', async () => {
    fake.addFault({ kind: 'slow', ms: 30 });
    const client = new AbortController();
    const answer = dial('a1', '+56961234500', client.signal).catch((error: unknown) => error);
    await fake.waitUntil((f) => f.posts().length === 1);
    client.abort();
    await answer;
    expect(fake.posts()).toMatchObject([{ placed: false }]);
    const placed = await fake.waitUntil((f) => f.posts().find((p) => p.placed));
    expect(placed.placedAtMs).toBeGreaterThanOrEqual(placed.arrivedAtMs + 29);
  });
});

describe('which creates a fault meets', () => {
  it('the next one, unless it says how many', async () => {
    fake.addFault({ kind: 'error_not_placed', times: 2 });
    const statuses: number[] = [];
    for (const attempt of ['a1', 'a2', 'a3']) statuses.push((await dial(attempt)).status);
    expect(statuses).toEqual([500, 500, 201]);
  });

  it('only the attempt or the number that it names', async () => {
    fake.addFault({ kind: 'no_credit', attemptId: 'a2' });
    fake.addFault({ kind: 'rate_limited', toNumber: '+56961234503', times: 'always' });
    expect((await dial('a1')).status).toBe(201);
    expect((await dial('a2')).status).toBe(402);
    expect((await dial('a3', '+56961234503')).status).toBe(429);
    expect((await dial('a4', '+56961234503')).status).toBe(429);
  });
});

describe('control API', () => {
  it('adds, lists and removes faults', async () => {
    const added = await post('/_fake/faults', { kind: 'no_credit', times: 'always' });
    expect(added.status).toBe(201);
    expect(await getJson('/_fake/faults')).toMatchObject([{ kind: 'no_credit', left: 'always' }]);
    expect((await dial('a1')).status).toBe(402);
    await fetch(`${fake.baseUrl()}/_fake/faults`, { method: 'DELETE' });
    expect((await dial('a2')).status).toBe(201);
    expect((await post('/_fake/faults', { kind: 'earthquake' })).status).toBe(400);
    expect((await post('/_fake/faults', { kind: 'slow', times: 0 })).status).toBe(400);
  });

  it('scripts the outcomes of a number', async () => {
    const script = { toNumber: '+56961234500', outcomes: ['busy'] };
    expect((await post('/_fake/outcomes', script)).status).toBe(204);
    expect((await post('/_fake/outcomes', { ...script, outcomes: ['miracle'] })).status).toBe(400);
    await dial('a1');
    await fake.idle();
    expect(fake.calls()).toMatchObject([{ outcome: 'busy' }]);
  });

  it('shows every POST and, for every call, what get-call answers', async () => {
    await dial('a1');
    await post('/v2/create-phone-call', { nonsense: true });
    await fake.idle();
    expect(await getJson('/_fake/posts')).toEqual(fake.posts());
    expect(fake.posts()).toMatchObject([
      { attemptId: 'a1', placed: true },
      { placed: false, answer: 400 },
    ]);
    const [record] = fake.calls();
    const answer = await fetch(`${fake.baseUrl()}/v2/get-call/${record?.callId ?? ''}`, {
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    expect(await answer.json()).toEqual(record?.call);
    expect(await getJson('/_fake/calls')).toEqual([...fake.calls()]);
  });
});

describe('restart', () => {
  let folder: string;
  let stateFile: string;
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fake-retell-'));
    stateFile = join(folder, 'state', 'calls.jsonl');
    receiver = await startWebhookReceiver();
    await fake.stop();
  });
  afterEach(async () => {
    await receiver.close();
    rmSync(folder, { recursive: true });
  });

  it('posts and calls are the same after it, to the byte', async () => {
    await startFake({ ...QUICK, stateFile });
    await dial('a1');
    await dial('a2', '+56961234501');
    fake.addFault({ kind: 'no_credit' });
    await dial('a3');
    await fake.idle();
    const before = { posts: fake.posts(), calls: fake.calls() };
    await fake.stop();
    await startFake({ ...QUICK, stateFile });
    expect({ posts: fake.posts(), calls: fake.calls() }).toEqual(before);
    await dial('a4');
    expect(fake.posts().map((p) => p.seq)).toEqual([1, 2, 3, 4]);
  });

  it('a running call ends at the instant it had, and its webhooks are sent', async () => {
    await startFake({ ...QUICK, stateFile, talkMs: { min: 400, max: 400 }, webhookUrl: receiver.url });
    await dial('a1');
    await receiver.waitUntil((all) => all.some(({ event }) => event === 'call_started'));
    await fake.stop();
    expect(fake.calls()).toMatchObject([{ final: false }]);
    await startFake({ ...QUICK, stateFile, webhookUrl: receiver.url });
    await fake.idle();
    expect(fake.calls()).toMatchObject([{ final: true, call: { duration_ms: 400, call_status: 'ended' } }]);
    const events = new Set(receiver.deliveries.map(({ event }) => event));
    expect([...events].toSorted()).toEqual(['call_analyzed', 'call_ended', 'call_started']);
  });

  it('a webhook that was on its way is sent again, as it was then', async () => {
    receiver.answerWith(() => 'hang');
    await startFake({ ...QUICK, stateFile, webhookUrl: receiver.url });
    await dial('a1', '+56961234500');
    await receiver.waitUntil((all) => all.length === 3);
    await fake.stop();
    receiver.answerWith(() => ({ status: 204 }));
    await startFake({ ...QUICK, stateFile, webhookUrl: receiver.url });
    await fake.idle();
    expect(
      fake
        .webhooks()
        .map(({ event, result }) => `${event} ${result}`)
        .toSorted(),
    ).toEqual(['call_analyzed delivered', 'call_ended delivered', 'call_started delivered']);
    for (const event of ['call_started', 'call_ended', 'call_analyzed']) {
      const bodies = receiver.deliveries.filter((d) => d.event === event).map((d) => d.rawBody);
      expect(bodies).toHaveLength(2);
      expect(bodies[1]).toBe(bodies[0]);
    }
  });

  it('a call that was to be placed later is placed by the next process', async () => {
    await startFake({ ...QUICK, stateFile });
    fake.addFault({ kind: 'dropped_then_placed', ms: 100 });
    await expect(dial('a1')).rejects.toThrow();
    await fake.stop();
    expect(fake.posts()).toMatchObject([{ placed: false }]);
    await startFake({ ...QUICK, stateFile });
    const placed = await fake.waitUntil((f) => f.posts().find((p) => p.placed));
    expect(placed.placedAtMs).toBe(placed.arrivedAtMs + 100);
  });

  it('running calls hold their lines', async () => {
    await startFake({ ...RINGING, stateFile, concurrencyLimit: 1 });
    await dial('a1');
    await fake.stop();
    await startFake({ ...RINGING, stateFile, concurrencyLimit: 1 });
    expect(fake.running()).toBe(1);
    expect((await dial('a2')).status).toBe(429);
  });

  it('a last line torn by a kill is cut off, and the file goes on', async () => {
    await startFake({ ...RINGING, stateFile });
    await dial('a1');
    await fake.stop();
    appendFileSync(stateFile, '{"fact":"placed","call":{"callId":"call_torn');
    await startFake({ ...RINGING, stateFile });
    await dial('a2');
    await fake.stop();
    await startFake({ ...RINGING, stateFile });
    expect(fake.posts().map((p) => p.attemptId)).toEqual(['a1', 'a2']);
    const lines = readFileSync(stateFile, 'utf8').trimEnd().split('\n');
    expect(() => lines.map((line): unknown => JSON.parse(line))).not.toThrow();
  });
});
