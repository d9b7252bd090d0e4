import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { objectKey, receiveImport } from '../../../domain/imports/imports.ts';
import { sweepLeftovers } from '../../../relay/stored-leftovers.ts';
import { workOnRecording } from '../../../domain/recordings/fetch-recording.ts';
import { takeObjects } from '../../../domain/recordings/queries.ts';
import { type ApiWorld, createApiWorld } from '../../support/api.ts';
import { createOwnStore, type OwnStore } from '../../support/imports.ts';
import { createRecorder, silent } from '../../support/recorded.ts';

let api: ApiWorld;
let store: OwnStore;
beforeAll(async () => {
  api = await createApiWorld();
  store = await createOwnStore();
});
afterAll(async () => {
  await store.close();
  await api.close();
});

const later = () => new Date(Date.now() + 3_600_000);
async function* one(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x');
}

it('what no row speaks of goes when it is old enough; what is to be read or heard stays', async () => {
  const { accountId } = api.one;
  const importId = randomUUID();
  const sha256 = createHash('sha256').update('x').digest('hex');
  const file = { importId, fileName: 'a.csv', sha256, bytes: 1, settings: {}, again: false };
  await inAccount(api.world.app, accountId, async (trx) => {
    await receiveImport(trx, { accountId, actor: 'test' }, file);
    // Some worker reads it: this world's own reader leaves it alone.
    await trx.updateTable('core.import').set({ state: 'reading' }).where('id', '=', importId).execute();
  });
  await store.write(objectKey({ accountId, importId }), one(), 10);
  const waiting = objectKey({ accountId, importId });
  const recorder = await createRecorder();
  const { attemptId } = await recorder.record(api, api.one);
  const options = { limit: 10, ofAccount: 10, busy: [], claimMs: 60_000 };
  const due = await api.world.system.transaction().execute((trx) => takeObjects(trx, options));
  for (const found of due) await workOnRecording(recorder.deps(api, store), found);
  await recorder.stop();
  const kept = `recordings/${accountId}/${attemptId}`;
  const left = [
    objectKey({ accountId, importId: randomUUID() }),
    'imports/no-account/no-id',
    `recordings/${accountId}/${randomUUID()}`,
  ];
  for (const key of left) await store.write(key, one(), 10);
  await writeFile(join(store.folder, 'imports', 'half.part'), 'x');
  const deps = { system: api.world.system, store, logger: silent };
  expect(await sweepLeftovers(deps, new Date(Date.now() - 3_600_000))).toBe(0);
  expect(await sweepLeftovers(deps, later())).toBe(left.length + 1);
  const there = await Promise.all([waiting, kept, ...left].map((key) => store.sizeOf(key)));
  expect(there.map((size) => size !== undefined)).toEqual([true, true, false, false, false]);
  expect(await sweepLeftovers(deps, later())).toBe(0);
});
