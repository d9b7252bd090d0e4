import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { cancelImport } from '../../../domain/imports/run-import.ts';
import {
  type ApiWorld,
  ask,
  createApiWorld,
  debtorsForm,
  type Reply,
  textOf,
  uploadDebtors,
} from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const upload = (seed: string, people = 3): Promise<string> => uploadDebtors(api, seed, people);
const demo = { name: 'Prueba', pack: 'demo', policy: 'demo' };

async function rowsOf(table: 'core.import' | 'core.import_row'): Promise<number> {
  return inAccount(api.world.app, api.one.accountId, async (trx) => {
    const { n } = await trx
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<bigint>().as('n'))
      .executeTakeFirstOrThrow();
    return Number(n);
  });
}

describe('POST /api/v1/imports', () => {
  it('201 with counts, use case and every problem of every row', async () => {
    const form = debtorsForm(2, 'problems');
    const file = form.get('file');
    if (!(file instanceof File)) throw new Error('the form has no file');
    const bad = '11.111.111-2;Persona Mala;+56961234567;100;01-10-2026;Banco Inventado';
    form.set('file', new File([`${await file.text()}\n${bad}`], 'deudores.csv'));
    const reply = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form });
    expect(reply).toMatchObject({
      status: 201,
      body: {
        use_case: 'debt_collection',
        rows_read: 3,
        rows_good: 2,
        rows_refused: 1,
        contacts: 2,
        already_imported: false,
        problems: [{ row: 4, column: 'RUT', severity: 'refused' }],
      },
    });
    expect(JSON.stringify(reply.body['problems'])).toMatch(/message_es.*message_en/);
  });

  it('200 for a dry run, which stores nothing and shows the rows as they were understood', async () => {
    const before = [await rowsOf('core.import'), await rowsOf('core.import_row')];
    const form = debtorsForm(2, 'dry', { dry_run: 'true' });
    const reply = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        dry_run: true,
        import_id: null,
        contacts: 2,
        sample: [{ amount: { amount: '104050', unit: 'CLP' }, due_date: '2026-10-01' }, {}],
      },
    });
    const byQuery = await ask(api.app, 'POST', '/api/v1/imports?dry_run=true', {
      as: api.one,
      form: debtorsForm(2, 'dry'),
    });
    expect(byQuery.body).toMatchObject({ dry_run: true });
    expect([await rowsOf('core.import'), await rowsOf('core.import_row')]).toEqual(before);
  });

  it('200 for the same file again, with the earlier import; 201 when it is meant', async () => {
    const first = await upload('again');
    const send = (path: string): Promise<Reply> =>
      ask(api.app, 'POST', path, { as: api.one, form: debtorsForm(3, 'again') });
    const again = await send('/api/v1/imports');
    expect(again).toMatchObject({
      status: 200,
      body: { already_imported: true, import_id: first, contacts: 3 },
    });
    const meant = await send('/api/v1/imports?again=true');
    expect(meant).toMatchObject({ status: 201, body: { already_imported: false } });
    expect(meant.body['import_id']).not.toBe(first);
  });

  it('two clicks on one button are one import', async () => {
    const before = await rowsOf('core.import');
    const replies = await Promise.all(
      [1, 2, 3].map(() =>
        ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form: debtorsForm(3, 'clicks') }),
      ),
    );
    expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 201]);
    expect(new Set(replies.map(({ body }) => body['import_id'])).size).toBe(1);
    expect(await rowsOf('core.import')).toBe(before + 1);
  });

  it('422 for a file that is none, and 400 for a form that does not fit', async () => {
    const wrong = new FormData();
    wrong.append('file', new File(['PK\u0003\u0004 no zip'], 'deudores.xlsx'));
    const damaged = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form: wrong });
    expect(damaged).toMatchObject({ status: 422, type: 'application/problem+json' });
    expect(damaged.body).toMatchObject({ errors: [{ field: 'file' }] });
    expect(textOf(damaged.body, 'detail_es').length).toBeGreaterThan(10);
    const form = debtorsForm(1, 'form', { country: 'Chile', colour: 'red' });
    const unfit = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form });
    expect(unfit).toMatchObject({ status: 400, body: { errors: [{ field: 'country' }, {}] } });
    const json = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, json: {} });
    expect(json.status).toBe(400);
  });

  it('400 above the fields’ size and 413 by the declared length, before a byte is read', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '60000000' };
    const reply = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, text: '--b--', headers });
    expect(reply).toMatchObject({ status: 413, body: { type: 'urn:tandas:problem:file_too_large' } });
    const form = debtorsForm(1, 'field', { creditor: 'x'.repeat(2_000) });
    expect((await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form })).status).toBe(400);
  });
});

