import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { takeObjects, type TakeOptions } from '../../../domain/recordings/queries.ts';
import { type RecordingDeps, workOnRecording } from '../../../domain/recordings/fetch-recording.ts';
import { readDatabase } from '../../../observability/database-gauges.ts';
import { startRecordingRelay } from '../../../relay/recordings.ts';
import { type ApiWorld, type Customer, createApiWorld } from '../../support/api.ts';
import { until } from '../../support/live-world.ts';
import { createRecorder, type Recorder, silent } from '../../support/recorded.ts';

let api: ApiWorld;
let recorder: Recorder;
let deps: RecordingDeps;
beforeAll(async () => {
  api = await createApiWorld();
  recorder = await createRecorder();
  deps = recorder.deps(api, api.store);
});
afterAll(async () => {
  await recorder.stop();
  await api.close();
});
beforeEach(async () => {
  recorder.fake.clearFaults();
  // What another test left is not this one's.
  await sql`update core.stored_object set next_try_at = null`.execute(api.world.owner);
});

async function rowOf(attemptId: string) {
  return api.world.owner
    .selectFrom('core.stored_object')
    .selectAll()
    .where('attempt_id', '=', attemptId)
    .executeTakeFirstOrThrow();
}

const take = (options: Partial<TakeOptions> = {}) =>
  api.world.system
    .transaction()
    .execute((trx) => takeObjects(trx, { limit: 4, ofAccount: 2, busy: [], claimMs: 60_000, ...options }));

/** As the relay does it, once. */
async function workAll(of: Partial<RecordingDeps> = {}): Promise<readonly string[]> {
  const due = await take();
  return Promise.all(due.map((one) => workOnRecording({ ...deps, ...of }, one)));
}

const due = (attemptId: string) =>
  sql`update core.stored_object set next_try_at = now() where attempt_id = ${attemptId}`.execute(
    api.world.owner,
  );

async function bytesOf(key: string): Promise<Buffer | undefined> {
  const found = await api.store.read(key);
  if (found === undefined) return undefined;
  const parts: Uint8Array[] = [];
  for await (const part of found.body) parts.push(part);
  return Buffer.concat(parts);
}

it('keeps the recording of an answered call: the provider’s bytes, as long as the call, until its day', async () => {
  const { attemptId, call } = await recorder.record(api, api.one);
  expect(await rowOf(attemptId)).toMatchObject({ state: 'waiting', source_url: call.call['recording_url'] });
  expect(await workAll()).toEqual(['kept']);
  const row = await rowOf(attemptId);
  const bytes = await bytesOf(row.key);
  const theirs = Buffer.from(await (await fetch(String(call.call['recording_url']))).arrayBuffer());
  expect(bytes?.equals(theirs)).toBe(true);
  expect(row).toMatchObject({
    state: 'kept',
    source_url: null,
    tries: 0,
    media_type: 'audio/wav',
    bytes: BigInt(theirs.length),
    sha256: createHash('sha256').update(theirs).digest('hex'),
  });
  // 16 bits, 8,000 a second: the header, and the call.
  expect(theirs.length).toBe(44 + Math.round((Number(call.call['duration_ms']) / 1000) * 8_000) * 2);
  expect(theirs.subarray(0, 4).toString()).toBe('RIFF');
  const days = ((row.delete_after?.getTime() ?? 0) - (row.kept_at?.getTime() ?? 0)) / 86_400_000;
  expect(Math.round(days)).toBe(90);
  expect(row.next_try_at).toEqual(row.delete_after);
});

it('removes it when its day has come, and not before', async () => {
  const { attemptId } = await recorder.record(api, api.one);
  await workAll();
  const { key } = await rowOf(attemptId);
  expect(await workAll()).toEqual([]);
  expect(await api.store.sizeOf(key)).toBeGreaterThan(0);
  await due(attemptId);
  expect(await workAll()).toEqual(['removed']);
  expect(await api.store.sizeOf(key)).toBeUndefined();
  expect(await rowOf(attemptId)).toMatchObject({ state: 'removed', next_try_at: null });
});

