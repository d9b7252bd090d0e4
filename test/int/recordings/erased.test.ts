import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RecordingDeps } from '../../../domain/recordings/fetch-recording.ts';
import { workOnRecording } from '../../../domain/recordings/fetch-recording.ts';
import { type DueObject, takeObjects, takeRemovals } from '../../../domain/recordings/queries.ts';
import { removeAtProvider } from '../../../domain/recordings/remove-calls.ts';
import { type ApiWorld, ask, createApiWorld, dialOne, eventBody, signed, textOf } from '../../support/api.ts';
import { createRecorder, type RecordedCall, type Recorder } from '../../support/recorded.ts';

let api: ApiWorld;
let app: ApiWorld['app'];
let recorder: Recorder;
let deps: RecordingDeps;
beforeAll(async () => {
  api = await createApiWorld();
  app = api.appWith({ secrets: api.secrets });
  recorder = await createRecorder();
  deps = recorder.deps(api, api.store);
});
afterAll(async () => {
  await recorder.stop();
  await api.close();
});

const options = { limit: 10, ofAccount: 10, busy: [], claimMs: 60_000 };
const take = (): Promise<readonly DueObject[]> =>
  api.world.system.transaction().execute((trx) => takeObjects(trx, options));
async function workAll(): Promise<readonly string[]> {
  const worked: string[] = [];
  for (const due of await take()) worked.push(await workOnRecording(deps, due));
  return worked;
}
async function removeAll(): Promise<readonly boolean[]> {
  const due = await api.world.system.transaction().execute((trx) => takeRemovals(trx, options));
  return Promise.all(due.map((one) => removeAtProvider({ ...deps, voice: recorder.voice }, one)));
}
const rowOf = ({ attemptId }: Pick<RecordedCall, 'attemptId'>) =>
  api.world.owner
    .selectFrom('core.stored_object')
    .selectAll()
    .where('attempt_id', '=', attemptId)
    .executeTakeFirstOrThrow();

