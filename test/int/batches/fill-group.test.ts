import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillGroup } from '../../support/fill-group.ts';
import { contactIdOf, createBatch, createWorld, type MadeBatch, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function fill(batch: MadeBatch, place: unknown): Promise<readonly unknown[]> {
  const { places } = await fillGroup(world, batch.batchId, { place });
  // Before anybody is opened it says where it began.
  return places.filter((told) => told !== (place ?? -1));
}

async function runs(contactId: string): Promise<boolean> {
  const handle = world.temporal.client.workflow.getHandle(await contactIdOf(world, contactId));
  return handle.describe().then(
    ({ status }) => status.name === 'RUNNING',
    () => false,
  );
}

it('a group goes on behind the last contact that the worker before had started, and says how far it is', async () => {
  const people = Array.from({ length: 45 }, () => ({}));
  const batch = await createBatch(world, { accountId: world.accountId, mode: 'live', people });
  // Numbers are those of this test's world: from 0.
  expect(await fill(batch, 19)).toEqual([39, 44]);
  const started = await Promise.all(batch.contacts.map(({ contactId }) => runs(contactId)));
  expect(started).toEqual(people.map((_, number) => number > 19));
  expect(await fill(batch, undefined)).toEqual([19, 39, 44]);
  expect(await Promise.all(batch.contacts.map(({ contactId }) => runs(contactId)))).toEqual(
    people.map(() => true),
  );
});

it('a contact of the group whose workflow was terminated begins anew by the outbox, not with the ids of its old run', async () => {
  const batch = await createBatch(world, { accountId: world.accountId, mode: 'live', people: [{}] });
  const contactId = batch.contacts[0]?.contactId ?? '';
  await fill(batch, undefined);
  await world.temporal.client.workflow
    .getHandle(await contactIdOf(world, contactId))
    .terminate('by an operator');
  await fill(batch, undefined);
  expect(await runs(contactId)).toBe(false);
  const { run } = await world.owner
    .selectFrom('core.contact')
    .select('run')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow();
  expect(run).toBe(2);
  const rows = await world.owner
    .selectFrom('operation.outbox')
    .select('kind')
    .where('contact_id', '=', contactId)
    .execute();
  expect(rows).toEqual([{ kind: 'start' }]);
});
