import ExcelJS from 'exceljs';
import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { topUp, trueUp } from '../../../domain/billing/queries-ledger.ts';
import { formatMicros } from '../../../domain/shared/rules/money.ts';
import { moneyInWords } from '../../../domain/shared/rules/written.ts';
import { type ApiWorld, ask, dialOne, eventBody, signed } from '../../support/api.ts';
import { createMessageWorld, type MessageWorld } from '../../support/messages.ts';

interface Row {
  readonly id: bigint;
  readonly kind: string;
  readonly available: bigint;
  readonly held: bigint;
  readonly consumed: bigint;
  readonly at: Date;
}

const zone = 'America/Santiago';
const months = ['2026-02', '2026-03', '2026-04', '2026-05'] as const;
let messages: MessageWorld;
let api: ApiWorld;
let rows: readonly Row[];

/** Real charges of real calls, credits and corrections; then spread over months, some of them on the edges. */
beforeAll(async () => {
  messages = await createMessageWorld();
  ({ api } = messages);
  const { accountId } = api.one;
  for (let n = 0; n < 6; n += 1) {
    const call = await dialOne(api.world, accountId);
    for (const event of ['call_ended', 'call_analyzed'] as const) {
      const body = eventBody({ accountId, call, event });
      const told = await ask(api.app, 'POST', `/api/v1/webhooks/retell/${accountId}`, {
        text: body,
        headers: signed(body),
      });
      expect(told.status).toBe(200);
    }
  }
  // One whose end nobody knows yet: it holds.
  await dialOne(api.world, accountId);
  await inAccount(api.world.app, accountId, async (trx) => {
    for (let n = 1; n <= 4; n += 1) {
      await topUp(trx, {
        accountId,
        unit: 'USD',
        amountMicros: 1_234_567n * BigInt(n),
        reference: `abono ${n}`,
      });
      await trueUp(trx, {
        accountId,
        unit: 'USD',
        amountMicros: n % 2 === 0 ? 7n : -3n,
        reference: `corrección ${n}`,
      });
    }
  });
  const instants = [
    '2026-02-15T12:00:00',
    '2026-02-28T23:59:59.999',
    '2026-03-01T00:00:00',
    '2026-03-31T23:59:59.999',
    // The clock goes back on 5 April: the day has 25 hours.
    '2026-04-04T23:30:00',
    '2026-04-30T23:59:59.999',
    '2026-05-01T00:00:00',
  ];
  const { rows: ids } = await sql<{ id: bigint }>`
    select id from core.ledger_transaction where account_id = ${accountId} order by id`.execute(
    api.world.owner,
  );
  for (const [place, { id }] of ids.entries()) {
    const at = DateTime.fromISO(instants[(place * 3) % instants.length] ?? '', { zone }).toJSDate();
    await sql`update core.ledger_transaction set created_at = ${at} where id = ${id}`.execute(
      api.world.owner,
    );
  }
  const found = await sql<Row>`
    select id, kind, available_micros as available, held_micros as held, consumed_micros as consumed, created_at as at
      from core.ledger_transaction where account_id = ${accountId} order by id`.execute(api.world.owner);
  ({ rows } = found);
});
afterAll(() => messages.close());

const total = (of: readonly Row[], field: 'available' | 'held' | 'consumed'): bigint =>
  of.reduce((sum, row) => sum + row[field], 0n);
const monthOf = (row: Row): string => DateTime.fromJSDate(row.at, { zone }).toFormat('yyyy-MM');
const usd = (micros: bigint) => ({ amount: formatMicros(micros), unit: 'USD' });

/** The same by going through every row. */
function expected(month: string) {
  const before = rows.filter((row) => monthOf(row) < month);
  const own = rows.filter((row) => monthOf(row) === month);
  const until = [...before, ...own];
  return {
    opening: usd(total(before, 'available') + total(before, 'held')),
    topped_up: usd(
      total(
        own.filter(({ kind }) => kind === 'top_up'),
        'available',
      ),
    ),
    granted: usd(0n),
    expired: usd(0n),
    taken_back: usd(0n),
    adjusted: usd(0n),
    charged: usd(
      total(
        own.filter(({ kind }) => kind !== 'true_up'),
        'consumed',
      ),
    ),
    corrected: usd(
      total(
        own.filter(({ kind }) => kind === 'true_up'),
        'consumed',
      ),
    ),
    closing: usd(total(until, 'available') + total(until, 'held')),
    held: usd(total(until, 'held')),
  };
}

const statement = (month: string) => ask(api.app, 'GET', `/api/v1/statements/${month}`, { as: api.one });

async function file(month: string, format: string): Promise<Uint8Array> {
  const reply = await api.app.request(`/api/v1/statements/${month}?format=${format}`, {
    headers: { authorization: `Bearer ${api.one.apiKey}` },
  });
  expect(reply.status).toBe(200);
  return new Uint8Array(await reply.arrayBuffer());
}