async function erase({ attemptId }: Pick<RecordedCall, 'attemptId'>): Promise<void> {
  const { person_id: id } = await api.world.owner
    .selectFrom('operation.attempt')
    .select('person_id')
    .where('id', '=', attemptId)
    .executeTakeFirstOrThrow();
  const answer = await ask(app, 'POST', `/api/v1/people/${id}/erase`, {
    as: api.one,
    json: { reason: 'Carta' },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
}

it('erasing a person takes the recording from our store, its address at once, and what was said', async () => {
  const recorded = await recorder.record(api, api.one);
  expect(await workAll()).toEqual(['kept']);
  const path = `/api/v1/calls/${recorded.attemptId}/recording`;
  const url = textOf((await ask(app, 'GET', path, { as: api.one })).body, 'url');
  const { key } = await rowOf(recorded);
  await erase(recorded);
  // Before any worker has done its part.
  expect((await app.request(url)).status).toBe(410);
  expect((await ask(app, 'GET', path, { as: api.one })).status).toBe(410);
  const call = await ask(app, 'GET', `/api/v1/calls/${recorded.attemptId}`, { as: api.one });
  expect(call.body).toMatchObject({ turns: [], recording: { state: 'removed' } });
  expect(await api.store.sizeOf(key)).toBeGreaterThan(0);
  expect(await workAll()).toEqual(['removed']);
  expect(await api.store.sizeOf(key)).toBeUndefined();
  expect(await workAll()).toEqual([]);
  await removeAll();
});

it('a recording that is on its way when its person is erased does not stay', async () => {
  const recorded = await recorder.record(api, api.one);
  const [due] = await take();
  if (due === undefined) throw new Error('nothing was due');
  const erasing: RecordingDeps = {
    ...deps,
    // Erased between the first byte and the last.
    fetch: async (url, init) => {
      const response = await deps.fetch(url, init);
      await erase(recorded);
      return response;
    },
  };
  expect(await workOnRecording(erasing, due)).toBe('removed');
  expect(await api.store.sizeOf(due.key)).toBeUndefined();
  expect(await rowOf(recorded)).toMatchObject({ state: 'removed', source_url: null });
  expect(await workAll()).toEqual([]);
  await removeAll();
});

it('one that could not be fetched is not asked for once its person is erased', async () => {
  const recorded = await recorder.record(api, api.one);
  recorder.fake.addFault({ kind: 'recording_error', toNumber: recorded.toNumber });
  expect(await workAll()).toEqual(['failed']);
  await erase(recorded);
  expect(await workAll()).toEqual(['removed']);
  expect(await api.store.sizeOf((await rowOf(recorded)).key)).toBeUndefined();
  await removeAll();
});

it('the provider is asked to take the call away, and again until it is gone', async () => {
  const recorded = await recorder.record(api, api.one);
  const { callId } = recorded.call;
  await erase(recorded);
  const removal = () =>
    api.world.owner
      .selectFrom('operation.provider_removal')
      .selectAll()
      .where('provider_call_id', '=', callId)
      .executeTakeFirstOrThrow();
  const dueNow = () =>
    sql`update operation.provider_removal set next_try_at = now() where gone_at is null`.execute(
      api.world.owner,
    );
  recorder.fake.addFault({ kind: 'error_on_delete', toNumber: recorded.toNumber });
  expect(await removeAll()).toEqual([false]);
  expect(await removal()).toMatchObject({ gone_at: null, tries: 1, last_fault: 'provider_away' });
  expect(await removeAll()).toEqual([]);
  expect(await recorder.voice.getCall(callId)).toBeDefined();
  await dueNow();
  // It says that it has, and still has it.
  recorder.fake.addFault({ kind: 'slow_delete', toNumber: recorded.toNumber });
  expect(await removeAll()).toEqual([false]);
  expect(await removal()).toMatchObject({ tries: 2, last_fault: 'still_there' });
  await dueNow();
  expect(await removeAll()).toEqual([true]);
  expect(await recorder.voice.getCall(callId)).toBeUndefined();
  expect((await fetch(String(recorded.call.call['recording_url']))).status).toBe(404);
  expect((await removal()).gone_at).not.toBeNull();
  // Once it is gone, gone again is no failure.
  expect(await recorder.voice.removeCall(callId)).toBe(true);
});

it('an erasing that is rolled back asks the provider for nothing', async () => {
  const before = await api.world.owner.selectFrom('operation.provider_removal').selectAll().execute();
  const recorded = await recorder.record(api, api.one);
  const { person_id: id } = await api.world.owner
    .selectFrom('operation.attempt')
    .select('person_id')
    .where('id', '=', recorded.attemptId)
    .executeTakeFirstOrThrow();
  // Without the key of the hashes nobody is erased.
  const answer = await ask(api.app, 'POST', `/api/v1/people/${id}/erase`, {
    as: api.one,
    json: { reason: 'Carta' },
  });
  expect(answer.status).toBe(503);
  expect(await api.world.owner.selectFrom('operation.provider_removal').selectAll().execute()).toEqual(
    before,
  );
});

it('an analysis that comes after its person was erased brings back no word, and no recording', async () => {
  const call = await dialOne(api.world, api.one.accountId);
  const tell = async (event: string): Promise<void> => {
    const text = eventBody({ accountId: api.one.accountId, call, event });
    const path = `/api/v1/webhooks/retell/${api.one.accountId}`;
    expect((await ask(app, 'POST', path, { text, headers: signed(text) })).status).toBe(200);
  };
  await tell('call_ended');
  // Nobody waits for its analysis any more.
  await sql`update operation.call set check_at = null where attempt_id = ${call.attemptId}`.execute(
    api.world.owner,
  );
  await erase(call);
  await tell('call_analyzed');
  const turns = await api.world.owner
    .selectFrom('operation.call_turn')
    .selectAll()
    .where('attempt_id', '=', call.attemptId)
    .execute();
  expect(turns).toEqual([]);
  expect(await rowOf(call)).toMatchObject({ source_url: null });
  expect((await rowOf(call)).erased_at).not.toBeNull();
});
