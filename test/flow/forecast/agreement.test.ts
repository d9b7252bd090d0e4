import { DateTime } from 'luxon';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { ensurePool, REHEARSAL_POOL } from '../../../domain/lines/queries-pools.ts';
import { rehearsalVoice } from '../../../domain/rehearsal/voice.ts';
import { startRehearsal } from '../../../domain/rehearsal/rehearsals.ts';
import { rehearsalWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { collectionStandard } from '../../../domain/negotiation/rules/standard.ts';
import { findPack } from '../../../domain/policy/rules/packs/index.ts';
import { collectionWaves } from '../../../domain/policy/rules/policy.ts';
import { zonesOf } from '../../../domain/policy/rules/zones.ts';
import { forecast } from '../../../domain/forecast/forecast.ts';
import type { ForecastContact } from '../../../domain/forecast/types.ts';
import { population } from '../../../domain/rehearsal/rules/person.ts';
import { debtCollection } from '../../../domain/usecases/debt-collection.ts';
import { importDemo } from '../../support/demo-import.ts';
import { createWorld, newAccount, usd, withWorker, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await ensurePool(world.owner, {
    key: REHEARSAL_POOL,
    simulated: true,
    rehearsal: true,
    fromNumber: '+566000000000',
    agentId: 'agent_rehearsal',
    capacity: 200,
    callsPerSecond: 100_000,
  });
});
afterAll(() => world.close());

const people = 16;
const start = '2027-03-08';

interface Lived {
  readonly contact: ForecastContact;
  /** 'yyyy-MM-dd HH:mm phone outcome', one a call. */
  readonly calls: readonly string[];
  readonly outcome: string;
}

/** What the rehearsal's rows say of each contact, in the order of the file. */
async function rehearse(seed: string): Promise<readonly Lived[]> {
  const accountId = await newAccount(world.app, world.poolId, 10n * usd);
  const importId = await importDemo(world, accountId, people, 3);
  const deps = { app: world.app, skipping: world.skipping, taskQueue: world.taskQueue };
  const id = await withWorker(world, { simulatedVoice: rehearsalVoice(world.app) }, async () => {
    const started = await startRehearsal(
      deps,
      { accountId, actor: 'test' },
      {
        importId,
        pack: 'cl-collection-waves',
        policy: 'collection-waves',
        negotiation: undefined,
        pool: undefined,
        seed,
        start,
      },
    );
    await world.temporal.client.workflow.getHandle(rehearsalWorkflowId(started)).result();
    return started;
  });
  const { rehearsal_account_id: own } = await inAccount(world.app, accountId, (trx) =>
    trx
      .selectFrom('operation.rehearsal')
      .select('rehearsal_account_id')
      .$narrowType<{ rehearsal_account_id: string }>()
      .where('id', '=', id)
      .executeTakeFirstOrThrow(),
  );
  return inAccount(world.app, own, async (trx) => {
    const contacts = await trx
      .selectFrom('core.contact as k')
      .innerJoin('core.person as s', 's.id', 'k.person_id')
      .select(['k.id', 'k.person_id', 'k.outcome', 's.country', 's.region', 's.zone'])
      .orderBy('k.ordinal')
      .execute();
    const lives: Lived[] = [];
    for (const row of contacts) {
      const phones = await trx
        .selectFrom('core.phone')
        .select('e164')
        .where('person_id', '=', row.person_id)
        .orderBy('position')
        .orderBy('id')
        .execute();
      const debts = await trx
        .selectFrom('core.debt')
        .select(['amount_micros', 'currency', 'due_date'])
        .where('contact_id', '=', row.id)
        .orderBy('due_date')
        .execute();
      const calls = await trx
        .selectFrom('operation.attempt as a')
        .innerJoin('operation.call as c', 'c.attempt_id', 'a.id')
        .innerJoin('core.phone as p', 'p.id', 'a.phone_id')
        .select(['a.attempted_at', 'p.e164', 'c.outcome'])
        .where('a.contact_id', '=', row.id)
        .orderBy('a.number')
        .execute();
      const [first, ...others] = phones.map(({ e164 }) => e164);
      if (first === undefined) throw new Error('a person without a phone');
      const zones = zonesOf(row.country, row.zone, row.region);
      lives.push({
        contact: {
          phones: [first, ...others],
          zones,
          owedMicros: debts.reduce((sum, debt) => sum + debt.amount_micros, 0n),
          currency: debts[0]?.currency ?? 'CLP',
          dueDate: debts[0]?.due_date ?? null,
        },
        calls: calls.map((call) => line(call.attempted_at.getTime(), call.e164, call.outcome ?? '')),
        outcome: row.outcome ?? 'still_open',
      });
    }
    return lives;
  });
}

function line(atMs: number, phone: string, outcome: string): string {
  const at = DateTime.fromMillis(atMs, { zone: 'America/Santiago' }).toFormat('yyyy-MM-dd HH:mm');
  // What the contact is told of every fault of the provider is one word.
  return `${at} ${phone} ${['capacity', 'provider_blocked'].includes(outcome) ? 'technical' : outcome}`;
}

it.each(['7', '21'])(
  'a forecast and a rehearsal of seed %s agree contact by contact, where lines are free',
  async (seed) => {
    const lived = await rehearse(seed);
    const pack = findPack('cl-collection-waves');
    if (pack === undefined) throw new Error('no such pack');
    const startMs = DateTime.fromISO(start, { zone: 'America/Santiago' }).set({ hour: 6 }).toMillis();
    const told = forecast({
      contacts: lived.map(({ contact }) => contact),
      policy: collectionWaves,
      pack,
      useCase: debtCollection,
      negotiation: collectionStandard,
      people: population(seed),
      startMs,
      lines: people,
      groupSize: people,
      untilMs: startMs + 90 * 86_400_000,
    });
    const forecasted = told.lives.map(({ calls, outcome }) => ({
      calls: calls.map((call) => line(call.atMs, call.phone, call.outcome)),
      outcome,
    }));
    expect(forecasted).toEqual(lived.map(({ calls, outcome }) => ({ calls, outcome })));
    expect(lived.flatMap(({ calls }) => calls).length).toBeGreaterThan(people);
  },
);
