import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { setBudget } from '../../../domain/batches/budget.ts';
import { changeBatch } from '../../../domain/batches/batches.ts';
import { readBudgets } from '../../../domain/billing/queries-budgets.ts';
import { topUpAccount } from '../../../domain/billing/top-up.ts';
import { cancelUpdate, pauseUpdate, resumeUpdate, viewQuery } from '../../../workflows/contact/contract.ts';
import { attemptsOf, breaches, refusalsOf } from '../../support/live-truth.ts';
import { callOne, type Called, createLiveWorld, type LiveWorld, until } from '../../support/live-world.ts';
import { newAccount, usd } from '../../support/world.ts';

let live: LiveWorld;
beforeAll(async () => {
  live = await createLiveWorld({ capacity: 5 });
});
afterAll(() => live.close());

/** New grants to these contacts have run out in the instant they are given: a worker that takes 30 s to dial. */
async function letGrantsRunOut(howMany: number): Promise<void> {
  await sql`
    create sequence operation.late_grants;
    grant usage on sequence operation.late_grants to public;
    create function operation.run_out() returns trigger language plpgsql as $$
    begin
      if nextval('operation.late_grants') <= ${sql.lit(howMany)} then new.expires_at := new.granted_at; end if;
      return new;
    end $$;
    create trigger run_out before insert on core.line_lease for each row execute function operation.run_out()`.execute(
    live.world.owner,
  );
}

const untilState = (called: Called, state: string): Promise<boolean> =>
  until(`the state ${state}`, async () => (await called.handle.query(viewQuery)).state === state);

/** All lines taken, as by calls that run: nobody is granted one until they are given back. */
async function takeAllLines(): Promise<() => Promise<void>> {
  const { owner, poolId } = live.world;
  const set = (capacity: number) =>
    owner.updateTable('core.line_pool').set({ capacity }).where('pool_id', '=', poolId).execute();
  await set(0);
  return async () => void (await set(5));
}

const change = (called: Called, action: 'pause' | 'resume' | 'cancel'): Promise<void> =>
  inAccount(live.world.app, called.accountId, (trx) =>
    changeBatch(
      trx,
      { accountId: called.accountId, actor: 'test' },
      { batchId: called.batch.batchId, action, reason: 'prueba' },
    ),
  );

it('a contact whose granted line ran out before its dial asks again, and calls once', async () => {
  await letGrantsRunOut(2);
  const called = await callOne(live);
  expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
  expect(await refusalsOf(live, called.contactId)).toEqual(['line_lost', 'line_lost']);
  expect(await attemptsOf(live, called.contactId)).toMatchObject([{ wave: 'ola-1', state: 'ended' }]);
});

it('a contact without credit is suspended, and a top-up lets the dispatcher call it in the same wave', async () => {
  const accountId = await newAccount(live.world.app, live.world.poolId, 0n);
  const called = await callOne(live, { accountId });
  await untilState(called, 'suspended');
  await inAccount(live.world.app, accountId, (trx) =>
    topUpAccount(trx, { accountId, unit: 'USD', amountMicros: usd, reference: 'first', actor: 'test' }),
  );
  expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
  expect(await attemptsOf(live, called.contactId)).toMatchObject([{ wave: 'ola-1' }]);
});

it('a contact of a batch that may cost no more waits for that, is called when it may, and its budget counts the call', async () => {
  const giveBack = await takeAllLines();
  const called = await callOne(live);
  const { accountId } = called;
  const { batchId } = called.batch;
  const bound = (limitMicros: bigint): Promise<void> =>
    inAccount(live.world.app, accountId, (trx) =>
      setBudget(trx, { accountId, actor: 'test' }, { batchId, limitMicros, reason: 'prueba' }),
    );
  await bound(1n);
  await giveBack();
  await untilState(called, 'suspended');
  expect((await called.handle.query(viewQuery)).waitingFor).toMatch(/^Se agotó el presupuesto del lote/);
  await bound(usd);
  expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
  const charged = await until('the charge', async () => {
    const { rows } = await sql<{ micros: bigint | null }>`
      select charged_micros as micros from operation.call where contact_id = ${called.contactId}`.execute(
      live.world.owner,
    );
    return rows[0]?.micros;
  });
  const budget = await inAccount(live.world.app, accountId, async (trx) => await readBudgets(trx, [batchId]));
  expect(budget.get(batchId)).toMatchObject({ heldMicros: 0n, spentMicros: charged });
});

it('cancelled while they wait for a line, by themselves or with their batch, contacts close and are never called', async () => {
  const giveBack = await takeAllLines();
  const [alone, batched] = [await callOne(live), await callOne(live)];
  for (const called of [alone, batched]) await untilState(called, 'waiting');
  await alone.handle.executeUpdate(cancelUpdate, { args: [{ reason: 'prueba' }] });
  await change(batched, 'cancel');
  for (const called of [alone, batched])
    expect(await called.handle.result()).toMatchObject({ outcome: 'cancelled', attempts: 0 });
  // Nothing of theirs is left in the queue: a line granted to it would be held for nobody.
  const { rows } = await sql<{ state: string }>`
    select state from core.line_request where contact_id in (${alone.contactId}, ${batched.contactId})`.execute(
    live.world.owner,
  );
  expect(rows.map(({ state }) => state)).toEqual(['withdrawn', 'withdrawn']);
  await giveBack();
  const after = await callOne(live);
  expect(await after.handle.result()).toMatchObject({ outcome: 'promise' });
  const called = live.fake.posts().map(({ toNumber }) => toNumber);
  for (const { phones } of [alone, batched]) expect(called).not.toContain(phones[0]);
});

it('paused by themselves or with their batch, contacts are not called; resumed, they are called once', async () => {
  const giveBack = await takeAllLines();
  const [alone, batched] = [await callOne(live), await callOne(live)];
  for (const called of [alone, batched]) await untilState(called, 'waiting');
  await alone.handle.executeUpdate(pauseUpdate, { args: [{ reason: 'prueba' }] });
  await change(batched, 'pause');
  await giveBack();
  // Whoever comes after them is called before them.
  const after = await callOne(live);
  expect(await after.handle.result()).toMatchObject({ outcome: 'promise' });
  for (const { contactId } of [alone, batched]) expect(await attemptsOf(live, contactId)).toEqual([]);
  await alone.handle.executeUpdate(resumeUpdate, { args: [{ reason: 'prueba' }] });
  await change(batched, 'resume');
  for (const called of [alone, batched])
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
});

it('cancelled while it is on the phone, a contact’s call is let end, and its line comes back', async () => {
  live.fake.addFault({ kind: 'delay_webhook', times: 'always', ms: 400 });
  const called = await callOne(live);
  await live.fake.waitUntil((fake) =>
    fake.posts().some(({ toNumber, placed }) => placed && toNumber === called.phones[0]),
  );
  await change(called, 'cancel');
  expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
  live.fake.clearFaults();
  await live.fake.idle();
  await until('everything is settled', async () => (await breaches(live)).length === 0);
});
