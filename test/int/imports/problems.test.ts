import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiWorld, ask, createApiWorld, debtorsForm, type Reply, textOf } from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

/** Good rows of invented people, then so many that are refused, then one with a notice. */
async function upload(seed: string, refused: number): Promise<string> {
  const form = debtorsForm(2, seed);
  const file = form.get('file');
  if (!(file instanceof File)) throw new Error('the form has no file');
  const good = (await file.text()).split('\n');
  const bad = Array.from({ length: refused }, (_, n) => `11.111.111-2;Persona Mala ${n};12;100;01-10-2027;`);
  form.set('file', new File([[...good, ...bad, good[1]].join('\n')], 'deudores.csv'));
  const headers = { prefer: 'wait=60' };
  const reply = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form, headers });
  expect(reply).toMatchObject({ status: 201, body: { rows_refused: refused } });
  return textOf(reply.body, 'import_id');
}

const page = (id: string, query = '', as = api.one): Promise<Reply> =>
  ask(api.app, 'GET', `/api/v1/imports/${id}/problems${query}`, { as });
const rowsOf = ({ body }: Reply): readonly unknown[] => (Array.isArray(body['rows']) ? body['rows'] : []);

it('every refused row can be read with its values and all that is wrong with it, beyond the first thousand problems', async () => {
  const id = await upload('many', 1_200);
  const rows: unknown[] = [];
  let cursor = '';
  do {
    const reply = await page(id, `?severity=refused&limit=200${cursor}`);
    expect(reply).toMatchObject({ status: 200, body: { rows_omitted: 0 } });
    rows.push(...rowsOf(reply));
    const next = reply.body['next_cursor'];
    cursor = typeof next === 'string' ? `&cursor=${next}` : '';
  } while (cursor !== '');
  expect(rows).toHaveLength(1_200);
  expect(rows.at(-1)).toMatchObject({
    severity: 'refused',
    row: 1_203,
    cells: [
      { column: 'RUT', value: '11.111.111-2' },
      { column: 'NOMBRE', value: 'Persona Mala 1199' },
      { column: 'TELEFONO', value: '12' },
      { column: 'MONTO', value: '100' },
      { column: 'FECHA_VENC', value: '01-10-2027' },
    ],
    cells_omitted: 0,
    problems: [
      { column: 'RUT', code: 'national_id_check_digit', pointer: null },
      { column: 'TELEFONO', code: 'phone_too_short' },
      { column: 'EMPRESA', code: 'required_missing' },
    ],
  });
});

it('notices stand behind, in the order of the file, or alone; a dry run and another account see none', async () => {
  const id = await upload('few', 2);
  const all = await page(id);
  expect(all.body).toMatchObject({
    rows: [
      { row: 4 },
      { row: 5 },
      { row: 6, severity: 'notice', cells: [], problems: [{ code: 'duplicate_row' }] },
    ],
    next_cursor: null,
  });
  expect(rowsOf(await page(id, '?severity=notice'))).toMatchObject([{ row: 6 }]);
  expect((await page(id, '', api.other)).status).toBe(404);
  expect((await page(id, '?severity=none')).status).toBe(400);
  expect((await page('22222222-2222-4222-8222-222222222222')).status).toBe(404);
  const get = await ask(api.app, 'GET', `/api/v1/imports/${id}`, { as: api.one });
  expect(get.body).toMatchObject({ progress: { rows_checked: 5 } });
  const { bytes_read: read, bytes_total: total } = Object(get.body['progress']);
  expect(read).toBe(total);
});

it('a malformed line of NDJSON is among them', async () => {
  const headers = { 'content-type': 'application/x-ndjson', prefer: 'wait=60' };
  const text = '{"NOMBRE":"Ana","TELEFONO":"961234567"}\n{"NOMBRE":"\\ud83d"}\nno';
  const reply = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, text, headers });
  const { body } = await page(textOf(reply.body, 'import_id'));
  expect(body).toMatchObject({
    rows: [
      { row: 2, cells: [{ column: 'NOMBRE' }], problems: [{ pointer: '/NOMBRE' }, { pointer: '/TELEFONO' }] },
      { row: 3, cells: [], problems: [{ pointer: '', code: 'json_malformed' }] },
    ],
  });
});
