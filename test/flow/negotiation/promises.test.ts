import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import type { ContactResult } from '../../../workflows/contact/contract.ts';
import { viewQuery } from '../../../workflows/contact/contract.ts';
import { type Debtor, localTime, pay, relayAll } from '../../support/debtors.ts';
import { type ScriptedEnd, type ScriptedVoice, scriptedVoice } from '../../support/scripted-voice.ts';
import { fastForwardBy, skipFreely, untilFirstStop } from '../../support/temporal.ts';
import {
  createBatch,
  createWorld,
  finished,
  monday,
  newAccount,
  startContact,
  usd,
  withWorker,
  type World,
} from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const clp = 1_000_000n;

/** They promise all of it for Friday the 12th. */
const promisesFriday: ScriptedEnd = {
  reason: 'user_hangup',
  durationMs: 90_000,
  captured: {
    resultado: 'compromiso_pago',
    fecha_pago_cliente: '2027-03-12',
    monto_pago_cliente: '100000',
  },
};
const refuses: ScriptedEnd = {
  reason: 'user_hangup',
  durationMs: 30_000,
  captured: { resultado: 'rechaza' },
};

/** Early in arrears: due on the first of March, called on the eighth. */
async function debtor(debt = { pesos: 100_000, dueDate: '2027-03-01' }): Promise<Debtor> {
  const accountId = await newAccount(world.app, world.poolId, 100n * usd);
  const debts = [debt];
  const batch = await createBatch(world, {
    accountId,
    people: [{ debts }],
    negotiation: 'collection-standard',
  });
  const [made] = batch.contacts;
  if (made === undefined) throw new Error('the batch has no contact');
  return { accountId, batch, contactId: made.contactId, personId: made.personId };
}

async function live(one: Debtor, voice: ScriptedVoice): Promise<ContactResult> {
  return withWorker(world, { simulatedVoice: voice }, async () =>
    finished(await startContact(world, world.skipping, one.batch, one.accountId)),
  );
}

/** Lives until `atMs` of its own clock, has money come in, and lives on. */
async function liveWithPayment(
  one: Debtor,
  voice: ScriptedVoice,
  payment: { readonly pesos: bigint; readonly at: Date },
): Promise<ContactResult> {
  return withWorker(world, { simulatedVoice: voice }, async () => {
    const client = await world.temporal.startSkipping({ stopAfterMs: payment.at.getTime() - Date.now() });
    const handle = await startContact(world, client, one.batch, one.accountId);
    await untilFirstStop(client, handle);
    expect(await handle.query(viewQuery)).toMatchObject({ state: 'negotiating' });
    await pay(world, one, payment.pesos, payment.at);
    await relayAll(world);
    await fastForwardBy(client, handle, 1_000);
    await skipFreely(client, handle);
    return finished(handle);
  });
}

async function agreements(one: Debtor): Promise<readonly string[]> {
  const rows = await inAccount(world.app, one.accountId, (trx) =>
    trx.selectFrom('core.agreement').select(['state', 'source']).orderBy('made_at').execute(),
  );
  return rows.map(({ state, source }) => `${state} (${source})`);
}

/** What the calls' own rows call a promise. */
async function promised(one: Debtor): Promise<readonly string[]> {
  const rows = await inAccount(world.app, one.accountId, (trx) =>
    trx
      .selectFrom('operation.call')
      .select(['outcome', 'promise_date'])
      .where((eb) => eb.or([eb('outcome', '=', 'promise'), eb('promise_date', 'is not', null)]))
      .execute(),
  );
  return rows.map(({ outcome, promise_date: date }) => `${outcome} ${date}`);
}

async function tasks(one: Debtor): Promise<readonly string[]> {
  const rows = await inAccount(world.app, one.accountId, (trx) =>
    trx.selectFrom('operation.task').select(['kind', 'state']).orderBy('opened_at').execute(),
  );
  return rows.map(({ kind, state }) => `${kind} ${state}`);
}

it('a promise that is kept: one call, money, and the contact closes as paid', async () => {
  const one = await debtor();
  const voice = scriptedVoice(() => promisesFriday);
  const payment = { pesos: 100_000n, at: new Date(monday.getTime() + 3 * dayMs) };
  expect(await liveWithPayment(one, voice, payment)).toMatchObject({ outcome: 'paid', attempts: 1 });
  expect(voice.dials).toHaveLength(1);
});

it('a promise that is broken leads to a call after its day and the days of grace, and in the end to a person', async () => {
  const one = await debtor();
  const dates = ['2027-03-12', '2027-03-22', '2027-03-31'];
  const voice = scriptedVoice((number) => ({
    ...promisesFriday,
    captured: { ...promisesFriday.captured, fecha_pago_cliente: dates[number - 1] ?? '' },
  }));
  expect(await live(one, voice)).toMatchObject({ outcome: 'promise_broken', attempts: 3 });
  expect(voice.dials.map(({ atMs }) => localTime(atMs))).toEqual([
    '2027-03-08 09:00',
    // Friday the 12th and two days for the transfer: Monday, as soon as the week of silence since the call's end is over.
    '2027-03-15 09:01',
    '2027-03-25 09:00',
  ]);
  expect(await agreements(one)).toEqual(['broken (analysis)', 'broken (analysis)', 'broken (analysis)']);
  expect(await tasks(one)).toEqual(['broken_promise open']);
});

it('a promise that is paid in part is called about again, and what came in is not asked for twice', async () => {
  const one = await debtor();
  const voice = scriptedVoice((number) => (number === 1 ? promisesFriday : refuses));
  const payment = { pesos: 40_000n, at: new Date(monday.getTime() + 3 * dayMs) };
  const result = await liveWithPayment(one, voice, payment);
  expect(result.attempts).toBeGreaterThanOrEqual(2);
  expect(await agreements(one)).toEqual(['partly_paid (analysis)']);
  const owed = await inAccount(world.app, one.accountId, (trx) =>
    trx.selectFrom('core.current_debt').select('balance_micros').executeTakeFirstOrThrow(),
  );
  expect(owed.balance_micros).toBe(60_000n * clp);
});

it('from the amount that the stage names on, an agreement stands and a person is told to look at it', async () => {
  const promisesAll = (pesos: number): ScriptedEnd => ({
    ...promisesFriday,
    captured: { ...promisesFriday.captured, monto_pago_cliente: String(pesos) },
  });
  for (const [pesos, told] of [
    [9_999_999, false],
    [10_000_000, true],
  ] as const) {
    const one = await debtor({ pesos, dueDate: '2026-10-01' });
    await live(
      one,
      scriptedVoice(() => promisesAll(pesos)),
    );
    expect(await agreements(one)).toContain('broken (analysis)');
    expect((await tasks(one)).includes('person_asked open')).toBe(told);
  }
});

it('a promise for a day that is past, or beyond what the stage allows, is no promise', async () => {
  for (const date of ['2027-03-07', '2027-06-01']) {
    const one = await debtor();
    const voice = scriptedVoice(() => ({
      ...promisesFriday,
      captured: { ...promisesFriday.captured, fecha_pago_cliente: date },
    }));
    await live(one, voice);
    expect(await agreements(one)).toEqual([]);
    expect(await promised(one)).toEqual([]);
  }
});