describe('an import that takes longer than its caller waits', () => {
  /** As if a worker were reading another file of the account. */
  async function occupied<T>(work: () => Promise<T>): Promise<T> {
    const id = await uploadDebtors(api, `place ${crypto.randomUUID()}`, 1);
    const set = (values: { state: 'reading' | 'stored'; ended_at: Date | null; claimed_at?: Date }) =>
      api.world.owner.updateTable('core.import').set(values).where('id', '=', id).execute();
    await set({ state: 'reading', ended_at: null, claimed_at: new Date() });
    try {
      return await work();
    } finally {
      await set({ state: 'stored', ended_at: new Date() });
    }
  }

  const send = (seed: string, headers: Readonly<Record<string, string>>): Promise<Reply> =>
    ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form: debtorsForm(2, seed), headers });

  it('202 with its address, state and progress; the same bytes are the same import; no batch can be made of it', async () => {
    const { id, again } = await occupied(async () => {
      const reply = await send('slow', { prefer: 'respond-async' });
      expect(reply).toMatchObject({
        status: 202,
        body: {
          state: 'waiting',
          use_case: null,
          already_imported: false,
          progress: { rows_checked: 0, rows_stored: 0 },
        },
      });
      const importId = textOf(reply.body, 'import_id');
      expect(reply.headers.get('location')).toBe(`/api/v1/imports/${importId}`);
      const json = { import_id: importId, ...demo };
      const batch = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
      expect(batch).toMatchObject({ status: 409, body: { type: 'urn:tandas:problem:import_not_stored' } });
      return { id: importId, again: await send('slow', { prefer: 'wait=0' }) };
    });
    expect(again).toMatchObject({ status: 202, body: { import_id: id, already_imported: true } });
    const waited = await send('slow', { prefer: 'wait=30' });
    expect(waited).toMatchObject({
      status: 200,
      body: { import_id: id, state: 'stored', contacts: 2, already_imported: true },
    });
  });

  it('can be read and listed by its own account only', async () => {
    const id = await upload('listed');
    const own = await ask(api.app, 'GET', `/api/v1/imports/${id}`, { as: api.one });
    expect(own).toMatchObject({
      status: 200,
      body: {
        state: 'stored',
        rows_good: 3,
        progress: { rows_checked: 3, rows_stored: 3 },
        reading: { kind: 'csv', header_row: 1 },
        failure: null,
      },
    });
    const page = await ask(api.app, 'GET', '/api/v1/imports?limit=1', { as: api.one });
    expect(page.body).toMatchObject({ imports: [{ import_id: id }], next_cursor: id });
    const next = await ask(api.app, 'GET', `/api/v1/imports?limit=1&cursor=${id}`, { as: api.one });
    expect(next.body).toMatchObject({ imports: [{ state: 'stored' }] });
    expect(JSON.stringify(next.body)).not.toContain(id);
    expect((await ask(api.app, 'GET', `/api/v1/imports/${id}`, { as: api.other })).status).toBe(404);
    expect((await ask(api.app, 'GET', '/api/v1/imports', { as: api.other })).body).toMatchObject({
      imports: [],
    });
  });

  it('is cancelled while it is under way, and refuses it afterwards', async () => {
    const cancel = (id: string): Promise<Reply> =>
      ask(api.app, 'DELETE', `/api/v1/imports/${id}`, { as: api.one });
    await occupied(async () => {
      const id = textOf((await send('unwanted', { prefer: 'respond-async' })).body, 'import_id');
      expect(await cancel(id)).toMatchObject({ status: 202, body: { state: 'waiting' } });
      // What its workflow would do.
      const address = { accountId: api.one.accountId, importId: id };
      const store = { remove: () => Promise.resolve() };
      await cancelImport({ app: api.world.app, store }, address, 'test');
      expect(await cancel(id)).toMatchObject({
        status: 409,
        body: { type: 'urn:tandas:problem:import_over' },
      });
      const get = await ask(api.app, 'GET', `/api/v1/imports/${id}`, { as: api.one });
      expect(get.body).toMatchObject({ state: 'cancelled' });
    });
    expect(await cancel('22222222-2222-4222-8222-222222222222')).toMatchObject({ status: 404 });
    expect(await send('unwanted', {})).toMatchObject({ status: 201 });
  });

  it('a file that is refused leaves its reason, and may be sent again', async () => {
    const form = new FormData();
    form.append('file', new File(['PK\u0003\u0004 none'], 'malo.xlsx'));
    const reply = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form });
    expect(reply).toMatchObject({ status: 422, body: { type: 'urn:tandas:problem:damaged' } });
    const { body } = await ask(api.app, 'GET', '/api/v1/imports?limit=1', { as: api.one });
    expect(body).toMatchObject({
      imports: [{ state: 'failed', file_name: 'malo.xlsx', failure: { code: 'damaged' } }],
    });
  });
});

