import ExcelJS from 'exceljs';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import {
  type ApiWorld,
  ask,
  createApiWorld,
  type Dialled,
  dialOne,
  eventBody,
  type Reply,
  signed,
  uploadDebtors,
} from '../../support/api.ts';
import { createBatch, inventedPhone, type MadeBatch } from '../../support/world.ts';

let api: ApiWorld;
/** Answered and settled; rings, on the second of the person's phones; refused by the provider, so never placed. */
let answered: Dialled;
let ringing: Dialled;
let refused: Dialled;
/** Nobody of it was called: one was given up, one ended by us, one reached in another way. */
let uncalled: MadeBatch;
let slug = '';

beforeAll(async () => {
  api = await createApiWorld();
  const { accountId } = api.one;
  answered = await dialOne(api.world, accountId);
  ringing = await dialOne(
    api.world,
    accountId,
    { phones: [inventedPhone(), inventedPhone()] },
    undefined,
    undefined,
    1,
  );
  refused = await dialOne(api.world, accountId, {}, undefined, {
    kind: 'rejected',
    reason: 'no_provider_credit',
    httpStatus: 402,
    message: 'no credit',
  });
  uncalled = await createBatch(api.world, {
    accountId,
    mode: 'live',
    policy: 'demo',
    pack: 'demo',
    people: [{}, {}, {}],
  });
  await inAccount(api.world.app, accountId, async (trx) => {
    const account = await trx.selectFrom('catalogue.account').select('slug').executeTakeFirstOrThrow();
    ({ slug } = account);
    for (const [index, outcome] of ['no_phone', 'cancelled', 'paid'].entries())
      await trx
        .updateTable('core.contact')
        .set({ state: 'closed', outcome, closed_at: new Date() })
        .where('id', '=', uncalled.contacts[index]?.contactId ?? '')
        .execute();
  });
  const body = eventBody({ accountId, call: answered });
  const path = `/api/v1/webhooks/retell/${slug}`;
  const reply = await ask(api.app, 'POST', path, { text: body, headers: signed(body) });
  expect(reply.status).toBeLessThan(300);
});
afterAll(() => api.close());

const report = (query = '', as = api.one): Promise<Reply> =>
  ask(api.app, 'GET', `/api/v1/reports/activity${query}`, { as });

/** The attempt as it stands in its row: day and hour by another library than the database's. */
async function clockOf(call: Dialled) {
  const row = await inAccount(api.world.app, api.one.accountId, (trx) =>
    trx
      .selectFrom('operation.attempt')
      .select(['attempted_at', 'zone'])
      .where('id', '=', call.attemptId)
      .executeTakeFirstOrThrow(),
  );
  const at = DateTime.fromJSDate(row.attempted_at, { zone: row.zone });
  return { day: at.toISODate() ?? '', hour: at.hour };
}

async function costOf(call: Dialled) {
  const row = await inAccount(api.world.app, api.one.accountId, (trx) =>
    trx
      .selectFrom('operation.call')
      .select(['charged_micros', 'charged_unit', 'provider_cost_micros', 'billable_seconds'])
      .where('attempt_id', '=', call.attemptId)
      .executeTakeFirstOrThrow(),
  );
  const amount = (micros: bigint | null): string => String(Number(micros ?? 0n) / 1_000_000);
  return {
    charged: { amount: amount(row.charged_micros), unit: row.charged_unit },
    provider: { amount: amount(row.provider_cost_micros), unit: 'USD' },
    seconds: row.billable_seconds,
  };
}

const numbers = { contacts: 1, closed: 0, with_result: 0, calls: 1, answered: 0 };

describe('the activity of a batch', () => {
  it('has its calls by day and hour of the person’s own clock, its phones, attempts and cost', async () => {
    const { body } = await report(`?batch_id=${answered.batch.batchId}`);
    const { day, hour } = await clockOf(answered);
    const { charged, provider, seconds } = await costOf(answered);
    expect(Number(charged.amount)).toBeGreaterThan(0);
    expect(body).toMatchObject({
      batch: { id: answered.batch.batchId },
      days: null,
      totals: { ...numbers, answered: 1 },
      by_day: [{ day, calls: 1, answered: 1 }],
      by_hour: [{ hour, calls: 1, answered: 1 }],
      phones: [{ phone: 'main', calls: 1, answered: 1 }],
      attempts_per_contact: [{ attempts: 1, contacts: 1 }],
      batches: [{ batch_id: answered.batch.batchId, ...numbers, answered: 1 }],
      batches_left_out: 0,
      cost: {
        charged: [{ total: charged, calls: 1, per_call: charged }],
        provider: { total: provider, calls: 1, per_call: provider },
        billable_seconds: seconds,
      },
    });
  });

  it('tells a call to another of the person’s phones, and leaves out what was never placed', async () => {
    const other = await report(`?batch_id=${ringing.batch.batchId}`);
    expect(other.body['phones']).toEqual([{ phone: 'other', calls: 1, answered: 0 }]);
    const none = await report(`?batch_id=${refused.batch.batchId}`);
    expect(none.body).toMatchObject({
      totals: { ...numbers, calls: 0 },
      by_day: [],
      by_hour: [],
      phones: [],
      attempts_per_contact: [{ attempts: 0, contacts: 1 }],
      cost: { charged: [], provider: { total: { amount: '0', unit: 'USD' }, calls: 0 } },
    });
  });

  it('counts as a result neither who was never reached nor whom we ended', async () => {
    const { body } = await report(`?batch_id=${uncalled.batchId}`);
    expect(body['totals']).toEqual({ contacts: 3, closed: 3, with_result: 1, calls: 0, answered: 0 });
    expect(body['states']).toEqual(
      ['cancelled', 'no_phone', 'paid'].map((outcome) =>
        expect.objectContaining({ state: 'closed', outcome, contacts: 1 }),
      ),
    );
  });

  it('counts the people who are still to come as planned, and as never called', async () => {
    const { batchId } = ringing.batch;
    const { accountId } = api.one;
    const importId = await uploadDebtors(api, 'por-llegar', 5);
    await inAccount(api.world.app, accountId, (trx) =>
      trx
        .insertInto('core.batch_import')
        .values({
          import_id: importId,
          account_id: accountId,
          batch_id: batchId,
          people_total: 5,
          people_taken: 1,
          actor: 'test',
        })
        .execute(),
    );
    const { body } = await report(`?batch_id=${batchId}`);
    expect(body).toMatchObject({ totals: { contacts: 5, calls: 1 } });
    expect(body['states']).toContainEqual(expect.objectContaining({ state: 'planned', contacts: 4 }));
    expect(body['attempts_per_contact']).toEqual([
      { attempts: 0, contacts: 4 },
      { attempts: 1, contacts: 1 },
    ]);
  });
});

