import { DateTime } from 'luxon';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { answered, noAnswer, scriptedVoice } from '../../support/scripted-voice.ts';
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

/** Monday 5 July 2027, 03:00 in Santiago: winter, when Punta Arenas is an hour ahead and Easter Island two behind. */
const winterMonday = new Date('2027-07-05T07:00:00Z');

it('each contact of one batch is called in its own zone, and one without a region only where every zone allows it', async () => {
  const voice = scriptedVoice(() => answered);
  const zones = ['America/Santiago', 'America/Punta_Arenas', 'Pacific/Easter', null];
  const batch = await createBatch(world, {
    accountId: world.accountId,
    openedAt: winterMonday,
    people: zones.map((zone) => ({ zone })),
  });
  await withWorker(world, { simulatedVoice: voice }, () =>
    Promise.all(
      zones.map(async (_, index) =>
        finished(await startContact(world, world.skipping, batch, world.accountId, index)),
      ),
    ),
  );
  const firstDialOf = (index: number): DateTime => {
    const dial = voice.dials.find(({ request }) => request.contactId === batch.contacts[index]?.contactId);
    return DateTime.fromMillis(dial?.atMs ?? 0);
  };
  expect(firstDialOf(0).setZone('America/Santiago').toFormat('ccc HH:mm')).toBe('Mon 09:00');
  expect(firstDialOf(1).setZone('America/Punta_Arenas').toFormat('ccc HH:mm')).toBe('Mon 09:00');
  expect(firstDialOf(2).setZone('Pacific/Easter').toFormat('ccc HH:mm')).toBe('Mon 09:00');
  // 09:00 in Santiago is 07:00 on the island: the rest of the wave, from 08:00 there, is what all allow.
  expect(firstDialOf(3).setZone('America/Santiago').toFormat('ccc HH:mm')).toBe('Mon 10:00');
});

it('holidays and Sundays are passed over: from Holy Thursday to the Monday after Easter', async () => {
  const voice = scriptedVoice(() => noAnswer);
  // Thursday 25 March 2027, 14:00 in Santiago.
  const openedAt = new Date('2027-03-25T17:00:00Z');
  const batch = await createBatch(world, { accountId: world.accountId, openedAt, people: [{}] });
  await withWorker(world, { simulatedVoice: voice }, async () =>
    finished(await startContact(world, world.skipping, batch, world.accountId)),
  );
  const days = voice.dials.map(({ atMs }) =>
    DateTime.fromMillis(atMs, { zone: 'America/Santiago' }).toISODate(),
  );
  expect([...new Set(days)]).toEqual(['2027-03-25', '2027-03-29', '2027-03-30']);
});

it('the day on which the clock goes back does not move a wave', async () => {
  const voice = scriptedVoice(() => noAnswer);
  // Saturday 3 April 2027; the clock goes back in the night to Sunday.
  const openedAt = new Date('2027-04-03T09:00:00Z');
  const batch = await createBatch(world, { accountId: world.accountId, openedAt, people: [{}] });
  await withWorker(world, { simulatedVoice: voice }, async () =>
    finished(await startContact(world, world.skipping, batch, world.accountId)),
  );
  const attempts = await inAccount(world.app, world.accountId, (trx) =>
    trx
      .selectFrom('operation.attempt')
      .select('attempted_at')
      .where('batch_id', '=', batch.batchId)
      .orderBy('attempted_at')
      .execute(),
  );
  const times = attempts.map(({ attempted_at: at }) =>
    DateTime.fromJSDate(at, { zone: 'America/Santiago' }).toFormat('ccc HH:mm'),
  );
  expect(times.slice(0, 6)).toEqual([
    'Sat 09:00',
    'Sat 12:00',
    'Sat 15:00',
    'Mon 09:00',
    'Mon 12:00',
    'Mon 15:00',
  ]);
});
