import { clCollectionStrict } from '../../../domain/policy/rules/packs/cl-collection-strict.ts';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, expect, it } from 'vitest';
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

interface Worked {
  readonly openedAt: string;
  readonly region?: string;
  readonly pack?: { readonly key: string; readonly version: number };
}

/** One contact that nobody answers, to its end, in virtual time: when it was dialled, on Santiago's clock. */
async function dialsOf({ openedAt, region, pack }: Worked): Promise<readonly string[]> {
  const voice = scriptedVoice(() => noAnswer);
  const batch = await createBatch(world, {
    accountId: world.accountId,
    openedAt: new Date(openedAt),
    people: [{}],
  });
  const contactId = batch.contacts[0]?.contactId ?? '';
  if (region !== undefined) {
    await world.owner
      .updateTable('core.person')
      .set({ region })
      .where('id', '=', (eb) => eb.selectFrom('core.contact').select('person_id').where('id', '=', contactId))
      .execute();
  }
  if (pack !== undefined) {
    await world.owner
      .updateTable('core.batch')
      .set({ pack_key: pack.key, pack_version: pack.version })
      .where('id', '=', batch.batchId)
      .execute();
  }
  await withWorker(world, { simulatedVoice: voice }, async () =>
    finished(await startContact(world, world.skipping, batch, world.accountId)),
  );
  return voice.dials.map(({ atMs }) =>
    DateTime.fromMillis(atMs, { zone: 'America/Santiago' }).toFormat('MM-dd HH:mm'),
  );
}

const daysOf = (dials: readonly string[]): readonly string[] => [
  ...new Set(dials.map((at) => at.slice(0, 5))),
];

it('a feast of Chillán in the middle of three days is passed over there, and worked in the capital', async () => {
  // Thursday 19 August 2027, 03:00 in Santiago.
  const openedAt = '2027-08-19T07:00:00Z';
  expect(daysOf(await dialsOf({ openedAt, region: 'Chillán' }))).toEqual(['08-19', '08-21', '08-23']);
  expect(daysOf(await dialsOf({ openedAt, region: 'Metropolitana' }))).toEqual(['08-19', '08-20', '08-21']);
});

it('7 June is worked in Tarapacá, and in no comuna of Arica y Parinacota (case 27)', async () => {
  // Monday 7 June 2027, 03:00 in Santiago.
  const openedAt = '2027-06-07T07:00:00Z';
  expect(daysOf(await dialsOf({ openedAt, region: 'Putre' }))).toEqual(['06-08', '06-09', '06-10']);
  expect(daysOf(await dialsOf({ openedAt, region: 'Tarapacá' }))).toEqual(['06-07', '06-08', '06-09']);
});

it('a leap day is a day of the sequence like any other', async () => {
  const dials = await dialsOf({ openedAt: '2028-02-28T06:00:00Z', region: 'Metropolitana' });
  expect(daysOf(dials)).toEqual(['02-28', '02-29', '03-01']);
});

it('under the strict pack there is one attempt a day, whatever the policy would do', async () => {
  const dials = await dialsOf({
    openedAt: '2027-03-08T06:00:00Z',
    region: 'Metropolitana',
    pack: clCollectionStrict,
  });
  expect(dials).toEqual(['03-08 09:00', '03-09 09:00', '03-10 09:00']);
});

it('under a limit of rolling days the contact waits until the gate says that it lets go', async () => {
  const definition = {
    ...clCollectionWaves,
    key: 'rolling',
    version: 1,
    windows: Object.fromEntries([1, 2, 3, 4, 5, 6].map((day) => [day, [{ from: 480, to: 1_200 }]])),
    limits: [
      { channel: 'phone', countOn: 'ring', max: 2, per: { kind: 'rolling_days', days: 3 }, scope: 'person' },
    ],
    callerIdPrefixes: [],
  };
  await world.owner
    .insertInto('catalogue.rule_pack_version')
    .values({
      key: 'rolling',
      version: 1,
      definition: JSON.stringify(definition),
      source: 'test',
      confidence: 'none',
    })
    .execute();
  const pack = { key: 'rolling', version: 1 };
  const dials = await dialsOf({ openedAt: '2027-03-08T06:00:00Z', region: 'Metropolitana', pack });
  expect(dials.slice(0, 3)).toEqual(['03-08 09:00', '03-08 12:00', '03-11 09:00']);
  // The call of noon leaves the period at the very instant at which the wave opens: milliseconds decide which it is.
  expect(['03-11 12:00', '03-11 15:00']).toContain(dials[3]);
  const refused = await world.owner
    .selectFrom('operation.refusal as r')
    .innerJoin('core.batch as b', 'b.id', 'r.batch_id')
    .select(['r.reason', 'r.rule'])
    .where('b.pack_key', '=', 'rolling')
    .execute();
  expect(refused[0]).toEqual({
    reason: 'rolling_limit',
    rule: 'rolling@1: 2 calls that rang in 3 days to one person',
  });
});
