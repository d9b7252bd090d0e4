import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { reportNames } from '../../../domain/reports/rules/report.ts';
import { recountAll } from '../../../domain/summaries/recount.ts';
import {
  type ApiWorld,
  ask,
  createApiWorld,
  type Dialled,
  dialOne,
  eventBody,
  type Reply,
  signed,
} from '../../support/api.ts';
import { createPeopleWorld } from '../../support/people.ts';

let api: ApiWorld;
let call: Dialled;
beforeAll(async () => {
  api = await createApiWorld();
  const { accountId } = api.one;
  call = await dialOne(api.world, accountId);
  const slug = await inAccount(api.world.app, accountId, async (trx) => {
    await trx.updateTable('core.batch').set({ name: '=HYPERLINK("http://x")' }).execute();
    return (await trx.selectFrom('catalogue.account').select('slug').executeTakeFirstOrThrow()).slug;
  });
  const body = eventBody({ accountId, call });
  const reply = await ask(api.app, 'POST', `/api/v1/webhooks/retell/${slug}`, {
    text: body,
    headers: signed(body),
  });
  expect(reply.status).toBeLessThan(300);
});
afterAll(() => api.close());

const report = (path: string, as = api.one): Promise<Reply> =>
  ask(api.app, 'GET', `/api/v1/reports/${path}`, { as });
const names = reportNames.filter((name) => name !== 'batch');

interface Table {
  readonly key: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}
const isTable = (value: unknown): value is Table =>
  typeof value === 'object' &&
  value !== null &&
  'key' in value &&
  'rows' in value &&
  Array.isArray(value.rows);
function rowsOf({ body }: Reply, key: string): Table['rows'] {
  const tables: unknown = body['tables'];
  const found = Array.isArray(tables) ? tables.find((one) => isTable(one) && one.key === key) : undefined;
  if (!isTable(found)) throw new Error(`no table ${key} in ${JSON.stringify(body)}`);
  return found.rows;
}

describe('GET /api/v1/reports/{name}', () => {
  it('has the figures of the last thirty days, before and after they were summed, and counted from the rows', async () => {
    for (const path of [...names, `batches/${call.batch.batchId}`]) {
      const fresh = await report(path);
      expect([path, fresh.status]).toEqual([path, 200]);
      await recountAll(api.world.app, api.one.accountId);
      const [summed, exact] = [await report(path), await report(`${path}?exact=true`)];
      expect(summed.body['tables'], path).toEqual(fresh.body['tables']);
      expect(exact.body['tables'], path).toEqual(fresh.body['tables']);
      expect([summed.body['exact'], exact.body['exact']]).toEqual([false, true]);
    }
    const overview = await report('overview');
    expect(rowsOf(overview, 'totals')).toMatchObject([
      { calls: 1, answered: 1, answered_share: 1, positive: 1, talk_seconds: 61 },
    ]);
    expect(rowsOf(overview, 'costs')).toMatchObject([
      { cost: 'calls', unit: 'USD', items: 1, per_contact: expect.any(String) },
      { cost: 'provider', unit: 'USD', amount: '0.1668' },
    ]);
    expect(Date.parse(String(overview.body['as_of']))).toBeLessThanOrEqual(Date.now());
  });

  it('has the funnel of a batch from those who were loaded on', async () => {
    const steps = rowsOf(await report(`batches/${call.batch.batchId}`), 'steps');
    expect(steps.map(({ step, contacts }) => [step, contacts])).toEqual([
      ['loaded', 1],
      ['called', 1],
      ['answered', 1],
      ['identified', 0],
      ['agreed', 0],
      ['kept', 0],
    ]);
  });

  it('is bounded by days, use case, zone and batch', async () => {
    const calls = async (query: string): Promise<unknown> =>
      rowsOf(await report(`overview?${query}`), 'totals')[0]?.['calls'];
    expect(await calls('use_case=debt_collection')).toBe(1);
    expect(await calls('use_case=notification')).toBe(0);
    expect(await calls('zone=America/Santiago')).toBe(1);
    expect(await calls('zone=Asia/Kathmandu')).toBe(0);
    expect(await calls('from=2020-01-01&to=2020-01-31')).toBe(0);
    expect(await calls(`batch_id=${call.batch.batchId}`)).toBe(1);
  });

  it('is refused, in words, where it cannot be', async () => {
    for (const [path, status, code] of [
      ['nothing', 400, 'invalid_request'],
      ['batch', 400, 'invalid_request'],
      ['overview?from=2027-03-02&to=2027-03-01', 400, 'report_days_turned'],
      ['overview?format=csv&table=nothing', 400, 'report_table_unknown'],
      ['overview?use_case=none', 400, 'invalid_request'],
      [`batches/${call.contactId}`, 404, 'batch_not_found'],
    ] as const) {
      const reply = await report(path);
      expect([path, reply.status, reply.body['type']]).toEqual([path, status, `urn:tandas:problem:${code}`]);
    }
    expect((await report(`batches/${call.batch.batchId}`, api.other)).status).toBe(404);
    expect(rowsOf(await report('overview', api.other), 'totals')).toMatchObject([{ calls: 0 }]);
  });

  it('counts the rows themselves for whoever may read the audit, and for nobody else', async () => {
    const people = createPeopleWorld(api);
    const viewer = await people.member(api.one.accountId, 'viewer');
    expect((await viewer.send('GET', '/api/v1/reports/overview')).status).toBe(200);
    expect((await viewer.send('GET', '/api/v1/reports/overview?exact=true')).status).toBe(403);
    const auditor = await people.member(api.one.accountId, 'auditor');
    expect((await auditor.send('GET', '/api/v1/reports/overview?exact=true')).status).toBe(200);
    await people.close();
  });
});

describe('a file of a report', () => {
  const file = async (path: string): Promise<Response> => {
    const headers = { authorization: `Bearer ${api.one.apiKey}` };
    return api.app.request(`/api/v1/reports/${path}`, { headers });
  };

  it('is CSV of one table, Markdown of all, with the name of the batch as nothing that runs', async () => {
    const csv = await (await file('voice?format=csv&table=ends')).text();
    expect(csv.split('\r\n')[1]).toMatch(/^user_hangup,1,1,1,/);
    const markdown = await (await file(`batches/${call.batch.batchId}?format=md`)).text();
    expect(markdown).toMatch(/^\| answered \| Contestó una persona \| 1 \| 100,0 % \|$/m);
    expect(markdown).toContain('HYPERLINK');
  });

  it('is an Excel of typed cells, with a frozen header and a filter, and no formula', async () => {
    const response = await file(`batches/${call.batch.batchId}?format=xlsx`);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="informe-batch.xlsx"');
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(await response.arrayBuffer());
    const about = book.getWorksheet('Informe');
    const names_ = about?.getColumn(2).values ?? [];
    expect(names_).toContain('=HYPERLINK("http://x")');
    const waves = book.getWorksheet('Por día y tanda');
    expect(waves?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 });
    expect(waves?.autoFilter).toBeTruthy();
    expect(waves?.getRow(2).getCell(1).value).toBeInstanceOf(Date);
    expect(waves?.getRow(2).getCell(4).value).toBe(1);
    book.eachSheet((sheet) =>
      sheet.eachRow((row) => row.eachCell((cell) => expect(cell.type).not.toBe(ExcelJS.ValueType.Formula))),
    );
  });
});
