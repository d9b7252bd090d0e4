import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import { type ApiWorld, ask, createApiWorld, type Reply, textOf } from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

let people = 0;
/** Invented debtors, each another one. */
function debtors(count: number): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: count }, () => {
    people += 1;
    const body = 11_000_000 + people;
    return {
      RUT: `${body}-${rutCheckDigit(body)}`,
      NOMBRE: `Persona ${people}`,
      TELEFONO: `+569${61_000_000 + people}`,
      MONTO: 104_050,
      FECHA_VENC: '2027-10-01',
    };
  });
}

const creditor = 'Banco Inventado';
const sendJson = (json: unknown, path = '/api/v1/imports', key?: string): Promise<Reply> =>
  ask(api.app, 'POST', path, {
    as: api.one,
    json,
    headers: { prefer: 'wait=60' },
    ...(key === undefined ? {} : { key }),
  });
const sendLines = (text: string, query = '?creditor=Banco%20Inventado'): Promise<Reply> =>
  ask(api.app, 'POST', `/api/v1/imports${query}`, {
    as: api.one,
    text,
    // However many others this machine serves.
    headers: { 'content-type': 'application/x-ndjson', prefer: 'wait=60' },
  });
const lines = (rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

async function storedRows(importId: string) {
  return inAccount(api.world.app, api.one.accountId, (trx) =>
    trx
      .selectFrom('core.import_row')
      .select(['sheet', 'sheet_row', 'name', 'phones', 'creditor', 'amount_micros'])
      .where('import_id', '=', importId)
      .orderBy('ordinal')
      .execute(),
  );
}

describe('rows as JSON', () => {
  it('201: stored as a file is, with pointers for what was refused', async () => {
    const [one, two, bad] = debtors(3);
    const reply = await sendJson({ creditor, rows: [one, { ...bad, RUT: 12_345_678 }, two] });
    expect(reply).toMatchObject({
      status: 201,
      body: {
        state: 'stored',
        file_name: 'JSON',
        use_case: 'debt_collection',
        rows_read: 3,
        rows_good: 2,
        problems: [{ row: 2, pointer: '/rows/1/RUT', code: 'json_wants_text', value: '12345678' }],
        reading: { kind: 'json', header_row: 0 },
      },
    });
    expect(await storedRows(textOf(reply.body, 'import_id'))).toMatchObject([
      { sheet: '', sheet_row: 1, name: one?.['NOMBRE'], creditor, amount_micros: 104_050_000_000n },
      { sheet_row: 3, phones: [two?.['TELEFONO']] },
    ]);
  });

  it('can become a batch', async () => {
    const importId = textOf((await sendJson({ creditor, rows: debtors(2) })).body, 'import_id');
    const json = { import_id: importId, name: 'De JSON', pack: 'demo', policy: 'demo' };
    const batch = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
    expect(batch).toMatchObject({ status: 201 });
  });

  it('dry run, again and the same bytes mean what they mean with a file', async () => {
    const rows = debtors(2);
    const dry = await sendJson({ creditor, dry_run: true, rows });
    expect(dry).toMatchObject({ status: 200, body: { dry_run: true, import_id: null, contacts: 2 } });
    const first = await sendJson({ creditor, rows });
    expect(first).toMatchObject({ status: 201 });
    // Other fields around the same rows.
    const same = await sendJson({ rows, creditor, again: false });
    expect(same).toMatchObject({
      status: 200,
      body: { already_imported: true, import_id: first.body['import_id'], sha256: first.body['sha256'] },
    });
    const meant = await sendJson({ rows, creditor, again: true });
    expect(meant).toMatchObject({ status: 201, body: { already_imported: false } });
    const at = textOf(first.body, 'import_id');
    const key = 'rows-1';
    const keyed = { creditor, rows: debtors(1) };
    const once = await sendJson(keyed, '/api/v1/imports?again=true', key);
    const twice = await sendJson(keyed, '/api/v1/imports?again=true', key);
    expect([once.status, twice.body['import_id']]).toEqual([twice.status, once.body['import_id']]);
    expect(at).not.toBe(once.body['import_id']);
    const other = await sendJson({ creditor, rows: debtors(1) }, '/api/v1/imports?again=true', key);
    expect(other).toMatchObject({ status: 409 });
  });

  it('202 for whoever does not wait', async () => {
    const json = { creditor, rows: debtors(1) };
    const headers = { prefer: 'respond-async' };
    const reply = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, json, headers });
    expect(reply).toMatchObject({ status: 202 });
    expect(reply.headers.get('location')).toBe(`/api/v1/imports/${textOf(reply.body, 'import_id')}`);
  });

  it('400 and 422 in words for a body that does not fit', async () => {
    const post = (text: string, type: string): Promise<Reply> =>
      ask(api.app, 'POST', '/api/v1/imports', { as: api.one, text, headers: { 'content-type': type } });
    const refusals: readonly (readonly [string, number, string, string])[] = [
      ['{}', 400, 'invalid_request', 'rows'],
      ['{"rows":[],"colour":"red"}', 400, 'invalid_request', 'colour'],
      ['{"rows":[],"country":"Chile"}', 400, 'invalid_request', 'country'],
      ['{"rows":[],"sheet":"Hoja"}', 400, 'no_sheet', 'sheet'],
      ['{"rows":[]}', 422, 'no_rows', 'rows'],
      ['{"rows":[{"a"}]}', 422, 'json_malformed', 'rows'],
      ['{"rows":[{}]', 400, 'malformed_json', ''],
      ['{"rows":[],"a":"\\ud800"}', 400, 'malformed_json', ''],
      ['', 400, 'malformed_json', ''],
    ];
    for (const [text, status, code, field] of refusals) {
      for (const body of [text, text.replace('"rows"', '"dry_run":true,"rows"')]) {
        const reply = await post(body, 'application/json; charset=utf-8');
        expect(reply, body).toMatchObject({ status, body: { type: `urn:tandas:problem:${code}` } });
        expect(textOf(reply.body, 'detail_es').length).toBeGreaterThan(10);
        expect(textOf(reply.body, 'detail_es')).not.toMatch(/\b(the|is|a value|expected)\b/);
        if (field !== '') expect(reply.body, body).toMatchObject({ errors: [{ field }] });
      }
    }
    expect(await post('x', 'text/plain')).toMatchObject({
      status: 400,
      body: { type: 'urn:tandas:problem:no_upload' },
    });
    const headers = { 'content-type': 'application/json', 'content-length': '60000000' };
    const large = await ask(api.app, 'POST', '/api/v1/imports', {
      as: api.one,
      text: '{"rows":[]}',
      headers,
    });
    expect(large).toMatchObject({ status: 413, body: { type: 'urn:tandas:problem:rows_too_large' } });
  });
});

