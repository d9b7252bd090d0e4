import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf } from '../../../domain/recordings/address.ts';
import { takeObjects } from '../../../domain/recordings/queries.ts';
import { workOnRecording } from '../../../domain/recordings/fetch-recording.ts';
import { createApiKey } from '../../../domain/accounts/accounts.ts';
import { type ApiWorld, ask, createApiWorld, textOf } from '../../support/api.ts';
import { createRecorder, type RecordedCall, type Recorder } from '../../support/recorded.ts';

let api: ApiWorld;
let app: ApiWorld['app'];
let recorder: Recorder;
let recorded: RecordedCall;
let key: string;
let nowMs = Date.now();
beforeAll(async () => {
  api = await createApiWorld();
  app = api.appWith({ secrets: api.secrets, nowMs: () => nowMs });
  recorder = await createRecorder();
  recorded = await recorder.record(api, api.one);
});
afterAll(async () => {
  await recorder.stop();
  await api.close();
});

const addressAnswer = (as = api.one, id = recorded.attemptId) =>
  ask(app, 'GET', `/api/v1/calls/${id}/recording`, { as });

async function keepAll(): Promise<void> {
  const deps = recorder.deps(api, api.store);
  const options = { limit: 10, ofAccount: 10, busy: [], claimMs: 60_000 };
  const due = await api.world.system.transaction().execute((trx) => takeObjects(trx, options));
  for (const one of due) await workOnRecording(deps, one);
}

const typeOf = async (path: string, status: number): Promise<unknown> => {
  const response = await app.request(path);
  expect(response.status, path).toBe(status);
  const text = await response.text();
  // Nothing of the recording comes with a refusal.
  expect(text).not.toContain('RIFF');
  const problem: unknown = JSON.parse(text);
  return Reflect.get(Object(problem), 'type');
};
const invalid = 'urn:tandas:problem:recording_address_invalid';

