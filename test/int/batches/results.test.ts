import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ExcelJS from 'exceljs';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contactResultSchema } from '../../../api/results/schemas.ts';
import { listenOn } from '../../../dev/listen.ts';
import { settleMessage } from '../../../domain/messages/settle-message.ts';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import { type Customer, dialOne, eventBody, signed } from '../../support/api.ts';
import { createDebtor, createMessageWorld, type MessageWorld, sendInput } from '../../support/messages.ts';
import { createPayers } from '../../support/payers.ts';
import { createBatch, type MadeBatch } from '../../support/world.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const people = 260;
let world: MessageWorld;
/** More people than a page: the first owes in two currencies, the others nothing. */
let many: MadeBatch;

beforeAll(async () => {
  world = await createMessageWorld();
  const { accountId } = world;
  const debts = [
    { pesos: 100_000, dueDate: '2027-01-31', reference: 'a' },
    { pesos: 4_050, dueDate: '2027-02-28', reference: 'b' },
  ];
  many = await createBatch(world.api.world, {
    accountId,
    mode: 'live',
    policy: 'demo',
    pack: 'demo',
    people: Array.from({ length: people }, (_, index) => (index === 0 ? { debts } : {})),
  });
  const [first] = many.contacts;
  await world.inside(async (trx) => {
    await trx
      .updateTable('core.person')
      .set({ name: '=HYPERLINK("http://x");+1', national_id: '12345678-5' })
      .where('id', '=', first?.personId ?? '')
      .execute();
    const { creditor_id } = await trx
      .selectFrom('core.debt')
      .select('creditor_id')
      .where('contact_id', '=', first?.contactId ?? '')
      .limit(1)
      .executeTakeFirstOrThrow();
    await trx
      .insertInto('core.debt')
      .values({
        account_id: accountId,
        person_id: first?.personId ?? '',
        contact_id: first?.contactId ?? '',
        creditor_id,
        amount_micros: 120_500_000n,
        currency: 'USD',
        due_date: '2027-01-01',
        reference: 'c',
        sheet_row: null,
      })
      .execute();
  });
  const payers = createPayers(world.api.world);
  const of = { batch: many, contactId: first?.contactId ?? '', personId: first?.personId ?? '' };
  await payers.agree(of, 90_000, 14_050);
  await payers.record(payers.payment(of.personId, 30_000, { externalId: 'in', paidAt: new Date() }));
  await payers.record(payers.payment(of.personId, 5_000, { externalId: 'back', paidAt: new Date() }));
  await payers.reverse('back');
});
afterAll(() => world.close());

const ask = async (
  batchId: string,
  query = '',
  headers: Readonly<Record<string, string>> = {},
  as: Customer = world.api.one,
): Promise<Response> =>
  world.app.request(`/api/v1/batches/${batchId}/results${query}`, {
    headers: { authorization: `Bearer ${as.apiKey}`, ...headers },
  });

async function lines(batchId: string) {
  const response = await ask(batchId);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  const text = await response.text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const row: unknown = JSON.parse(line);
      const read = contactResultSchema.parse(row);
      expect(read).toEqual(row);
      return read;
    });
}

const money = (amount: string, unit = 'CLP') => ({ amount, unit });