describe('rows as NDJSON', () => {
  it('201 with options in the query, and the line of each problem', async () => {
    const [one, two] = debtors(2);
    const text = `${JSON.stringify(one)}\n\nno json\n${JSON.stringify(two)}\n{"RUT":"1`;
    const reply = await sendLines(text, '?creditor=Banco%20Inventado&use_case=debt_collection');
    expect(reply).toMatchObject({
      status: 201,
      body: {
        file_name: 'NDJSON',
        rows_good: 2,
        rows_refused: 2,
        problems: [
          { row: 3, pointer: '', code: 'json_malformed', value: 'no json' },
          { row: 5, code: 'json_malformed' },
        ],
        reading: { kind: 'ndjson' },
      },
    });
    expect((await sendLines(text)).body).toMatchObject({ already_imported: true });
    expect((await sendLines(lines(debtors(1)), '?country=Chile')).status).toBe(400);
    const without = await sendLines(lines(debtors(1)), '');
    expect(without).toMatchObject({ status: 422, body: { errors: [{ field: 'rows' }] } });
  });

  it('10,000 rows go in one request, and one more is refused in words', async () => {
    const rows = debtors(10_001);
    const reply = await sendLines(lines(rows.slice(0, 10_000)), '?creditor=B');
    expect(reply).toMatchObject({ status: 201, body: { rows_good: 10_000, contacts: 10_000 } });
    const more = await sendLines(lines(rows), '?creditor=B');
    expect(more).toMatchObject({
      status: 422,
      body: { type: 'urn:tandas:problem:too_many_rows', errors: [{ field: 'rows' }] },
    });
    expect(textOf(more.body, 'detail')).toContain('10000');
  });
});