describe('Idempotency-Key', () => {
  it('the same request is done once, also ten at once, and answered alike', async () => {
    const before = await rowsOf('core.import');
    const send = (): Promise<Reply> =>
      ask(api.app, 'POST', '/api/v1/imports?again=true', {
        as: api.one,
        form: debtorsForm(2, 'keyed'),
        key: 'import-1',
      });
    const first = await send();
    const replies = await Promise.all([send(), send(), send()]);
    for (const reply of replies) expect(reply).toMatchObject({ status: first.status, body: first.body });
    expect(await rowsOf('core.import')).toBe(before + 1);
    const json = { import_id: await upload('keyed batch'), ...demo };
    const batches = await Promise.all(
      Array.from({ length: 10 }, () =>
        ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json, key: 'batch-1' }),
      ),
    );
    expect(new Set(batches.map(({ status, body }) => `${status} ${JSON.stringify(body['id'])}`)).size).toBe(
      1,
    );
    expect(batches[0]?.status).toBe(201);
  });

  it('409 with another request, 400 when it is no key', async () => {
    const json = { import_id: await upload('reused'), ...demo };
    const send = (body: unknown, key: string): Promise<Reply> =>
      ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json: body, key });
    expect((await send(json, 'reused')).status).toBe(201);
    const other = await send({ ...json, name: 'Otra' }, 'reused');
    expect(other).toMatchObject({ status: 409, body: { type: 'urn:tandas:problem:idempotency_key_reused' } });
    expect((await send(json, 'with a space')).status).toBe(400);
  });

  it('a request that failed is done when it is repeated', async () => {
    const json = { import_id: '22222222-2222-4222-8222-222222222222', ...demo };
    const missing = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json, key: 'failed' });
    expect(missing.status).toBe(404);
    const good = { import_id: await upload('failed'), ...demo };
    const repeated = await ask(api.app, 'POST', '/api/v1/batches', {
      as: api.one,
      json: good,
      key: 'failed',
    });
    expect(repeated.status).toBe(201);
  });
});

describe('twenty files of an account that wait', () => {
  it('429 before a byte of the next one is taken; a dry run and other accounts go on', async () => {
    const waiting = Array.from({ length: 20 }, (_, turn) => ({
      account_id: api.other.accountId,
      state: 'reading' as const,
      claimed_at: new Date(),
      file_name: 'espera.csv',
      sha256: turn.toString(16).padStart(64, '0'),
    }));
    await api.world.owner.insertInto('core.import').values(waiting).execute();
    let asked = 0;
    const body = new ReadableStream({
      pull: () => {
        asked += 1;
      },
    });
    const refused = await api.app.request('/api/v1/imports', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${api.other.apiKey}`,
        'content-type': 'multipart/form-data; boundary=b',
      },
      body,
      duplex: 'half',
    });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toMatchObject({ type: 'urn:tandas:problem:too_many_imports' });
    // A stream is asked once as it is made.
    expect(asked).toBeLessThanOrEqual(1);
    const form = debtorsForm(1, 'beside those that wait');
    const preview = await ask(api.app, 'POST', '/api/v1/imports?dry_run=true', { as: api.other, form });
    expect(preview.status).toBe(200);
    expect((await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form })).status).toBe(201);
    await api.world.owner
      .deleteFrom('core.import')
      .where('account_id', '=', api.other.accountId)
      .where('file_name', '=', 'espera.csv')
      .execute();
  });
});
