import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditOf } from '../../support/audit-of.ts';
import { openCheckout, type Wanted } from '../../../domain/charging/orders.ts';
import { chargingKeys, type ChargingWorld, createChargingWorld, seeded } from '../../support/charging.ts';

const orders = 300;
const seed = 20_261_130;
const leastKills = 4;
const bookedBetweenKills = 30;
/** Only a bound. */
const boundMs = 400_000;
let world: ChargingWorld;
beforeAll(async () => {
  world = await createChargingWorld();
});
afterAll(() => world.close());

/** An order, and what the test has done at its provider: the oracle, in coins of the charge. */
interface Bought {
  readonly id: string;
  readonly accountId: string;
  readonly provider: 'mercadopago' | 'stripe';
  readonly chargeMicros: bigint;
  readonly creditMicros: bigint;
  readonly ref: string;
  paid: bigint;
  refunded: bigint;
  disputed: bigint;
  lost: bigint;
  /** Of the provider, by payment. */
  readonly payments: {
    readonly id: string;
    readonly micros: bigint;
    refunded: bigint;
    dispute: string | undefined;
  }[];
}

type Action = 'pay' | 'pay_again' | 'refund' | 'refund_rest' | 'dispute' | 'won' | 'lost' | 'nothing';
const actions: readonly Action[] = [
  'pay',
  'pay',
  'pay_again',
  'refund',
  'refund',
  'refund_rest',
  'dispute',
  'dispute',
  'won',
  'won',
  'lost',
  'nothing',
];

function startSettler(): ChildProcess {
  const script = fileURLToPath(new URL('../../support/charging-process.ts', import.meta.url));
  const options = {
    mercadoPago: {
      accessToken: chargingKeys.mercadoPagoToken,
      webhookSecret: chargingKeys.mercadoPagoSecret,
      baseUrl: world.fakeUrl,
    },
    stripe: {
      secretKey: chargingKeys.stripeKey,
      webhookSecret: chargingKeys.stripeSecret,
      baseUrl: world.fakeUrl,
    },
  };
  return spawn(process.execPath, [script, world.api.world.url, JSON.stringify(options)], { stdio: 'ignore' });
}

/** Does one thing at the provider. Those that do not fit what the order has been through do nothing. */
async function act(bought: Bought, action: Action, random: () => number): Promise<void> {
  const { mercadoPago, stripe } = world.fake;
  const isStripe = bought.provider === 'stripe';
  const [payment] = bought.payments;
  const coin = isStripe ? 10_000n : 1_000_000n;
  const free = payment === undefined ? 0n : payment.micros - payment.refunded;
  switch (action) {
    case 'pay':
    case 'pay_again': {
      // Stripe takes one payment of a page; Mercado Pago as many as people make.
      if (action === 'pay' ? payment !== undefined : payment === undefined || isStripe) return;
      const id = isStripe ? await stripe.pay(bought.ref) : String((await mercadoPago.pay(bought.ref)).id);
      bought.payments.push({ id, micros: bought.chargeMicros, refunded: 0n, dispute: undefined });
      bought.paid += bought.chargeMicros;
      return;
    }
    case 'refund':
    case 'refund_rest': {
      if (payment === undefined || payment.dispute !== undefined || free <= coin) return;
      const part =
        action === 'refund_rest'
          ? free
          : (((free / coin) * BigInt(1 + Math.floor(random() * 80))) / 100n) * coin;
      if (part === 0n) return;
      payment.refunded += part;
      bought.refunded += part;
      if (isStripe) return stripe.refund(payment.id, Number(part / coin));
      const status = payment.refunded === payment.micros ? 'refunded' : 'approved';
      await mercadoPago.change(Number(payment.id), status, Number(payment.refunded / coin));
      return;
    }
    case 'dispute': {
      if (payment === undefined || payment.dispute !== undefined || free === 0n) return;
      bought.disputed += free;
      if (isStripe) payment.dispute = await stripe.dispute(payment.id, Number(free / coin));
      else {
        payment.dispute = 'open';
        const status = random() < 0.5 ? 'charged_back' : 'in_mediation';
        await mercadoPago.change(Number(payment.id), status, Number(payment.refunded / coin), 'in_process');
      }
      return;
    }
    case 'won':
    case 'lost': {
      if (payment?.dispute === undefined || bought.disputed === 0n) return;
      if (action === 'lost') bought.lost += bought.disputed;
      bought.disputed = 0n;
      if (isStripe) await stripe.closeDispute(payment.id, payment.dispute, action);
      else {
        const detail = action === 'won' ? 'reimbursed' : 'settled';
        await mercadoPago.change(Number(payment.id), 'charged_back', Number(payment.refunded / coin), detail);
      }
      if (action === 'won') payment.dispute = isStripe ? undefined : 'won';
      return;
    }
    case 'nothing':
      return;
  }
}

