import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { noAnswer, scriptedVoice } from '../../support/scripted-voice.ts';
import {
  createBatch,
  createWorld,
  finished,
  startContact,
  withWorker,
  type World,
} from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

it('three local days of ringing without an answer exclude the person after nine calls, three a day', async () => {
  const voice = scriptedVoice(() => noAnswer);
  const batch = await createBatch(world, { accountId: world.accountId, people: [{}] });
  const result = await withWorker(world, { simulatedVoice: voice }, async () =>
    finished(await startContact(world, world.skipping, batch, world.accountId)),
  );
  expect(result).toMatchObject({ outcome: 'excluded', attempts: 9 });
  const attempts = await inAccount(world.app, world.accountId, (trx) =>
    trx.selectFrom('operation.attempt').selectAll().orderBy('attempted_at').execute(),
  );
  const perDay = new Map<string, number>();
  for (const { local_day } of attempts) perDay.set(local_day, (perDay.get(local_day) ?? 0) + 1);
  expect([...perDay.values()]).toEqual([3, 3, 3]);
});
