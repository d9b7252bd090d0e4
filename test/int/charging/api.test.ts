import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../../../domain/accounts/accounts.ts';
import { book } from '../../../domain/billing/queries-bookings.ts';
import { dispatchRound } from '../../../domain/lines/queries-dispatch.ts';
import { insertRequest } from '../../../domain/lines/queries-lines.ts';
import { suspendAccount } from '../../../domain/charging/queries-plans.ts';
import { ask, type Customer, textOf } from '../../support/api.ts';
import { type ChargingWorld, createChargingWorld } from '../../support/charging.ts';
import { createBatch } from '../../support/world.ts';

let world: ChargingWorld;
let customer: Customer;
beforeAll(async () => {
  world = await createChargingWorld();
  const accountId = await world.account('credit_based');
  const apiKey = await createApiKey(world.api.world.app, { accountId, label: 'x', role: 'account' });
  customer = { accountId, apiKey };
});
afterAll(() => world.close());

const post = (path: string, json: unknown, as: Customer = customer, key?: string) =>
  ask(world.app, 'POST', `/api/v1/${path}`, { as, json, ...(key === undefined ? {} : { key }) });
const get = (path: string, as: Customer = customer) => ask(world.app, 'GET', `/api/v1/${path}`, { as });
const administered = (path: string, json: unknown, key?: string) =>
  post(`accounts/${customer.accountId}/${path}`, json, world.api.administrator, key);
const code = (body: Readonly<Record<string, unknown>>): string =>
  textOf(body, 'type').replace('urn:tandas:problem:', '');

describe('POST /api/v1/orders', () => {
  it('with a key makes one order and one page, also when its provider gives no answer the first time', async () => {
    world.fake.stripe.addFault('accept_then_500');
    const wanted = { kind: 'top_up', amount: '12.34', provider: 'stripe' };
    const key = randomUUID();
    const first = await post('orders', wanted, customer, key);
    expect(first).toMatchObject({
      status: 201,
      body: { pay_url: null, state: 'open', total: { amount: '14.68' } },
    });
    const again = await post('orders', wanted, customer, key);
    expect(again.body['id']).toBe(first.body['id']);
    expect(again.body['pay_url']).toContain('/c/pay/');
    const ofOrder = world.fake.stripe.sessions.filter(({ orderId }) => orderId === first.body['id']);
    expect(ofOrder).toHaveLength(1);
    expect((await post('orders', { ...wanted, amount: '1.00' }, customer, key)).status).toBe(409);
  });

  it('refuses in words what cannot be bought', async () => {
    const cases = [
      [{ kind: 'top_up', amount: '0.50' }, 'top_up_amount'],
      [{ kind: 'top_up', amount: '5.001' }, 'top_up_cents'],
      [{ kind: 'package', package: 'minutes-500' }, 'unit_of_other_plan'],
      [{ kind: 'package', package: 'none' }, 'package_not_found'],
      [{ kind: 'period', plan: 'none' }, 'plan_not_found'],
      [{ kind: 'period', plan: 'pay_as_you_go' }, 'plan_without_price'],
      [{ kind: 'period', plan: 'enterprise' }, 'price_to_be_agreed'],
      [{ kind: 'setup_fee', plan: 'starter' }, 'plan_without_price'],
    ] as const;
    for (const [wanted, refusal] of cases) {
      const { status, body } = await post('orders', wanted);
      expect({ status, code: code(body) }, JSON.stringify(wanted)).toEqual({ status: 422, code: refusal });
    }
    expect((await post('orders', { kind: 'period', plan: 'starter', price: '1.00' })).status).toBe(400);
  });

  it('quotes no pesos at a rate that is old', async () => {
    await sql`update catalogue.exchange_rate set set_at = now() - interval '49 hours'`.execute(
      world.api.world.owner,
    );
    const { status, body } = await post('orders', { kind: 'top_up', amount: '5' });
    expect({ status, code: code(body) }).toEqual({ status: 503, code: 'no_exchange_rate' });
    const rate = { per_usd: '953.47', source: 'Banco Central' };
    const set = (as: Customer) => ask(world.app, 'PUT', '/api/v1/exchange-rates/CLP', { as, json: rate });
    expect((await set(customer)).status).toBe(403);
    expect((await set(world.api.administrator)).status).toBe(200);
    expect((await post('orders', { kind: 'top_up', amount: '5' })).status).toBe(201);
    expect((await get('plans')).body['rate']).toMatchObject({ per_usd: '953.47', source: 'Banco Central' });
  });
});

describe('a transfer', () => {
  it('is confirmed by an administrator, once and by its exact amount, and given back in part', async () => {
    const made = await post('orders', { kind: 'top_up', amount: '100', provider: 'transfer' });
    expect(made.body).toMatchObject({ pay_url: null, total: { unit: 'CLP' } });
    const total = textOf(Object(made.body['total']), 'amount');
    const path = `orders/${textOf(made.body, 'id')}/transfers`;
    const came = { direction: 'in', amount: total, currency: 'CLP', reference: 'banco 1', reason: 'cartola' };
    expect((await post(`accounts/${customer.accountId}/${path}`, came)).status).toBe(403);
    expect(code((await administered(path, { ...came, amount: '1' })).body)).toBe('transfer_amount');
    expect(code((await administered(path, { ...came, currency: 'USD' })).body)).toBe('transfer_currency');
    const key = randomUUID();
    const booked = await administered(path, came, key);
    expect(booked).toMatchObject({
      status: 201,
      body: { state: 'paid', booked: { amount: '100', unit: 'USD' } },
    });
    expect(await administered(path, came, key)).toMatchObject({ status: 201, body: { state: 'paid' } });
    expect(code((await administered(path, came)).body)).toBe('order_paid_already');
    const half = String(Number(total) / 2);
    const back = await administered(path, { ...came, direction: 'out', amount: half, reference: 'banco 2' });
    expect(back.body).toMatchObject({ booked: { amount: '50', unit: 'USD' } });
    expect(code((await administered(path, { ...came, direction: 'out', reference: 'banco 3' })).body)).toBe(
      'transfer_too_much',
    );
  });

  it('of an order that a provider is asked about does not fit', async () => {
    const made = await post('orders', { kind: 'top_up', amount: '5', provider: 'stripe' });
    const path = `orders/${textOf(made.body, 'id')}/transfers`;
    const came = { direction: 'in', amount: '5.95', currency: 'USD', reference: 'x', reason: 'x' };
    expect(code((await administered(path, came)).body)).toBe('order_of_provider');
  });
});

