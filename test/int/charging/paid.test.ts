import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hold, trueUp } from '../../../domain/billing/queries-ledger.ts';
import { listStrayEvents } from '../../../domain/charging/queries-events.ts';
import { takeDueOrders, wakeOrder } from '../../../domain/charging/queries-orders.ts';
import { settleAnswer } from '../../../domain/charging/settle-order.ts';
import { chargingKeys, type ChargingWorld, createChargingWorld } from '../../support/charging.ts';

let world: ChargingWorld;
beforeAll(async () => {
  world = await createChargingWorld();
});
afterAll(() => world.close());

const rowsOf = async (orderId: string) => {
  const { rows } = await sql<{ kind: string; amount: bigint; unit: string; reference: string }>`
    select kind, available_micros as amount, unit, reference from core.ledger_transaction
     where reference like ${`order:${orderId}:%`} order by id`.execute(world.api.world.owner);
  return rows;
};
const find = async (id: string) =>
  world.api.world.owner
    .selectFrom('core.payment_order')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
const usd = 1_000_000n;

describe('an order', () => {
  it('of a top-up is asked for in whole pesos with tax, and booked in dollars when it is paid', async () => {
    const accountId = await world.account('credit_based');
    const order = await world.order(accountId, { kind: 'top_up', amountMicros: 50n * usd });
    expect(order).toMatchObject({
      provider: 'mercadopago',
      charge_net_micros: 47_674n * usd,
      charge_tax_micros: 9_058n * usd,
      charge_micros: 56_732n * usd,
      charge_currency: 'CLP',
    });
    const [preference] = world.fake.mercadoPago.preferences.filter(
      ({ external_reference: of }) => of === order.id,
    );
    expect(preference).toMatchObject({ amount: 56_732, currency: 'CLP' });
    const { answered } = await world.fake.mercadoPago.pay(preference?.id ?? '');
    expect(answered).toBe(200);
    await world.settle();
    expect(await rowsOf(order.id)).toEqual([
      { kind: 'top_up', amount: 50n * usd, unit: 'USD', reference: `order:${order.id}:1` },
    ]);
    expect(await find(order.id)).toMatchObject({ state: 'paid', problem: null });
  });

  it('at Stripe is booked once, and what is taken back and given back again moves with it', async () => {
    const accountId = await world.account('credit_based');
    const order = await world.order(accountId, { kind: 'package', key: 'credit-100' }, 'stripe');
    const charge = await world.fake.stripe.pay(order.provider_ref ?? '');
    await world.settle();
    await world.settle({ all: true });
    await world.fake.stripe.refund(charge, 1_190);
    await world.settle();
    const dispute = await world.fake.stripe.dispute(charge, 10_710);
    await world.settle();
    expect(await find(order.id)).toMatchObject({ state: 'returned' });
    await world.fake.stripe.closeDispute(charge, dispute, 'won');
    await world.settle();
    expect((await rowsOf(order.id)).map(({ kind, amount }) => [kind, amount])).toEqual([
      ['top_up', 100n * usd],
      ['refund', -10n * usd],
      ['dispute', -90n * usd],
      ['dispute_won', 90n * usd],
    ]);
    expect(await find(order.id)).toMatchObject({ state: 'paid', charge_micros: 119n * usd });
  });

  it('that was paid and whose event was lost is found by the sweep', async () => {
    const accountId = await world.account('credit_based');
    const order = await world.order(accountId, { kind: 'top_up', amountMicros: 7n * usd }, 'stripe');
    world.tellProviders('none');
    await world.fake.stripe.pay(order.provider_ref ?? '');
    world.tellProviders('both');
    await world.settle();
    expect(await rowsOf(order.id)).toEqual([]);
    await sql`update core.payment_order set ask_at = now() - interval '1 second' where id = ${order.id}`.execute(
      world.api.world.owner,
    );
    await world.settle();
    expect(await rowsOf(order.id)).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('that is older than another question is not booked, whichever comes first', async () => {
    const accountId = await world.account('credit_based');
    const order = await world.order(accountId, { kind: 'top_up', amountMicros: 10n * usd }, 'stripe');
    const charge = await world.fake.stripe.pay(order.provider_ref ?? '');
    await world.settle();
    const { app, system } = world.api.world;
    const provider = world.charging.providers.stripe;
    const ask = async () => {
      await wakeOrder(system, order.id, 'stripe');
      const [due] = (await takeDueOrders(system, { limit: 50, claimMs: 60_000 })).filter(
        ({ id }) => id === order.id,
      );
      const payments = await provider?.paymentsOf(
        { orderId: order.id, providerRef: order.provider_ref },
        AbortSignal.timeout(5_000),
      );
      if (due === undefined || payments === undefined) throw new Error('the order was not due');
      const asked = { accountId, orderId: order.id, asks: due.asks, claimedUntil: due.ask_at };
      return { asked, payments };
    };
    const older = await ask();
    world.tellProviders('none');
    await world.fake.stripe.refund(charge, 1_190);
    world.tellProviders('both');
    const newer = await ask();
    const nothing = () => Promise.resolve();
    expect(await settleAnswer(app, newer.asked, newer.payments, nothing)).toBeDefined();
    expect(await settleAnswer(app, older.asked, older.payments, nothing)).toBeUndefined();
    expect((await rowsOf(order.id)).map(({ kind }) => kind)).toEqual(['top_up', 'refund']);
  });

  it('that is booked while an event came leaves the order to be asked about at once', async () => {
    const accountId = await world.account('credit_based');
    const order = await world.order(accountId, { kind: 'top_up', amountMicros: 10n * usd }, 'stripe');
    const { app, system } = world.api.world;
    await wakeOrder(system, order.id, 'stripe');
    const [due] = (await takeDueOrders(system, { limit: 50, claimMs: 60_000 })).filter(
      ({ id }) => id === order.id,
    );
    if (due === undefined) throw new Error('the order was not due');
    await wakeOrder(system, order.id, 'stripe');
    const asked = { accountId, orderId: order.id, asks: due.asks, claimedUntil: due.ask_at };
    await settleAnswer(app, asked, [], () => Promise.resolve());
    expect((await find(order.id)).ask_at?.getTime()).toBeLessThanOrEqual(Date.now());
  });
});

describe('what does not fit', () => {
  it('another currency or amount is not booked, and shown with the order', async () => {
    const accountId = await world.account('credit_based');
    const cases = [
      { told: { currency: 'eur' }, problem: 'other_currency' },
      { told: { cents: 500 }, problem: 'paid_less' },
    ] as const;
    for (const { told, problem } of cases) {
      const order = await world.order(accountId, { kind: 'top_up', amountMicros: 10n * usd }, 'stripe');
      await world.fake.stripe.pay(order.provider_ref ?? '', told);
      await world.settle();
      expect(await rowsOf(order.id)).toEqual([]);
      expect(await find(order.id)).toMatchObject({ problem, state: 'open' });
      expect(world.warnings).toContainEqual(
        expect.objectContaining({ facts: expect.objectContaining({ orderId: order.id, problem }) }),
      );
    }
  });

  it('a payment of no order of ours wakes nobody, and is kept for who runs the installation', async () => {
    const preference = await fetch(`${world.fakeUrl}/checkout/preferences`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${chargingKeys.mercadoPagoToken}`,
        'x-idempotency-key': 'foreign',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        items: [{ title: 'x', quantity: 1, unit_price: 5, currency_id: 'CLP' }],
        external_reference: 'ajeno',
      }),
    });
    const made: unknown = await preference.json();
    await world.fake.mercadoPago.pay(String(Reflect.get(Object(made), 'id')));
    await world.settle();
    const stray = await listStrayEvents(world.api.world.app, { after: undefined, limit: 5 });
    expect(stray[0]).toMatchObject({ provider: 'mercadopago', result: 'unknown_order' });
  });

  it('an event that nobody signed with our secret is refused and not kept', async () => {
    const { body, headers } = world.fake.stripe.signed('charge.updated', { object: 'charge' });
    const url = `${world.apiUrl}/api/v1/webhooks/orders/stripe`;
    const forged = [
      { body: `${body} `, headers },
      { body, headers: { ...headers, 'stripe-signature': 't=1,v1=00' } },
      { body, headers: { 'content-type': 'application/json' } },
    ];
    for (const one of forged) {
      const reply = await fetch(url, { method: 'POST', ...one });
      expect(reply.status).toBe(401);
      await reply.body?.cancel();
    }
    const { query, headers: ofPayment } = world.fake.mercadoPago.signed('77');
    const reply = await fetch(
      `${world.apiUrl}/api/v1/webhooks/orders/mercadopago?${query.replace('77', '78')}`,
      { method: 'POST', headers: ofPayment, body: '{}' },
    );
    expect(reply.status).toBe(401);
    await reply.body?.cancel();
    const { rows } = await sql<{ n: bigint }>`
      select count(*) as n from operation.payment_event where subject in ('payment:78', '')`.execute(
      world.api.world.owner,
    );
    expect(rows[0]?.n).toBe(0n);
  });
});

describe('an account whose money was taken back', () => {
  it('is in debt, and nothing new is held for it until it pays', async () => {
    const accountId = await world.account('credit_based');
    const order = await world.order(accountId, { kind: 'top_up', amountMicros: 2n * usd }, 'stripe');
    const charge = await world.fake.stripe.pay(order.provider_ref ?? '');
    await world.settle();
    const held = (requestId: string, amountMicros: bigint) =>
      world.inside(accountId, (trx) =>
        hold(trx, {
          accountId,
          requestId,
          isMessage: true,
          plan: 'credit_based',
          unit: 'USD',
          rateMicrosPerMinute: 0n,
          amountMicros,
        }),
      );
    // Used up before it is taken back.
    await world.inside(accountId, (trx) =>
      trueUp(trx, { accountId, unit: 'USD', amountMicros: 2n * usd, reference: 'calls' }),
    );
    await world.fake.stripe.dispute(charge, 238);
    await world.settle();
    const { rows } = await sql<{ available: bigint }>`
      select available_micros as available from core.ledger_account where account_id = ${accountId}`.execute(
      world.api.world.owner,
    );
    expect(rows[0]?.available).toBe(-2n * usd);
    expect(await held('00000000-0000-4000-8000-000000000001', 1n)).toBeUndefined();
    // Of a plan that takes nothing for a call, nothing either.
    expect(await held('00000000-0000-4000-8000-000000000002', 0n)).toBeUndefined();
  });
});