/** A signed event of something that happened before, sent again: the same bytes, or as a new one. */
async function replay(bought: Bought): Promise<void> {
  const [payment] = bought.payments;
  if (payment === undefined) return;
  if (bought.provider === 'stripe') {
    const { body, headers } = world.fake.stripe.signed(
      'charge.updated',
      world.fake.stripe.chargeObject(payment.id),
    );
    for (let twice = 0; twice < 2; twice += 1) {
      const reply = await fetch(`${world.apiUrl}/api/v1/webhooks/orders/stripe`, {
        method: 'POST',
        body,
        headers,
      });
      expect(reply.status).toBe(200);
      await reply.body?.cancel();
    }
    return;
  }
  const { query, headers } = world.fake.mercadoPago.signed(payment.id);
  for (let twice = 0; twice < 2; twice += 1) {
    const reply = await fetch(`${world.apiUrl}/api/v1/webhooks/orders/mercadopago?${query}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(reply.status).toBe(200);
    await reply.body?.cancel();
  }
}

const wanted = (plan: 'credit_based' | 'minutes_based', random: () => number): Wanted => {
  if (plan === 'minutes_based')
    return { kind: 'package', key: random() < 0.5 ? 'minutes-500' : 'minutes-2000' };
  if (random() < 0.3) return { kind: 'package', key: 'credit-100' };
  return { kind: 'top_up', amountMicros: BigInt(100 + Math.floor(random() * 90_000)) * 10_000n };
};

/** Orders of a few accounts, some of them made while their provider fails. */
async function buy(random: () => number): Promise<Bought[]> {
  const accounts = await Promise.all(
    Array.from({ length: 30 }, async (_, n) => {
      const plan = n % 2 === 0 ? ('credit_based' as const) : ('minutes_based' as const);
      return { plan, id: await world.account(plan) };
    }),
  );
  const made: Bought[] = [];
  for (let n = 0; n < orders; n += 1) {
    const account = accounts[n % accounts.length];
    if (account === undefined) throw new Error('no account');
    const provider = random() < 0.5 ? ('stripe' as const) : ('mercadopago' as const);
    if (random() < 0.1) {
      const fault = random() < 0.5 ? ('accept_then_500' as const) : ('http_500' as const);
      (provider === 'stripe' ? world.fake.stripe : world.fake.mercadoPago).addFault(fault);
    }
    let order = await world.order(account.id, wanted(account.plan, random), provider);
    if (order.pay_url === null) {
      const ids = { accountId: account.id, orderId: order.id };
      const { app } = world.api.world;
      order = (await openCheckout(app, world.charging.providers, ids, AbortSignal.timeout(5_000))) ?? order;
    }
    made.push({
      id: order.id,
      accountId: account.id,
      provider,
      chargeMicros: order.charge_micros,
      creditMicros: order.credit_micros,
      ref: order.provider_ref ?? '',
      paid: 0n,
      refunded: 0n,
      disputed: 0n,
      lost: 0n,
      payments: [],
    });
  }
  return made;
}

const expectedOf = ({ chargeMicros, creditMicros, paid, refunded, disputed, lost }: Bought): bigint => {
  const ours = paid - refunded - disputed - lost;
  const standing = ours < 0n ? 0n : ours > chargeMicros ? chargeMicros : ours;
  return paid === 0n ? 0n : (creditMicros * standing) / chargeMicros;
};

async function countBooked(): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from core.ledger_transaction where reference like 'order:%'`.execute(
    world.api.world.owner,
  );
  return rows[0]?.n ?? 0;
}

async function bookedOf(): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await sql<{ id: string; booked: bigint }>`
    select split_part(reference, ':', 2) as id, sum(available_micros)::bigint as booked
      from core.ledger_transaction where reference like 'order:%' group by 1`.execute(world.api.world.owner);
  return new Map(rows.map(({ id, booked }) => [id, booked]));
}

it(
  'three hundred orders, whatever happens to them and to what tells of it, stand in the ledger as their provider has them',
  async () => {
    const random = seeded(seed);
    const bought = await buy(random);
    expect(new Set(bought.map(({ ref }) => ref)).size).toBe(orders);
    let settler = startSettler();
    let kills = 0;
    let isOver = false;
    // By what it has done, not by a clock: however slow the machine is, it is killed in the middle of its work.
    const killing = (async () => {
      let seen = 0;
      while (!isOver || kills < leastKills) {
        await sleep(20);
        const done = await countBooked();
        if (done < seen + bookedBetweenKills) continue;
        seen = done;
        const exited = once(settler, 'exit');
        settler.kill('SIGKILL');
        await exited;
        kills += 1;
        settler = startSettler();
      }
    })();
    const counts: Record<string, number> = {};
    for (let round = 0; round < 8; round += 1) {
      for (const one of bought.toSorted(() => random() - 0.5)) {
        const action = round === 0 ? 'pay' : (actions[Math.floor(random() * actions.length)] ?? 'nothing');
        if (round === 0 && random() < 0.15) continue;
        const telling = random();
        world.tellProviders(telling < 0.35 ? 'none' : 'both');
        await act(one, action, random);
        if (telling > 0.85) await replay(one);
        counts[action] = (counts[action] ?? 0) + 1;
      }
    }
    isOver = true;
    await killing;
    const exited = once(settler, 'exit');
    settler.kill('SIGKILL');
    await exited;
    // The process did that, not what comes after it.
    expect(await countBooked()).toBeGreaterThanOrEqual(leastKills * bookedBetweenKills);
    await world.settle({ all: true });
    const booked = await bookedOf();
    const wrong = bought.flatMap((one) => {
      const [is, ought] = [booked.get(one.id) ?? 0n, expectedOf(one)];
      return is === ought ? [] : [{ ...one, is, ought }];
    });
    expect(wrong).toEqual([]);
    const ends = bought.filter((one) => one.lost > 0n || one.disputed > 0n || one.refunded > 0n).length;
    const paidTwice = bought.filter((one) => one.paid > one.chargeMicros).length;
    console.log({ kills, actions: counts, ends, paidTwice, warnings: world.warnings.length });
    expect(ends).toBeGreaterThan(100);
    expect(paidTwice).toBeGreaterThan(10);
    // Whoever paid twice is shown, unless the rest was given back.
    for (const one of bought) {
      const ours = one.paid - one.refunded - one.disputed - one.lost;
      const row = await world.api.world.owner
        .selectFrom('core.payment_order')
        .select(['problem', 'state'])
        .where('id', '=', one.id)
        .executeTakeFirstOrThrow();
      expect({ id: one.id, problem: row.problem }).toEqual({
        id: one.id,
        problem: ours > one.chargeMicros ? 'paid_more' : null,
      });
    }
    // Asked again, nothing moves: the difference is none.
    const before = await sql`select count(*) as n from core.ledger_transaction`.execute(
      world.api.world.owner,
    );
    await world.settle({ all: true });
    const after = await sql`select count(*) as n from core.ledger_transaction`.execute(world.api.world.owner);
    expect(after.rows).toEqual(before.rows);
    expect(await auditOf(world.api.world.url)).toEqual([]);
  },
  boundMs,
);
