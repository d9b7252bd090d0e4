import { afterAll, beforeAll, expect, it } from 'vitest';
import { packOf, policyOf } from '../../../domain/policy/definitions.ts';
import { registerCatalogue } from '../../../domain/accounts/queries-catalogue.ts';
import { newestPack } from '../../../domain/batches/queries-terms.ts';
import { demoPack } from '../../../domain/policy/rules/packs/demo.ts';
import { parsePack } from '../../../domain/policy/rules/parse.ts';
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

it('a former version of a pack outlives the set-up for the batches that run under it; new ones take the newest', async () => {
  const former = { ...demoPack, version: 1, coolDown: { ...demoPack.coolDown, days: 3 } };
  const { key, version, source, confidence } = former;
  await world.owner
    .insertInto('catalogue.rule_pack_version')
    .values({ key, version, source, confidence, definition: JSON.stringify(former) })
    .execute();
  await registerCatalogue(world.owner);
  expect(await packOf(world.app, { key, version })).toEqual(former);
  const newest = await world.app.transaction().execute((trx) => newestPack(trx, key));
  expect(parsePack(newest?.definition)).toEqual(demoPack);
});
