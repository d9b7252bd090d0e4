import { afterAll, beforeAll, expect, it } from 'vitest';
import { batchProgress, finishBatch, openPlanned } from '../../../domain/batches/queries.ts';
import { inAccount, type Trx } from '../../../db/client.ts';
import { createBatch, createWorld, type MadeBatch, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const monday = new Date('2027-03-08T10:00:00Z');
const mondayStart = new Date('2027-03-08T03:00:00Z');
const tuesday = new Date('2027-03-09T10:00:00Z');
const tuesdayStart = new Date('2027-03-09T03:00:00Z');

async function plannedBatch(people: number): Promise<MadeBatch> {
  const batch = await createBatch(world, {
    accountId: world.accountId,
    people: Array.from({ length: people }, () => ({})),
  });
  await inAccount(world.app, world.accountId, (trx) =>
    trx
      .updateTable('core.contact')
      .set({ state: 'planned', opened_at: null })
      .where('batch_id', '=', batch.batchId)
      .execute(),
  );
  return batch;
}

const within = <T>(work: (trx: Trx) => Promise<T>): Promise<T> => inAccount(world.app, world.accountId, work);

async function close(batch: MadeBatch, count: number, at: Date): Promise<void> {
  await within(async (trx) => {
    const open = await trx
      .selectFrom('core.contact')
      .select('id')
      .where('batch_id', '=', batch.batchId)
      .where('state', '=', 'waiting')
      .orderBy('ordinal')
      .limit(count)
      .execute();
    await trx
      .updateTable('core.contact')
      .set({ state: 'closed', outcome: 'answered', closed_at: at })
      .where(
        'id',
        'in',
        open.map((row) => row.id),
      )
      .execute();
  });
}

it('at most sixty different people are worked on one local day; who is closed today keeps its place until tomorrow', async () => {
  const batch = await plannedBatch(75);
  const fill = async (dayStart: Date, now: Date): Promise<number> => {
    const { opened } = await within((trx) =>
      openPlanned(trx, batch.batchId, { dayStart, groupSize: 60, now }),
    );
    return opened;
  };
  expect(await fill(mondayStart, monday)).toBe(60);
  expect(await fill(mondayStart, monday)).toBe(0);
  await close(batch, 5, monday);
  expect(await fill(mondayStart, monday)).toBe(0);
  // The next morning five places are free: the others are still in their sequence, and count.
  expect(await fill(tuesdayStart, tuesday)).toBe(5);
  await close(batch, 60, tuesday);
  expect(await fill(tuesdayStart, tuesday)).toBe(0);
  const wednesdayStart = new Date(tuesdayStart.getTime() + 86_400_000);
  expect(await fill(wednesdayStart, wednesdayStart)).toBe(10);
});

it('two workers that fill one group at once do not fill it twice', async () => {
  const batch = await plannedBatch(20);
  const opened = await Promise.all(
    Array.from({ length: 4 }, () =>
      within((trx) => openPlanned(trx, batch.batchId, { dayStart: mondayStart, groupSize: 7, now: monday })),
    ),
  );
  expect(opened.reduce((sum, group) => sum + group.opened, 0)).toBe(7);
  expect(opened.map(({ isFull }) => isFull)).toEqual([true, true, true, true]);
});

it('contacts are opened in the order of the file', async () => {
  const batch = await plannedBatch(9);
  await within((trx) =>
    openPlanned(trx, batch.batchId, { dayStart: mondayStart, groupSize: 4, now: monday }),
  );
  const open = await within((trx) =>
    trx
      .selectFrom('core.contact')
      .select('ordinal')
      .where('batch_id', '=', batch.batchId)
      .where('state', '=', 'waiting')
      .orderBy('ordinal')
      .execute(),
  );
  expect(open.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3]);
});

it('a batch is finished once, and not when it was cancelled', async () => {
  const batch = await plannedBatch(1);
  expect(await within((trx) => finishBatch(trx, batch.batchId))).toBe(true);
  expect(await within((trx) => finishBatch(trx, batch.batchId))).toBe(false);
  expect(await within((trx) => batchProgress(trx, batch.batchId))).toEqual({
    toCome: 0,
    planned: 1,
    open: 0,
    closed: 0,
  });
});
