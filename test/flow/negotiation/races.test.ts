import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { dispatchRound } from '../../../domain/lines/queries-dispatch.ts';
import { topUp } from '../../../domain/billing/queries-ledger.ts';
import { openTurns } from '../../../domain/lines/queries-lines.ts';
import { resolveWish } from '../../../domain/contacts/reschedule-wish.ts';
import {
  contactStoppedSignal,
  lineGrantedSignal,
  pauseUpdate,
  rescheduleUpdate,
  resumeUpdate,
  viewQuery,
} from '../../../workflows/contact/contract.ts';
import {
  createDebtor,
  type Debtor,
  heldBy,
  localTime,
  pay,
  refusalsOf,
  relayAll,
} from '../../support/debtors.ts';
import { answered, noAnswer, scriptedVoice } from '../../support/scripted-voice.ts';
import { fastForwardBy, skipFreely, untilFirstStop } from '../../support/temporal.ts';
import {
  createWorld,
  finished,
  monday,
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

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Nine in the morning of that Monday in Santiago: the first wave opens. */
const nine = new Date(monday.getTime() + 3 * hourMs);

async function stoppingAt(at: Date): Promise<Client> {
  return world.temporal.startSkipping({ stopAfterMs: at.getTime() - Date.now() });
}

it('a payment that commits before the gate of the same second: no dial, line and hold go back, closed as paid', async () => {
  const debtor = await createDebtor(world);
  const voice = scriptedVoice(() => answered);
  await withWorker(world, { simulatedVoice: voice }, async () => {
    const client = await stoppingAt(new Date(nine.getTime() - 500));
    const handle = await startContact(world, client, debtor.batch, debtor.accountId);
    await untilFirstStop(client, handle);
    // Its signal is still in the outbox when the dial begins: the gate has to see the money itself.
    await pay(world, debtor, 100_000n, new Date(nine.getTime() - 400));
    await skipFreely(client, handle);
    expect(await finished(handle)).toMatchObject({ outcome: 'paid', attempts: 0 });
  });
  expect(voice.dials).toHaveLength(0);
  expect(await refusalsOf(world, debtor.accountId)).toEqual(['debt_settled (2027-03-08/09:00)']);
  expect(await heldBy(world, debtor.accountId)).toEqual({ leases: 0, heldMicros: 0n });
});

it('a payment that commits while the call of the same second rings: that call is the last', async () => {
  const debtor = await createDebtor(world);
  const voice = scriptedVoice(() => ({
    ...noAnswer,
    during: async ({ atMs }) => {
      await pay(world, debtor, 100_000n, new Date(atMs));
      await relayAll(world);
    },
  }));
  await withWorker(world, { simulatedVoice: voice }, async () => {
    const handle = await startContact(world, world.skipping, debtor.batch, debtor.accountId);
    expect(await finished(handle)).toMatchObject({ outcome: 'paid', attempts: 1 });
  });
  expect(voice.dials.map(({ atMs }) => localTime(atMs))).toEqual(['2027-03-08 09:00']);
});

async function wish(debtor: Debtor, at: string, nowMs: number) {
  const answer = await inAccount(world.app, debtor.accountId, (trx) =>
    resolveWish(trx, {
      accountId: debtor.accountId,
      contactId: debtor.contactId,
      attemptId: null,
      source: 'api',
      requestedBy: 'person',
      wish: { at },
      at: new Date(nowMs),
    }),
  );
  if (!answer.ok) throw new Error(`not agreed: ${answer.rule}`);
  return { slot: answer.slot, requestId: answer.requestId };
}

it('a reschedule during a pause is kept: the call is made at its minute when the pause ends in time', async () => {
  const debtor = await createDebtor(world);
  const voice = scriptedVoice(() => answered);
  await withWorker(world, { simulatedVoice: voice }, async () => {
    const client = await stoppingAt(new Date(monday.getTime() + hourMs));
    const handle = await startContact(world, client, debtor.batch, debtor.accountId);
    await untilFirstStop(client, handle);
    await handle.executeUpdate(pauseUpdate, { args: [{ reason: 'prueba' }] });
    const agreed = await wish(debtor, '2027-03-09T11:20', monday.getTime() + hourMs);
    expect(await handle.executeUpdate(rescheduleUpdate, { args: [agreed] })).toMatchObject({
      state: 'paused',
    });
    await fastForwardBy(client, handle, 20 * hourMs);
    expect(voice.dials).toHaveLength(0);
    await handle.executeUpdate(resumeUpdate, { args: [{ reason: 'prueba' }] });
    await skipFreely(client, handle);
    await finished(handle);
  });
  expect(localTime(voice.dials[0]?.atMs ?? 0)).toBe('2027-03-09 11:20');
});

it('a reschedule whose time passes during the pause is on record, and still the next call', async () => {
  const debtor = await createDebtor(world);
  const voice = scriptedVoice(() => answered);
  await withWorker(world, { simulatedVoice: voice }, async () => {
    const client = await stoppingAt(new Date(monday.getTime() + hourMs));
    const handle = await startContact(world, client, debtor.batch, debtor.accountId);
    await untilFirstStop(client, handle);
    const agreed = await wish(debtor, '2027-03-08T11:20', monday.getTime() + hourMs);
    await handle.executeUpdate(rescheduleUpdate, { args: [agreed] });
    await handle.executeUpdate(pauseUpdate, { args: [{ reason: 'prueba' }] });
    await fastForwardBy(client, handle, 30 * hourMs);
    await handle.executeUpdate(resumeUpdate, { args: [{ reason: 'prueba' }] });
    await skipFreely(client, handle);
    await finished(handle);
  });
  expect(await refusalsOf(world, debtor.accountId)).toContain(
    'agreed_call_lapsed (reagendada/2027-03-08T11:20)',
  );
  const attempts = await inAccount(world.app, debtor.accountId, (trx) =>
    trx.selectFrom('operation.attempt').select(['rescheduled', 'wave_key']).orderBy('number').execute(),
  );
  expect(attempts[0]).toEqual({ rescheduled: true, wave_key: '2027-03-09/12:00' });
});

it('a stop while the line is granted: nobody is dialled, and line and hold go back at once', async () => {
  const debtor = await createDebtor(world);
  const voice = scriptedVoice(() => answered);
  await withWorker(world, { simulatedVoice: voice }, async () => {
    const client = await stoppingAt(new Date(nine.getTime() - minuteMs));
    const handle = await startContact(world, client, debtor.batch, debtor.accountId);
    await untilFirstStop(client, handle);
    expect((await heldBy(world, debtor.accountId)).leases).toBe(1);
    // As the outbox brings it; no row of a rehearsal goes through it.
    await handle.signal(contactStoppedSignal, { reason: 'legal' });
    expect(await finished(handle)).toMatchObject({ outcome: 'legal', attempts: 0 });
  });
  expect(voice.dials).toHaveLength(0);
  expect(await heldBy(world, debtor.accountId)).toEqual({ leases: 0, heldMicros: 0n });
});

it('a top-up while the window closes: the line comes too late, nobody is dialled after hours, the call is made next day', async () => {
  const debtor = await createDebtor(world, { creditMicros: usd / 10n, policy: 'ladder' });
  const { accountId, contactId, batch } = debtor;
  const voice = scriptedVoice(() => answered);
  const eight = new Date(monday.getTime() + 14 * hourMs);
  await withWorker(world, { simulatedVoice: voice }, async () => {
    const client = await stoppingAt(new Date(eight.getTime() - 2_000));
    const handle = await startContact(world, client, batch, accountId);
    await untilFirstStop(client, handle);
    expect(await handle.query(viewQuery)).toMatchObject({ state: 'suspended' });
    await inAccount(world.app, accountId, (trx) =>
      topUp(trx, { accountId, unit: 'USD', amountMicros: 50n * usd, reference: 'late' }),
    );
    // The dispatcher's round in the last two seconds of the window; its signal arrives after it.
    const [waiting] = await inAccount(world.app, accountId, (trx) => openTurns(trx, contactId));
    const { granted } = await world.system.transaction().execute((trx) =>
      dispatchRound(trx, {
        poolId: world.poolId,
        at: new Date(eight.getTime() - 1_000),
        grantMs: 30_000,
        onlyRequestId: waiting?.requestId ?? '',
        worstCaseSeconds: () => Promise.resolve(60),
      }),
    );
    expect(granted).toHaveLength(1);
    await fastForwardBy(client, handle, 2_500);
    for (const { requestId, leaseId } of granted)
      await handle.signal(lineGrantedSignal, { requestId, leaseId });
    await skipFreely(client, handle);
    await finished(handle);
  });
  expect(localTime(voice.dials[0]?.atMs ?? 0)).toBe('2027-03-09 08:00');
  expect(await refusalsOf(world, accountId)).toContain('outside_window (2027-03-08/1)');
  expect(await heldBy(world, accountId)).toEqual({ leases: 0, heldMicros: 0n });
});