it.each([
  ['recording_error', 'answered_no'],
  ['recording_expired', 'link_ended'],
  ['recording_moved', 'answered_no'],
  ['recording_cut', 'broke_off'],
] as const)('after %s it is asked for again, and nothing of it is kept meanwhile', async (kind, fault) => {
  const { attemptId, toNumber } = await recorder.record(api, api.one);
  recorder.fake.addFault({ kind, toNumber });
  expect(await workAll()).toEqual(['failed']);
  const row = await rowOf(attemptId);
  expect(row).toMatchObject({ state: 'waiting', tries: 1, last_fault: fault });
  expect(row.next_try_at?.getTime()).toBeGreaterThan(Date.now() + 30_000);
  expect(await api.store.sizeOf(row.key)).toBeUndefined();
  await due(attemptId);
  expect(await workAll()).toEqual(['kept']);
  expect(await api.store.sizeOf(row.key)).toBe(Number((await rowOf(attemptId)).bytes));
});

it('asks the provider for a fresh link once the first has failed', async () => {
  const { attemptId } = await recorder.record(api, api.one);
  await sql`update core.stored_object set source_url = 'http://127.0.0.1:9/old.wav' where attempt_id = ${attemptId}`.execute(
    api.world.owner,
  );
  expect(await workAll()).toEqual(['failed']);
  await due(attemptId);
  expect(await workAll()).toEqual(['kept']);
});

it('asks no host that is not listed, and no address of a private network', async () => {
  const { attemptId } = await recorder.record(api, api.one);
  expect(
    await workAll({ hosts: ['*.example.com'], fetch: () => Promise.reject(new Error('asked')) }),
  ).toEqual(['failed']);
  expect(await rowOf(attemptId)).toMatchObject({ last_fault: 'host_not_listed' });
});

it('is counted as failing from its third failure on, and as waiting until it is kept', async () => {
  await sql`delete from core.stored_object`.execute(api.world.owner);
  const { attemptId, toNumber } = await recorder.record(api, api.one);
  recorder.fake.addFault({ kind: 'recording_error', toNumber, times: 3 });
  const counted = async (): Promise<readonly number[]> => {
    const samples = await readDatabase(api.world.system);
    const of = samples.filter(({ name }) => name === 'tandas_recordings');
    return ['waiting', 'failing'].map(
      (state) => of.find(({ labels }) => labels['state'] === state)?.value ?? -1,
    );
  };
  const seen: (readonly number[])[] = [await counted()];
  for (let tries = 0; tries < 4; tries += 1) {
    await due(attemptId);
    await workAll();
    seen.push(await counted());
  }
  expect(seen).toEqual([
    [1, 0],
    [1, 0],
    [1, 0],
    [1, 1],
    [0, 0],
  ]);
});

it('takes what is longer than it may be for lost, whether it says so or not', async () => {
  const { attemptId } = await recorder.record(api, api.one);
  expect(await workAll({ maxBytes: 1_000 })).toEqual(['lost']);
  expect(await rowOf(attemptId)).toMatchObject({ state: 'lost', last_fault: 'too_large', next_try_at: null });
  const { attemptId: silently } = await recorder.record(api, api.one);
  const answer = () =>
    Promise.resolve(new Response(new Uint8Array(2_000), { headers: { 'content-type': 'audio/wav' } }));
  await workAll({ maxBytes: 1_000, fetch: answer });
  expect(await rowOf(silently)).toMatchObject({ state: 'waiting', last_fault: 'too_large' });
  expect(await api.store.sizeOf((await rowOf(silently)).key)).toBeUndefined();
});

it('takes no page for a recording', async () => {
  const { attemptId } = await recorder.record(api, api.one);
  const page = () => Promise.resolve(new Response('<html>', { headers: { 'content-type': 'text/html' } }));
  expect(await workAll({ fetch: page })).toEqual(['failed']);
  expect(await rowOf(attemptId)).toMatchObject({ last_fault: 'no_audio' });
});

