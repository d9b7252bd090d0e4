import ExcelJS from 'exceljs';
import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adjustBalance } from '../../../domain/charging/transfers.ts';
import { lockCharging } from '../../../domain/charging/queries-orders.ts';
import { advanceSubscription } from '../../../domain/charging/subscriptions.ts';
import { createApiKey } from '../../../domain/accounts/accounts.ts';
import { formatMicros } from '../../../domain/shared/rules/money.ts';
import { moneyInWords } from '../../../domain/shared/rules/written.ts';
import { ask, type Customer, dialOne, eventBody, signed } from '../../support/api.ts';
import { type ChargingWorld, createChargingWorld } from '../../support/charging.ts';

const zone = 'America/Santiago';
const months = ['2026-03', '2026-04', '2026-05'] as const;
const dayMs = 86_400_000;

interface Row {
  readonly id: bigint;
  readonly unit: string;
  readonly kind: string;
  readonly reference: string;
  readonly available: bigint;
  readonly held: bigint;
  readonly consumed: bigint;
  readonly at: Date;
}
let world: ChargingWorld;
let customer: Customer;
let rows: readonly Row[];

/** A month of a plan as it is lived: its minutes, calls over its end, a package that is taken back and won, and what expires. */
beforeAll(async () => {
  world = await createChargingWorld();
  const accountId = await world.account('credit_based');
  const { app, owner } = world.api.world;
  customer = {
    accountId,
    apiKey: await createApiKey(app, { accountId, label: 'statement', role: 'account' }),
  };
  const pay = async (what: Parameters<ChargingWorld['order']>[1]): Promise<string> => {
    const order = await world.order(accountId, what, 'stripe');
    const charge = await world.fake.stripe.pay(order.provider_ref ?? '');
    await world.settle();
    return charge;
  };
  const topUp = await pay({ kind: 'top_up', amountMicros: 12_340_000n });
  await world.fake.stripe.refund(topUp, 333);
  await world.settle();
  await pay({ kind: 'period', plan: 'starter' });
  await sql`update catalogue.tariff set effective_from = now() - interval '1 second'
             where account_id = ${accountId} and unit = 'SEC'`.execute(owner);
  const endCall = async (call: Awaited<ReturnType<typeof dialOne>>): Promise<void> => {
    for (const event of ['call_ended', 'call_analyzed'] as const) {
      const text = eventBody({ accountId, call, event });
      const path = `/api/v1/webhooks/retell/${accountId}`;
      expect((await ask(world.app, 'POST', path, { text, headers: signed(text) })).status).toBe(200);
    }
  };
  for (let n = 0; n < 3; n += 1) await endCall(await dialOne(world.api.world, accountId));
  const charge = await pay({ kind: 'package', key: 'minutes-500' });
  const dispute = await world.fake.stripe.dispute(charge, 2_975);
  await world.settle();
  await world.fake.stripe.closeDispute(charge, dispute, 'won');
  await world.settle();
  // Begun in the period, and ended behind it.
  const over = await dialOne(world.api.world, accountId);
  const { rows: ends } = await sql<{ period_end: Date }>`
    select period_end from core.subscription where account_id = ${accountId}`.execute(owner);
  const later = new Date((ends[0]?.period_end.getTime() ?? 0) + 5 * dayMs);
  await world.inside(accountId, async (trx) => {
    await lockCharging(trx, accountId);
    expect(await advanceSubscription(trx, { online: new Set() }, accountId, later)).toEqual([
      'grace',
      'suspend',
    ]);
  });
  await endCall(over);
  await world.inside(accountId, (trx) =>
    adjustBalance(
      trx,
      { accountId, actor: 'test' },
      { amountMicros: -7_000_001n, unit: 'SEC', reference: 'ajuste 1', reason: 'prueba' },
    ),
  );
  const instants = [
    '2026-03-31T23:59:59.999',
    '2026-04-01T00:00:00',
    '2026-04-30T23:59:59.999',
    '2026-05-01T00:00:00',
  ];
  const { rows: ids } = await sql<{ id: bigint }>`
    select id from core.ledger_transaction where account_id = ${accountId} order by id`.execute(owner);
  for (const [place, { id }] of ids.entries()) {
    const at = DateTime.fromISO(instants[Math.floor((place * instants.length) / ids.length)] ?? '', {
      zone,
    }).toJSDate();
    await sql`update core.ledger_transaction set created_at = ${at} where id = ${id}`.execute(owner);
  }
  const found = await sql<Row>`
    select id, unit, kind, reference, available_micros as available, held_micros as held, consumed_micros as consumed,
           created_at as at
      from core.ledger_transaction where account_id = ${accountId} order by id`.execute(owner);
  ({ rows } = found);
});
afterAll(() => world.close());

const sum = (of: readonly Row[], field: 'available' | 'held' | 'consumed'): bigint =>
  of.reduce((total, row) => total + row[field], 0n);
const monthOf = (row: Row): string => DateTime.fromJSDate(row.at, { zone }).toFormat('yyyy-MM');