describe('whoever runs the installation', () => {
  it('orders a plan at its agreed price, never below the least', async () => {
    const wanted = { kind: 'period', plan: 'enterprise', price: '750.00', provider: 'stripe' };
    expect((await post(`accounts/${customer.accountId}/orders`, wanted)).status).toBe(403);
    expect(code((await administered('orders', { ...wanted, price: '499.99' })).body)).toBe(
      'price_below_least',
    );
    const made = await administered('orders', wanted);
    expect(made).toMatchObject({ status: 201, body: { price: { amount: '750' }, state: 'open' } });
    expect(code((await administered('orders', { ...wanted, plan: 'starter' })).body)).toBe('price_is_fixed');
    expect((await post(`orders/${textOf(made.body, 'id')}/cancel`, undefined)).status).toBe(200);
  });

  it('corrects a balance once for each reference, in both directions', async () => {
    const wanted = { direction: 'out', amount: '1.5', unit: 'USD', reference: 'a1', reason: 'cobro doble' };
    const first = await administered('adjustments', wanted);
    expect(first.status).toBe(201);
    expect(await administered('adjustments', wanted)).toMatchObject({ status: 200, body: first.body });
    expect(code((await administered('adjustments', { ...wanted, amount: '2' })).body)).toBe(
      'reference_reused',
    );
    const { rows } = await sql<{ sum: bigint }>`
      select sum(available_micros)::bigint as sum from core.ledger_transaction
       where account_id = ${customer.accountId} and kind = 'adjust'`.execute(world.api.world.owner);
    expect(rows[0]?.sum).toBe(-1_500_000n);
  });
});

describe('an account that is suspended for its plan', () => {
  it('is given no line, says so, and goes on when it is paid', async () => {
    const { system, poolId } = world.api.world;
    const accountId = world.api.one.accountId;
    const people = [{}];
    const batch = await createBatch(world.api.world, {
      accountId,
      mode: 'live',
      policy: 'demo',
      pack: 'demo',
      people,
    });
    const [contact] = batch.contacts;
    if (contact === undefined) throw new Error('no contact');
    const nowMs = Date.now();
    // Of a plan that takes nothing for a call: no balance would stop it.
    await sql`insert into catalogue.tariff (account_id, plan, unit, rate_micros_per_minute, effective_from)
              values (${accountId}, 'unlimited', 'USD', 0, now() - interval '1 minute')`.execute(
      world.api.world.owner,
    );
    const { rows: balances } = await sql<{ available: bigint }>`
      select available_micros as available from core.ledger_account where account_id = ${accountId}`.execute(
      world.api.world.owner,
    );
    const free = balances[0]?.available ?? 0n;
    const debt = (sign: bigint) =>
      world.inside(accountId, (trx) =>
        book(trx, 'refund', {
          accountId,
          unit: 'USD',
          amountMicros: sign * (free + 1n),
          reference: `debt ${sign}`,
        }),
      );
    await world.inside(accountId, async (trx) => {
      await insertRequest(trx, {
        id: 'suspended-one',
        accountId,
        poolId,
        batchId: batch.batchId,
        contactId: contact.contactId,
        waveKey: 'w',
        priority: 1,
        eligibleAtMs: nowMs - 1_000,
        deadlineAtMs: nowMs + 3_600_000,
      });
      await suspendAccount(trx, accountId, 'subscription');
    });
    const round = () =>
      system.transaction().execute((trx) =>
        dispatchRound(trx, {
          poolId,
          at: null,
          grantMs: 30_000,
          onlyRequestId: null,
          worstCaseSeconds: () => Promise.resolve(600),
        }),
      );
    expect(await round()).toMatchObject({ granted: [], suspended: [{ requestId: 'suspended-one' }] });
    // Nobody is told a second time in each round.
    expect(await round()).toMatchObject({ granted: [], suspended: [] });
    const account = await get('account', world.api.one);
    expect(account.body['suspended']).toMatchObject({
      reason: 'subscription',
      es: expect.stringContaining('no está pagado'),
    });
    await sql`update core.contact set state = 'suspended' where id = ${contact.contactId}`.execute(
      world.api.world.owner,
    );
    const explained = await get(`contacts/${contact.contactId}/explain`, world.api.one);
    expect(explained.body['waiting']).toMatchObject({ code: 'account_suspended' });
    await world.inside(accountId, (trx) => suspendAccount(trx, accountId, null));
    // In debt, neither: its money was taken back.
    await debt(-1n);
    expect(await round()).toMatchObject({ granted: [], suspended: [] });
    await debt(1n);
    expect((await round()).granted).toMatchObject([{ requestId: 'suspended-one' }]);
  });
});