describe('the results of a batch', () => {
  it('have a line for each contact, in the order of the file, over more than a page', async () => {
    const all = await lines(many.batchId);
    expect(all.map(({ contact_id: id }) => id)).toEqual(many.contacts.map(({ contactId }) => contactId));
    expect(all.map(({ position }) => position)).toEqual(Array.from({ length: people }, (_, i) => i));
    expect(all[0]).toMatchObject({
      name: '=HYPERLINK("http://x");+1',
      national_id: '12345678-5',
      state: 'waiting',
      outcome: null,
      calls: 0,
      last_call: null,
      debt: [money('104050'), money('120.5', 'USD')],
      outstanding: [money('74050'), money('120.5', 'USD')],
      paid: [money('30000'), money('0', 'USD')],
      agreements: [{ kind: 'promise', state: 'open', total: money('90000'), discount: money('14050') }],
    });
    expect(all[1]).toMatchObject({ debt: [], paid: [], creditors: [], agreements: [], cost: [] });
  });

  it('say what was called, when on the clock there, how it ended in words, and what it cost with its messages', async () => {
    const { accountId } = world;
    const call = await dialOne(world.api.world, accountId);
    const text = eventBody({ accountId, call });
    const path = `/api/v1/webhooks/retell/${accountId}`;
    await world.app.request(path, { method: 'POST', body: text, headers: signed(text) });
    const [called] = await lines(call.batch.batchId);
    const { outcome } = await world.inside((trx) =>
      trx
        .selectFrom('operation.call')
        .select('outcome')
        .where('attempt_id', '=', call.attemptId)
        .executeTakeFirstOrThrow(),
    );
    const phone = await world.inside((trx) =>
      trx
        .selectFrom('core.phone')
        .select('e164')
        .where('id', '=', call.batch.contacts[0]?.phones[0] ?? '')
        .executeTakeFirstOrThrow(),
    );
    expect(called).toMatchObject({
      calls: 1,
      phones_tried: [phone.e164],
      last_call: { zone: 'America/Santiago', outcome, outcome_es: 'contestó' },
      cost: [{ unit: 'USD' }],
    });
    expect(called?.last_call?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[34]:00$/);
    expect(Number(called?.cost[0]?.amount)).toBeGreaterThan(0);
    const debtor = await createDebtor(world);
    const sent = await sendPaymentLink(
      { app: world.api.world.app, actions: world.actions },
      sendInput(world, debtor),
    );
    if (sent.kind !== 'sent') throw new Error('the link was not sent');
    const word = { kind: 'delivered', at: new Date() } as const;
    await world.inside((trx) => settleMessage(trx, { messageId: sent.messageId }, word));
    const [written] = await lines(debtor.batchId);
    expect(written).toMatchObject({ calls: 0, cost: [money('0.05', 'USD')], debt: [money('123450')] });
  });

  it('are an Excel of typed cells: money as numbers, days and instants as such, and no text that is a formula', async () => {
    const response = await ask(many.batchId, '?format=xlsx');
    expect(response.headers.get('content-disposition')).toContain(`resultados-${many.batchId}.xlsx`);
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load(await response.arrayBuffer());
    const sheet = workbook.getWorksheet('Resultados');
    expect(sheet?.rowCount).toBe(people + 1);
    const titles = (sheet?.getRow(1).values ?? []) as readonly unknown[];
    const cell = (title: string, row = 2) => sheet?.getRow(row).getCell(titles.indexOf(title));
    expect(cell('nombre')?.value).toBe('=HYPERLINK("http://x");+1');
    expect(cell('nombre')?.type).toBe(ExcelJS.ValueType.String);
    for (const [title, value] of [
      ['lugar', 0],
      ['deuda', 104_050],
      ['pagado', 30_000],
      ['saldo', 74_050],
      ['acuerdo_monto', 90_000],
    ] as const) {
      expect([title, cell(title)?.value, cell(title)?.numFmt]).toEqual([title, value, '#,##0']);
    }
    expect([cell('moneda')?.value, cell('acuerdo_estado')?.value]).toEqual(['CLP', 'vigente']);
    expect(cell('otras_monedas')?.value).toBe('USD: deuda 120.5, saldo 120.5, pagado 0');
    expect(cell('acuerdo_vence')?.value).toEqual(new Date('2027-03-12T00:00:00Z'));
    expect(cell('leido_a_las')?.type).toBe(ExcelJS.ValueType.Date);
    expect(cell('lugar', people + 1)?.value).toBe(people - 1);
    expect(workbook.getWorksheet('Lote')?.getCell('B3').value).toBe(many.batchId);
  });

  it('are a CSV that runs nothing', async () => {
    const response = await ask(many.batchId, '', { accept: 'text/csv' });
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const text = await response.text();
    const rows: Record<string, string>[] = parse(text, { columns: true, bom: true });
    expect(rows).toHaveLength(people);
    expect(rows[0]).toMatchObject({
      nombre: `'=HYPERLINK("http://x");'+1`,
      deuda: '104050',
      moneda: 'CLP',
      acuerdo_vence: '2027-03-12',
    });
  });

  it('are asked for by format or by Accept; what there is not is named', async () => {
    const asked = async (query: string, accept?: string) => {
      const response = await ask(many.batchId, query, accept === undefined ? {} : { accept });
      await response.body?.cancel();
      return [response.status, response.headers.get('content-type')?.split(';')[0]];
    };
    const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    expect(await asked('', '*/*')).toEqual([200, 'application/x-ndjson']);
    expect(await asked('', 'text/html, text/*;q=0.8, */*;q=0.1')).toEqual([200, 'text/csv']);
    expect(await asked('', `application/json;q=0.9, ${xlsx}`)).toEqual([200, xlsx]);
    expect(await asked('?format=csv', xlsx)).toEqual([200, 'text/csv']);
    const none = await ask(many.batchId, '', { accept: 'text/html, text/csv;q=0' });
    expect(none.status).toBe(406);
    expect(await none.text()).toContain('application/x-ndjson, text/csv');
    const unknown = await ask(many.batchId, '?format=pdf');
    expect(unknown.status).toBe(400);
    expect(await unknown.text()).toMatch(/ndjson.*csv.*xlsx/);
    expect((await ask(many.batchId, '?formato=csv')).status).toBe(400);
  });

  it('are of the account that has the batch', async () => {
    for (const format of ['ndjson', 'csv', 'xlsx']) {
      expect((await ask(many.batchId, `?format=${format}`, {}, world.api.other)).status).toBe(404);
    }
  });

  it('are three files at once for an account, and one that is taken no more makes place', async () => {
    const open = await Promise.all([1, 2, 3].map(() => ask(many.batchId, '?format=csv')));
    expect(open.map(({ status }) => status)).toEqual([200, 200, 200]);
    const more = await ask(many.batchId);
    expect([more.status, more.headers.get('retry-after')]).toEqual([429, '5']);
    expect((await ask(many.batchId, '', {}, world.api.other)).status).toBe(404);
    await open[0]?.body?.cancel();
    expect(await lines(many.batchId)).toHaveLength(people);
    await Promise.all(open.slice(1).map((response) => response.text()));
    expect((await Promise.all([1, 2, 3].map(() => lines(many.batchId)))).flat()).toHaveLength(3 * people);
  });
});

describe('npm run results', () => {
  const run = promisify(execFile);

  it('writes the Excel that the API gives, and nothing when the API has none', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'tandas-results-'));
    const listening = await listenOn((request) => world.app.fetch(request), 0);
    const script = join(root, 'scripts/results.ts');
    const env = { ...process.env, API_URL: listening.url, API_KEY: world.api.one.apiKey };
    try {
      const { stdout } = await run(process.execPath, [script, many.batchId], { cwd: dir, env });
      expect(stdout.trim()).toBe(`resultados-${many.batchId}.xlsx`);
      const workbook = new ExcelJS.Workbook();
      const bytes = new Uint8Array(await readFile(join(dir, stdout.trim())));
      await workbook.xlsx.load(bytes.buffer);
      expect(workbook.getWorksheet('Resultados')?.rowCount).toBe(people + 1);
      const none = run(process.execPath, [script, '0b9f5b54-6f0e-4d1c-9a51-2f6d1f0a7c11'], { cwd: dir, env });
      await expect(none).rejects.toMatchObject({ code: 3 });
      expect(await readdir(dir)).toEqual([stdout.trim()]);
    } finally {
      await listening.close();
      await rm(dir, { recursive: true });
    }
  });
});
