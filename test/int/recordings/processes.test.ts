import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answered, createApi } from '../../../client/api.ts';
import { runAudit } from '../../../audit/run.ts';
import { ApiRefused } from '../../../client/problem.ts';
import { createDatabase, type Database } from '../../../db/client.ts';
import { openStore } from '../../../storage/open.ts';
import { debtorsCsv } from '../../support/imports.ts';
import { until } from '../../support/live-world.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';
import { type S3Gateway, startS3Gateway } from '../../support/s3-gateway.ts';

let gateway: S3Gateway;
let stack: OwnProcesses;
beforeAll(async () => {
  gateway = await startS3Gateway();
  const { endpoint, bucket, keyId, secret } = gateway.settings;
  stack = await startOwnProcesses({
    fake: { outcomeMode: 'seeded', weights: { no_answer: 0, busy: 0, declined: 0 } },
    env: {
      SECRETS_KEY: randomBytes(32).toString('base64'),
      STORAGE_S3_ENDPOINT: endpoint,
      STORAGE_S3_BUCKET: bucket,
      STORAGE_S3_KEY_ID: keyId,
      STORAGE_S3_SECRET: secret,
    },
  });
}, 900_000);
afterAll(async () => {
  await stack.close();
  await gateway.close();
});

const people = 12;
/** A worker that died in the middle of a dial or a fetch is missed after a minute or two: only a bound. */
const boundMs = 300_000;

/** Erased by the API; gone from the bucket and at the provider by the worker; and nothing of it is a finding of the audit. */
async function erasedEverywhere(db: Database, attemptId: string, url: string): Promise<void> {
  const api = createApi({ url: stack.apiUrl, key: stack.apiKey });
  const { person_id: id } = await db
    .selectFrom('operation.attempt')
    .select('person_id')
    .where('id', '=', attemptId)
    .executeTakeFirstOrThrow();
  const erase = () =>
    api.POST('/api/v1/people/{id}/erase', { params: { path: { id } }, body: { reason: 'Carta' } }).then(
      () => true,
      (error: unknown) => {
        // Another call of theirs may be under way.
        if (error instanceof ApiRefused && error.code === 'person_under_way') return false;
        throw error;
      },
    );
  await until('the person is erased', erase, boundMs);
  expect((await fetch(url)).status).toBe(410);
  const left = () =>
    db
      .selectFrom('core.stored_object as o')
      .innerJoin('operation.attempt as a', 'a.id', 'o.attempt_id')
      .select('o.key')
      .where('a.person_id', '=', id)
      .where('o.state', '<>', 'removed')
      .execute();
  await until('our store has nothing', async () => (await left()).length === 0, boundMs);
  const open = () =>
    db.selectFrom('operation.provider_removal').select('id').where('gone_at', 'is', null).execute();
  await until('the provider has nothing', async () => (await open()).length === 0, boundMs);
  const keys: string[] = [];
  for await (const { key } of openStore({ kind: 's3', ...gateway.settings }).list('recordings'))
    keys.push(key);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key) => key.endsWith(attemptId))).toEqual([]);
  const report = await runAudit({
    databaseUrl: stack.databaseUrl,
    voice: { url: stack.fake.baseUrl(), apiKey: stack.voiceKey },
  });
  expect(
    report.invariants.flatMap(({ name, breaches }) => breaches.map(({ detail }) => `${name}: ${detail}`)),
  ).toEqual([]);
}

it(
  'a file goes through the bucket, its calls’ recordings come into it while the worker is killed, and are heard',
  async () => {
    const api = createApi({ url: stack.apiUrl, key: stack.apiKey });
    const form = new FormData();
    form.append('file', new File([debtorsCsv(people)], 'deudores.csv'));
    const imported = await answered(
      api.POST('/api/v1/imports', {
        params: { header: { prefer: 'wait=60' } },
        body: { file: '' },
        bodySerializer: () => form,
      }),
    );
    expect(imported.state).toBe('stored');
    const import_id = imported.import_id ?? '';
    await answered(
      api.POST('/api/v1/batches', {
        body: { import_id, name: 'Grabada', pack: 'demo', policy: 'quick-waves' },
      }),
    );
    const db = createDatabase({ url: stack.databaseUrl, maxConnections: 1 });
    try {
      const kept = () =>
        db
          .selectFrom('core.stored_object')
          .select(['attempt_id', 'state', 'bytes'])
          .where('state', '=', 'kept')
          .execute();
      await until('a recording is kept', async () => (await kept()).length > 0, boundMs);
      process.kill(stack.pidOf('worker'), 'SIGKILL');
      await stack.stop('worker');
      await stack.start('worker');
      const answeredCalls = () =>
        stack.fake.calls().filter(({ final, call }) => final && call['recording_url'] !== undefined);
      await until(
        'each answered call has its recording',
        async () => {
          const ids = new Set((await kept()).map(({ attempt_id: id }) => id));
          const calls = answeredCalls();
          return calls.length >= people / 2 && calls.every(({ attemptId }) => ids.has(attemptId ?? ''));
        },
        boundMs,
      );
      const [call] = answeredCalls();
      if (call?.attemptId === undefined) throw new Error('nobody answered');
      const address = await answered(
        api.GET('/api/v1/calls/{id}/recording', { params: { path: { id: call.attemptId } } }),
      );
      expect(address.url.startsWith(stack.apiUrl)).toBe(true);
      const heard = Buffer.from(await (await fetch(address.url)).arrayBuffer());
      const theirs = Buffer.from(await (await fetch(String(call.call['recording_url']))).arrayBuffer());
      expect(heard.length).toBe(address.bytes);
      expect(heard.equals(theirs)).toBe(true);
      await erasedEverywhere(db, call.attemptId, address.url);
    } finally {
      await db.destroy();
    }
  },
  4 * boundMs,
);