it('takes a body that is shorter than it said for none', async () => {
  const { attemptId } = await recorder.record(api, api.one);
  const short = () =>
    Promise.resolve(
      new Response(new Uint8Array(10), { headers: { 'content-type': 'audio/wav', 'content-length': '11' } }),
    );
  expect(await workAll({ fetch: short })).toEqual(['failed']);
  const row = await rowOf(attemptId);
  expect(row).toMatchObject({ state: 'waiting', last_fault: 'cut_off' });
  expect(await api.store.sizeOf(row.key)).toBeUndefined();
});

it('gives up in the end, and at once where the provider does not know the call any more', async () => {
  const { attemptId, toNumber, call } = await recorder.record(api, api.one);
  recorder.fake.addFault({ kind: 'recording_error', toNumber, times: 'always' });
  await sql`update core.stored_object set tries = 19 where attempt_id = ${attemptId}`.execute(
    api.world.owner,
  );
  expect(await workAll()).toEqual(['lost']);
  const { attemptId: gone, call: theirs } = await recorder.record(api, api.one);
  await recorder.voice.removeCall(theirs.callId);
  expect(await workAll()).toEqual(['failed']);
  await due(gone);
  expect(await workAll()).toEqual(['lost']);
  expect(await rowOf(gone)).toMatchObject({ last_fault: 'call_unknown' });
  expect(call.callId).not.toBe(theirs.callId);
});

it('of two workers that fetch one, the second takes nothing away from the first', async () => {
  const { attemptId } = await recorder.record(api, api.one);
  const [first] = await take();
  await due(attemptId);
  const [second] = await take();
  if (first === undefined || second === undefined) throw new Error('nothing was due');
  expect(await Promise.all([workOnRecording(deps, first), workOnRecording(deps, second)])).toEqual([
    'kept',
    'kept',
  ]);
  const row = await rowOf(attemptId);
  expect(await api.store.sizeOf(row.key)).toBe(Number(row.bytes));
});

it('what a worker had taken when it was killed is due again after its claim', async () => {
  const { attemptId } = await recorder.record(api, api.one);
  expect(await take({ claimMs: 300 })).toHaveLength(1);
  expect(await take()).toEqual([]);
  await sleep(400);
  expect(await workAll()).toEqual(['kept']);
  expect(await rowOf(attemptId)).toMatchObject({ state: 'kept' });
});

it('a recording that takes longer than the claim is fetched by one worker all the same', async () => {
  const { attemptId } = await recorder.record(api, api.one);
  let asked = 0;
  const slow = async (...of: Parameters<typeof deps.fetch>) => {
    asked += 1;
    await sleep(1_500);
    return deps.fetch(...of);
  };
  const relays = [1, 2].map(() =>
    startRecordingRelay({ ...deps, fetch: slow, logger: silent, idleMs: 10, claimMs: 600 }),
  );
  try {
    await until('the recording is kept', async () => (await rowOf(attemptId)).state === 'kept');
  } finally {
    await Promise.all(relays.map((relay) => relay.stop()));
  }
  expect(asked).toBe(1);
});

it('an account with many recordings leaves places to the others', async () => {
  const record = async (as: Customer, many: number): Promise<void> => {
    for (let nth = 0; nth < many; nth += 1) await recorder.record(api, as);
  };
  await record(api.one, 4);
  await record(api.other, 1);
  const taken = await take({ limit: 3 });
  const of = (as: Customer) => taken.filter(({ account_id: id }) => id === as.accountId).length;
  expect([of(api.one), of(api.other)]).toEqual([2, 1]);
  const busy = [{ id: api.one.accountId, left: 0 }];
  expect(await take({ busy })).toEqual([]);
  expect(await take({ busy: [{ id: api.one.accountId, left: 1 }] })).toHaveLength(1);
});

it('the relay does all of this by itself', async () => {
  const { attemptId } = await recorder.record(api, api.one);
  const relay = startRecordingRelay({ ...deps, logger: silent, idleMs: 10 });
  try {
    await until('the recording is kept', async () => (await rowOf(attemptId)).state === 'kept');
  } finally {
    await relay.stop();
  }
});
