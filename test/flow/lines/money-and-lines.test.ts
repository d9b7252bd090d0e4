import type { Client } from '@temporalio/client';
import { setBudget } from '../../../domain/batches/budget.ts';
import { readBudgets } from '../../../domain/billing/queries-budgets.ts';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { dispatchRound } from '../../../domain/lines/queries-dispatch.ts';
import { topUp } from '../../../domain/billing/queries-ledger.ts';
import { pauseUpdate, resumeUpdate, viewQuery } from '../../../workflows/contact/contract.ts';
import { answered, noAnswer, scriptedVoice } from '../../support/scripted-voice.ts';
import { fastForwardBy, skipFreely, untilFirstStop } from '../../support/temporal.ts';
import {
  createBatch,
  createWorld,
  finished,
  type MadeBatch,
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

/** A client whose workflows stand still at an instant: nothing may be sent to them while they skip. */
async function stoppingAt(at: Date): Promise<Client> {
  return world.temporal.startSkipping({ stopAfterMs: at.getTime() - Date.now() });
}

const localTime = (atMs: number): string =>
  DateTime.fromMillis(atMs, { zone: 'America/Santiago' }).toFormat('yyyy-MM-dd HH:mm');

async function refusals(accountId: string, batch: MadeBatch): Promise<readonly string[]> {
  const rows = await inAccount(world.app, accountId, (trx) =>
    trx
      .selectFrom('operation.refusal')
      .select(['wave_key', 'reason'])
      .where('batch_id', '=', batch.batchId)
      .orderBy('at')
      .execute(),
  );
  return rows.map((row) => `${row.wave_key} ${row.reason}`);
}

async function openLeases(accountId: string): Promise<number> {
  const rows = await inAccount(world.app, accountId, (trx) =>
    trx.selectFrom('core.line_lease').select('id').where('released_at', 'is', null).execute(),
  );
  return rows.length;
}

async function balances(accountId: string): Promise<Record<string, bigint>> {
  const row = await inAccount(world.app, accountId, (trx) =>
    trx.selectFrom('core.ledger_account').selectAll().executeTakeFirstOrThrow(),
  );
  return {
    funding: row.funding_micros,
    available: row.available_micros,
    held: row.held_micros,
    consumed: row.consumed_micros,
  };
}

it('without credit a contact is suspended, not lost, and a top-up lets it go on', async () => {
  const accountId = await newAccount(world.app, world.poolId, usd / 10n);
  const batch = await createBatch(world, { accountId, people: [{}] });
  const voice = scriptedVoice(() => answered);
  await withWorker(world, { simulatedVoice: voice }, async () => {
    const client = await stoppingAt(new Date(monday.getTime() + 4 * hourMs));
    const handle = await startContact(world, client, batch, accountId);
    await untilFirstStop(client, handle);
    expect(voice.dials).toHaveLength(0);
    expect(await handle.query(viewQuery)).toMatchObject({ state: 'suspended' });
    const rows = await inAccount(world.app, accountId, (trx) =>
      trx.selectFrom('core.contact').select(['state', 'waiting_for']).execute(),
    );
    expect(rows).toEqual([{ state: 'suspended', waiting_for: expect.stringContaining('Falta saldo') }]);
    await inAccount(world.app, accountId, (trx) =>
      topUp(trx, { accountId, unit: 'USD', amountMicros: 5n * usd, reference: 'second' }),
    );
    await skipFreely(client, handle);
    expect(await finished(handle)).toMatchObject({ outcome: 'answered', attempts: 1 });
  });
  expect(voice.dials.map(({ atMs }) => localTime(atMs))).toEqual(['2027-03-08 12:00']);
  expect(await refusals(accountId, batch)).toEqual(['2027-03-08/09:00 no_credit']);
  // 60 s at 0.04 USD a minute; nothing stays held.
  expect(await balances(accountId)).toEqual({
    available: usd / 10n + 5n * usd - 40_000n,
    consumed: 40_000n,
    funding: -(usd / 10n + 5n * usd),
    held: 0n,
  });
});

it('a contact of a batch that may cost no more waits with that reason, and goes on when it may', async () => {
  const accountId = await newAccount(world.app, world.poolId, 10n * usd);
  const batch = await createBatch(world, { accountId, people: [{}] });
  const bound = (limitMicros: bigint) =>
    inAccount(world.app, accountId, (trx) =>
      setBudget(trx, { accountId, actor: 'test' }, { batchId: batch.batchId, limitMicros, reason: 'prueba' }),
    );
  await bound(1n);
  const voice = scriptedVoice(() => answered);
  await withWorker(world, { simulatedVoice: voice }, async () => {
    const client = await stoppingAt(new Date(monday.getTime() + 4 * hourMs));
    const handle = await startContact(world, client, batch, accountId);
    await untilFirstStop(client, handle);
    expect(voice.dials).toHaveLength(0);
    const { state, waitingFor } = await handle.query(viewQuery);
    expect({ state, waitingFor }).toEqual({
      state: 'suspended',
      waitingFor: expect.stringContaining('Se agotó el presupuesto del lote'),
    });
    await bound(usd);
    await skipFreely(client, handle);
    expect(await finished(handle)).toMatchObject({ outcome: 'answered', attempts: 1 });
  });
  expect(await refusals(accountId, batch)).toEqual(['2027-03-08/09:00 no_budget']);
  const budget = await inAccount(world.app, accountId, async (trx) =>
    (await readBudgets(trx, [batch.batchId])).get(batch.batchId),
  );
  expect(budget).toMatchObject({ heldMicros: 0n, spentMicros: 40_000n });
});

it('a pause holds the contact in place, and a resume calls once at the next wave', async () => {
  const accountId = await newAccount(world.app, world.poolId, 10n * usd);
  const batch = await createBatch(world, { accountId, people: [{}] });
  const voice = scriptedVoice((number) => (number === 1 ? noAnswer : answered));
  await withWorker(world, { simulatedVoice: voice }, async () => {
    const client = await stoppingAt(new Date(monday.getTime() + hourMs));
    const handle = await startContact(world, client, batch, accountId);
    await untilFirstStop(client, handle);
    expect(await handle.executeUpdate(pauseUpdate, { args: [{ reason: 'prueba' }] })).toMatchObject({
      state: 'paused',
    });
    // Two days pass: nobody is called, and no wave is made up for.
    await fastForwardBy(client, handle, 48 * hourMs);
    expect(voice.dials).toHaveLength(0);
    expect(await handle.executeUpdate(resumeUpdate, { args: [{ reason: 'prueba' }] })).toMatchObject({
      state: 'waiting',
    });
    await skipFreely(client, handle);
    expect(await finished(handle)).toMatchObject({ outcome: 'answered', attempts: 2 });
  });
  expect(voice.dials.map(({ atMs }) => localTime(atMs))).toEqual(['2027-03-10 09:00', '2027-03-10 12:00']);
});

it('an account at its own cap gets no further line, and the turn that passes is a refusal, not an attempt', async () => {
  const accountId = await newAccount(world.app, world.poolId, 10n * usd, 1);
  const batch = await createBatch(world, { accountId, people: [{}, {}] });
  const voice = scriptedVoice(() => answered);
  const releaseOther = await holdLineFor(accountId, batch, 1);
  await withWorker(world, { simulatedVoice: voice }, async () => {
    const client = await stoppingAt(new Date(monday.getTime() + 4 * hourMs));
    const handle = await startContact(world, client, batch, accountId);
    await untilFirstStop(client, handle);
    expect(voice.dials).toHaveLength(0);
    await releaseOther();
    await skipFreely(client, handle);
    await finished(handle);
  });
  expect(voice.dials.map(({ atMs }) => localTime(atMs))).toEqual(['2027-03-08 12:00']);
  expect(await refusals(accountId, batch)).toEqual(['2027-03-08/09:00 no_line']);
});

it('a line that was granted to a contact that is paused goes back with its hold', async () => {
  const accountId = await newAccount(world.app, world.poolId, 10n * usd);
  const batch = await createBatch(world, { accountId, people: [{}] });
  await withWorker(world, { simulatedVoice: scriptedVoice(() => answered) }, async () => {
    const client = await stoppingAt(new Date(monday.getTime() + hourMs));
    const handle = await startContact(world, client, batch, accountId);
    await untilFirstStop(client, handle);
    // The request that the contact left at 06:00 for 09:00 was granted in the rehearsal's own round; now it waits.
    expect(await openLeases(accountId)).toBe(1);
    expect((await balances(accountId))['held']).toBeGreaterThan(0n);
    await handle.executeUpdate(pauseUpdate, { args: [{ reason: 'prueba' }] });
    expect(await openLeases(accountId)).toBe(0);
    expect(await balances(accountId)).toMatchObject({ held: 0n, available: 10n * usd });
    await handle.terminate('end of the test');
  });
});

/** Another contact of the account is on the phone: its lease stays open until the returned function is called. */
async function holdLineFor(accountId: string, batch: MadeBatch, index: number): Promise<() => Promise<void>> {
  const contactId = batch.contacts[index]?.contactId ?? '';
  const requestId = `held:${contactId}`;
  await inAccount(world.app, accountId, async (trx) => {
    await trx
      .insertInto('core.line_request')
      .values({
        id: requestId,
        account_id: accountId,
        pool_id: world.poolId,
        batch_id: batch.batchId,
        contact_id: contactId,
        wave_key: 'other',
        priority: 1,
        eligible_at: new Date(),
        deadline_at: new Date(Date.now() + hourMs),
      })
      .execute();
  });
  const { granted } = await world.system.transaction().execute((trx) =>
    dispatchRound(trx, {
      poolId: world.poolId,
      at: new Date(),
      // Far beyond the virtual day: the grant must not run out while the test looks at it.
      grantMs: 365 * 24 * hourMs,
      onlyRequestId: requestId,
      worstCaseSeconds: () => Promise.resolve(60),
    }),
  );
  const leaseId = granted.find((grant) => grant.requestId === requestId)?.leaseId;
  if (leaseId === undefined) throw new Error('the other contact got no line');
  return async () => {
    await world.system
      .updateTable('core.line_lease')
      .set({ released_at: new Date(), release_reason: 'test' })
      .where('id', '=', leaseId)
      .execute();
  };
}
