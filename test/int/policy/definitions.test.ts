import { afterAll, beforeAll, expect, it } from 'vitest';
import { policyOf } from '../../../domain/policy/definitions.ts';
import { collectionWaves } from '../../../domain/policy/rules/policy.ts';
import { createDatabaseWorld, type DatabaseWorld } from '../../../dev/bench/lib/database-world.ts';

let world: DatabaseWorld;
beforeAll(async () => {
  world = await createDatabaseWorld();
});
afterAll(() => world.close());

const store = (definition: object): Promise<unknown> =>
  world.owner
    .insertInto('catalogue.policy_version')
    .values({ key: 'own', version: 1, definition: JSON.stringify(definition) })
    .execute();

it('a policy without its ring time is not stored', async () => {
  const { ringMs: _, ...rest } = collectionWaves;
  await expect(store(rest)).rejects.toThrow('policy_version_is_whole');
  await expect(store({ ...rest, ringMs: 'half a minute' })).rejects.toThrow('policy_version_is_whole');
});

it('a version is read and checked once, and by another database anew', async () => {
  await store({ ...collectionWaves, key: 'own' });
  const ref = { key: 'own', version: 1 };
  const first = await policyOf(world.app, ref);
  expect(await world.app.transaction().execute((trx) => policyOf(trx, ref))).toBe(first);
  expect(await policyOf(world.system, ref)).not.toBe(first);
});