describe('a recording', () => {
  it('is asked for again while it is being fetched', async () => {
    const { status, body, headers } = await addressAnswer();
    expect([status, body['type']]).toEqual([409, 'urn:tandas:problem:recording_waiting']);
    expect(headers.get('retry-after')).toBe('30');
    await keepAll();
  });

  it('is heard at its address without a key, whole and in parts, for five minutes', async () => {
    const { status, body } = await addressAnswer();
    expect(status).toBe(200);
    const url = textOf(body, 'url');
    expect(Date.parse(textOf(body, 'expires_at')) - nowMs).toBeLessThanOrEqual(300_000);
    const whole = await app.request(url);
    expect(whole.status).toBe(200);
    expect(whole.headers.get('content-type')).toBe('audio/wav');
    expect(whole.headers.get('accept-ranges')).toBe('bytes');
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect(bytes.length).toBe(body['bytes']);
    expect(whole.headers.get('content-length')).toBe(String(bytes.length));
    const part = await app.request(url, { headers: { range: 'bytes=4-99' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 4-99/${bytes.length}`);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(4, 100))).toBe(true);
    const tail = await app.request(url, { headers: { range: 'bytes=-10' } });
    expect(Buffer.from(await tail.arrayBuffer()).equals(bytes.subarray(-10))).toBe(true);
    const outside = await app.request(url, { headers: { range: `bytes=${bytes.length}-` } });
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    const from = nowMs;
    nowMs += 301_000;
    expect(await typeOf(url, 403)).toBe(invalid);
    nowMs = from;
  });

  it('is not heard at an address of which anything was changed', async () => {
    const url = textOf((await addressAnswer()).body, 'url');
    const changed = (change: (url: URL) => void): string => {
      const other = new URL(url, 'http://x');
      change(other);
      return `${other.pathname}${other.search}`;
    };
    const other = crypto.randomUUID();
    const set = (name: string, value: string) => changed(({ searchParams }) => searchParams.set(name, value));
    const signature = new URL(url, 'http://x').searchParams.get('signature') ?? '';
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    // The last letter carries bits that decoding drops: another spelling of the same bytes.
    const respelled = `${signature.slice(0, -1)}${String.fromCharCode(signature.charCodeAt(signature.length - 1) + 1)}`;
    for (const path of [
      set('account', api.other.accountId),
      set('until', String(Math.floor(nowMs / 1000) + 10_000)),
      set('signature', flipped),
      set('signature', respelled),
      set('signature', 'A'),
      changed((one) => (one.pathname = `/api/v1/recordings/${other}`)),
    ])
      expect(await typeOf(path, 403), path).toBe(invalid);
    // A right signature of ours, for an object that is another account's.
    const { id } = await api.world.owner
      .selectFrom('core.stored_object')
      .select('id')
      .executeTakeFirstOrThrow();
    const until = Math.floor(nowMs / 1000) + 100;
    const foreign = addressOf(api.secrets, { accountId: api.other.accountId, objectId: id, until });
    expect(await typeOf(foreign, 410)).toBe('urn:tandas:problem:recording_gone');
  });

  it('is given to nobody of another account, and to no key without the permission', async () => {
    expect((await addressAnswer(api.other)).status).toBe(404);
    const apiKey = await createApiKey(api.world.app, {
      accountId: api.one.accountId,
      label: 'x',
      role: 'account',
    });
    await sql`update catalogue.api_key set scopes = ${['calls:listen', 'contacts:read']} where label = 'x'`.execute(
      api.world.owner,
    );
    key = apiKey;
    const { status, body } = await addressAnswer({ ...api.one, apiKey });
    expect([status, body['permission']]).toEqual([403, 'personal_data:read']);
  });

  it('has told who opened it', async () => {
    const rows = await api.world.owner
      .selectFrom('operation.audit')
      .select(['actor', 'subject'])
      .where('action', '=', 'recording.opened')
      .execute();
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ subject }) => subject))).toEqual(new Set([recorded.attemptId]));
  });

  it('of a store that is away is asked for again', async () => {
    const url = textOf((await addressAnswer()).body, 'url');
    const store = { ...api.store, read: () => Promise.reject(new Error('away')) };
    const response = await api.appWith({ secrets: api.secrets, store }).request(url);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ type: 'urn:tandas:problem:recordings_away' });
  });
});

describe('GET /api/v1/calls/{id}', () => {
  it('tells what was said turn by turn, at the times of its recording', async () => {
    const { status, body } = await ask(app, 'GET', `/api/v1/calls/${recorded.attemptId}`, { as: api.one });
    expect(status).toBe(200);
    const theirs: unknown = recorded.call.call['transcript_object'];
    const said = (Array.isArray(theirs) ? theirs : []).map((turn: unknown, place) => {
      const words: unknown = Reflect.get(Object(turn), 'words');
      const list = Array.isArray(words) ? words.map(Object) : [];
      return {
        n: place + 1,
        role: Reflect.get(Object(turn), 'role') === 'agent' ? 'agent' : 'person',
        text: Reflect.get(Object(turn), 'content'),
        start_ms: Math.round(Number(list[0].start) * 1000),
        end_ms: Math.round(Number(list.at(-1).end) * 1000),
      };
    });
    expect(said.length).toBeGreaterThan(3);
    expect(body['turns']).toEqual(said);
    expect(body).toMatchObject({
      contact_id: recorded.contactId,
      recording: { state: 'kept', media_type: 'audio/wav' },
    });
  });

  it('tells nobody without the permission what was said, and another account nothing', async () => {
    const narrow = await ask(app, 'GET', `/api/v1/calls/${recorded.attemptId}`, {
      as: { ...api.one, apiKey: key },
    });
    expect(narrow.body).toMatchObject({ turns: null, call: { transcript: null, recording_url: null } });
    expect(narrow.body['phone']).toMatch(/•/);
    const foreign = await ask(app, 'GET', `/api/v1/calls/${recorded.attemptId}`, { as: api.other });
    expect([foreign.status, foreign.body['type']]).toEqual([404, 'urn:tandas:problem:call_not_found']);
  });
});