describe('GET /api/v1/statements/{month}', () => {
  it.each(months)('%s is what the ledger says, to the micro-unit', async (month) => {
    const reply = await statement(month);
    expect(reply).toMatchObject({ status: 200, body: { month, final: true, totals: [expected(month)] } });
    const charges = Array.isArray(reply.body['charges']) ? reply.body['charges'] : [];
    const cents = charges.map((row: { charged: { amount: string } }) =>
      Math.round(Number(row.charged.amount) * 1e6),
    );
    expect(BigInt(cents.reduce((sum, one) => sum + one, 0))).toBe(
      total(
        rows.filter((row) => monthOf(row) === month && row.kind === 'post'),
        'consumed',
      ),
    );
    for (const { day } of charges) expect(String(day).startsWith(month)).toBe(true);
  });

  it('begins where the one before it ended, and moves by what it says', async () => {
    const read = await Promise.all(months.map(async (month) => (await statement(month)).body['totals']));
    const sums = read.map((totals) => (Array.isArray(totals) ? totals[0] : undefined));
    const micros = (money: { amount: string }): number => Math.round(Number(money.amount) * 1e6);
    for (const [place, one] of sums.entries()) {
      const next = sums[place + 1];
      if (next !== undefined) expect(next.opening).toEqual(one.closing);
      expect(micros(one.opening) + micros(one.topped_up) - micros(one.charged) - micros(one.corrected)).toBe(
        micros(one.closing),
      );
    }
    // Each kind has been seen, or the sums would hold of nothing.
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['top_up', 'hold', 'post', 'true_up']));
  });

  it('as Excel has the same numbers in typed cells', async () => {
    const workbook = new ExcelJS.Workbook();
    const bytes = await file('2026-03', 'xlsx');
    await workbook.xlsx.load(bytes.buffer as ArrayBuffer);
    const sheet = workbook.getWorksheet('Resumen');
    const said = expected('2026-03');
    const value = (row: number): unknown => sheet?.getRow(row).getCell(2).value;
    expect([2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(value)).toEqual([
      Number(said.opening.amount),
      Number(said.topped_up.amount),
      0,
      0,
      0,
      0,
      -Number(said.charged.amount),
      -Number(said.corrected.amount),
      Number(said.closing.amount),
      Number(said.held.amount),
    ]);
    expect(sheet?.getRow(1).getCell(1).value).toContain('marzo de 2026');
    expect(workbook.getWorksheet('Cargos')?.getRow(2).getCell(1).value).toBeInstanceOf(Date);
  });

  it('as PDF says the same, is tagged, and names its language', async () => {
    const bytes = await file('2026-03', 'pdf');
    const raw = Buffer.from(bytes).toString('latin1');
    const opened = getDocument({ data: bytes, verbosity: 0 });
    const document = await opened.promise;
    const pages = await Promise.all(
      Array.from({ length: document.numPages }, async (_, page) =>
        (await document.getPage(page + 1)).getTextContent(),
      ),
    );
    const text = pages.flatMap(({ items }) => items.map((item) => ('str' in item ? item.str : ''))).join(' ');
    const said = expected('2026-03');
    for (const money of [said.opening, said.topped_up, said.closing])
      expect(text).toContain(moneyInWords(money));
    // A sign that the fonts of PDF lack would be shown as another one, and a charge as a credit.
    expect(text).toContain(`-US$ ${moneyInWords(said.charged).slice('US$ '.length)}`);
    expect(text).toContain('No es una factura');
    expect(raw).toMatch(/\/Marked true/);
    expect(raw).toContain('/StructTreeRoot');
    expect((await document.getMetadata()).info).toMatchObject({ Language: 'es-CL' });
    await opened.destroy();
  });

  it('of the running month is not final; one to come, and what is no month, are refused by name', async () => {
    const now = DateTime.now().setZone(zone);
    expect(await statement(now.toFormat('yyyy-MM'))).toMatchObject({ status: 200, body: { final: false } });
    expect(await statement(now.plus({ months: 2 }).toFormat('yyyy-MM'))).toMatchObject({
      status: 422,
      body: { type: 'urn:tandas:problem:month_to_come' },
    });
    for (const month of ['2026-13', '2026-00', '26-01', '2026-1']) {
      expect((await statement(month)).status, month).toBe(400);
    }
  });
});

describe('GET /api/v1/ledger', () => {
  it('has every movement once, page by page, in the order in which they happened', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await ask(
        api.app,
        'GET',
        `/api/v1/ledger?limit=4${cursor === '' ? '' : `&cursor=${cursor}`}`,
        { as: api.one },
      );
      const movements = Array.isArray(page.body['movements']) ? page.body['movements'] : [];
      seen.push(...movements.map(({ id }: { id: string }) => id));
      const { next_cursor: next } = page.body;
      cursor = typeof next === 'string' ? next : '';
    } while (cursor !== '');
    expect(seen).toEqual(rows.map(({ id }) => String(id)).toReversed());
    const kind = await ask(api.app, 'GET', '/api/v1/ledger?kind=top_up&limit=100', { as: api.one });
    expect(kind.body['movements']).toHaveLength(rows.filter((row) => row.kind === 'top_up').length);
  });
});
