import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChargingWorld, createChargingWorld } from '../../support/charging.ts';

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
    const [preference] = world.fake.mercadoPago.preferences.filter(({ external_reference: of }) => of === order.id);
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