/** The same by going through every row of a unit. */
function expected(month: string, unit: string) {
  const own = rows.filter((row) => row.unit === unit);
  const before = own.filter((row) => monthOf(row) < month);
  const during = own.filter((row) => monthOf(row) === month);
  const of = (...kinds: readonly string[]) => during.filter(({ kind }) => kinds.includes(kind));
  return {
    opening: sum(before, 'available') + sum(before, 'held'),
    topped_up: sum(of('top_up'), 'available'),
    granted: sum(of('grant'), 'available'),
    expired: -sum(of('expire_allotment'), 'available'),
    taken_back: -sum(of('refund', 'dispute', 'dispute_won'), 'available'),
    adjusted: sum(of('adjust'), 'available'),
    charged: sum(of('post', 'hold', 'void', 'expire'), 'consumed'),
    corrected: sum(of('true_up'), 'consumed'),
    closing: sum([...before, ...during], 'available') + sum([...before, ...during], 'held'),
    held: sum([...before, ...during], 'held'),
  };
}

async function file(month: string, format: string): Promise<Uint8Array> {
  const reply = await world.app.request(`/api/v1/statements/${month}?format=${format}`, {
    headers: { authorization: `Bearer ${customer.apiKey}` },
  });
  expect(reply.status).toBe(200);
  return new Uint8Array(await reply.arrayBuffer());
}

describe('the statement of a month of a plan', () => {
  it('has each kind in it, or it would show nothing', () => {
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(
      new Set([
        'top_up',
        'refund',
        'grant',
        'hold',
        'post',
        'dispute',
        'dispute_won',
        'expire_allotment',
        'adjust',
      ]),
    );
    expect(new Set(rows.map(monthOf))).toEqual(new Set(months));
  });

  it.each(months)(
    '%s is what the ledger says, to the micro-unit, and each month ends where the next begins',
    async (month) => {
      const { status, body } = await ask(world.app, 'GET', `/api/v1/statements/${month}`, { as: customer });
      expect(status).toBe(200);
      const totals = Array.isArray(body['totals']) ? body['totals'] : [];
      expect(totals).toHaveLength(2);
      for (const unit of ['SEC', 'USD']) {
        const said = expected(month, unit);
        const money = Object.fromEntries(
          Object.entries(said).map(([name, micros]) => [name, { amount: formatMicros(micros), unit }]),
        );
        expect(totals).toContainEqual(money);
        const moved = said.topped_up + said.granted - said.expired - said.taken_back + said.adjusted;
        expect(said.opening + moved - said.charged - said.corrected).toBe(said.closing);
      }
      const movements = Array.isArray(body['movements']) ? body['movements'] : [];
      const own = rows.filter((row) => monthOf(row) === month && !['hold', 'post'].includes(row.kind));
      expect(movements.map((one: { kind: string; amount: unknown }) => [one.kind, one.amount])).toEqual(
        own.map((row) => [row.kind, { amount: formatMicros(row.available), unit: row.unit }]),
      );
      // Every one that is of an order names it.
      for (const [n, row] of own.entries()) {
        expect(movements[n].order === null).toBe(!row.reference.startsWith('order:'));
      }
    },
  );

  it.each(months)('%s says the same as Excel and as PDF', async (month) => {
    const workbook = new ExcelJS.Workbook();
    const bytes = await file(month, 'xlsx');
    await workbook.xlsx.load(bytes.buffer as ArrayBuffer);
    const sheet = workbook.getWorksheet('Resumen');
    const opened = getDocument({ data: await file(month, 'pdf'), verbosity: 0 });
    const document = await opened.promise;
    const pages = await Promise.all(
      Array.from({ length: document.numPages }, async (_, page) =>
        (await document.getPage(page + 1)).getTextContent(),
      ),
    );
    const text = pages.flatMap(({ items }) => items.map((item) => ('str' in item ? item.str : ''))).join(' ');
    for (const [place, unit] of ['SEC', 'USD'].entries()) {
      const {
        opening,
        topped_up,
        granted,
        expired,
        taken_back,
        adjusted,
        charged,
        corrected,
        closing,
        held,
      } = expected(month, unit);
      const lines = [
        opening,
        topped_up,
        granted,
        -expired,
        -taken_back,
        adjusted,
        -charged,
        -corrected,
        closing,
        held,
      ];
      for (const [line, micros] of lines.entries()) {
        const row = sheet?.getRow(2 + place * lines.length + line);
        // As decimal texts: a cell is a binary number, and 15 digits of it are exact.
        expect(Number(row?.getCell(2).value)).toBe(Number(formatMicros(micros)));
        expect(row?.getCell(3).value).toBe(unit);
        expect(text).toContain(moneyInWords({ amount: formatMicros(micros), unit }).replaceAll('−', '-'));
      }
    }
    const moved = workbook.getWorksheet('Abonos y correcciones');
    const own = rows.filter((row) => monthOf(row) === month && !['hold', 'post'].includes(row.kind));
    expect(own.map((_, n) => Number(moved?.getRow(n + 2).getCell(4).value))).toEqual(
      own.map((row) => Number(formatMicros(row.available))),
    );
    await opened.destroy();
  });
});