describe('the activity of some days', () => {
  it('has the calls of those days, whichever batch they are of, and the contacts that were called', async () => {
    const days = [(await clockOf(answered)).day, (await clockOf(ringing)).day].toSorted();
    const { body } = await report(`?from=${days[0]}&to=${days[1]}`);
    expect(body).toMatchObject({
      batch: null,
      days: { from: days[0], to: days[1] },
      totals: { ...numbers, contacts: 2, calls: 2, answered: 1 },
      attempts_per_contact: [{ attempts: 1, contacts: 2 }],
      use_cases: [{ use_case: 'debt_collection', calls: 2 }],
    });
    // Those of a batch on some days are those of both.
    const both = await report(`?from=${days[0]}&to=${days[1]}&batch_id=${ringing.batch.batchId}`);
    expect(both.body).toMatchObject({ totals: { ...numbers, calls: 1 } });
    const before = await report(`?from=2020-03-02&to=2020-03-02&batch_id=${ringing.batch.batchId}`);
    expect(before.body['totals']).toMatchObject({ contacts: 0, calls: 0 });
  });

  it('has none of the day before and of the day after', async () => {
    const { day } = await clockOf(answered);
    for (const days of [-1, 1]) {
      const other = DateTime.fromISO(day)
        .plus({ days: days * 2 })
        .toISODate();
      const { body } = await report(`?from=${other}&to=${other}`);
      expect(body['totals'], `${other}`).toEqual({
        contacts: 0,
        closed: 0,
        with_result: 0,
        calls: 0,
        answered: 0,
      });
    }
  });

  it('are the last thirty when none is named, and it says which', async () => {
    const { body } = await report();
    const { from, to } = Object(body['days']);
    expect(DateTime.fromISO(String(to)).diff(DateTime.fromISO(String(from)), 'days').days).toBe(29);
    expect(body['totals']).toMatchObject({ calls: 2 });
  });

  it('are refused, in words, in the wrong order, beyond a year, and where they are no days', async () => {
    for (const [query, status, code] of [
      ['?from=2027-03-02&to=2027-03-01', 400, 'report_days_turned'],
      ['?from=2026-01-01&to=2027-01-02', 422, 'report_too_long'],
      ['?from=2026-02-30', 400, 'invalid_request'],
      ['?since=2026-02-01', 400, 'invalid_request'],
      ['?batch_id=x', 400, 'invalid_request'],
    ] as const) {
      const reply = await report(query);
      expect([reply.status, reply.body['type']], query).toEqual([status, `urn:tandas:problem:${code}`]);
    }
    expect((await report('?from=2026-01-01&to=2027-01-01')).status).toBe(200);
  });

  it('are of nobody else', async () => {
    expect((await report('', api.other)).body['totals']).toMatchObject({ contacts: 0, calls: 0 });
    expect((await report(`?batch_id=${answered.batch.batchId}`, api.other)).status).toBe(404);
  });
});

describe('a file of the activity', () => {
  const file = (format: string, query: string): Promise<Response> => {
    const headers = { authorization: `Bearer ${api.one.apiKey}` };
    return Promise.resolve(api.app.request(`/api/v1/reports/activity/${format}${query}`, { headers }));
  };

  it('is text for a terminal or Markdown, with the figures of the answer', async () => {
    const query = `?batch_id=${uncalled.batchId}`;
    const text = await (await file('txt', query)).text();
    expect(text).toMatch(/^Con resultado +1$/m);
    expect(text).toMatch(/^cerrado +sin teléfono válido +1$/m);
    const markdown = await (await file('md', query)).text();
    expect(markdown).toMatch(/^\| Éxito: con resultado, de las cerradas \| 33,3 % \|$/m);
    expect((await file('pdf', query)).status).toBe(400);
  });

  it('is an Excel whose cells are numbers and days, not texts of them', async () => {
    const response = await file('xlsx', `?batch_id=${answered.batch.batchId}`);
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(await response.arrayBuffer());
    const { day } = await clockOf(answered);
    const days = book.getWorksheet('Por día');
    expect(days?.getCell('A2').value).toEqual(new Date(`${day}T00:00:00Z`));
    expect(days?.getCell('B2').value).toBe(1);
    const { charged, provider } = await costOf(answered);
    const costs = book.getWorksheet('Costo');
    expect(costs?.getCell('C2').value).toBe(Number(charged.amount));
    expect(costs?.getCell('E3').value).toBe(Number(provider.amount));
  });
});
