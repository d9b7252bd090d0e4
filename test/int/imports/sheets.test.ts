import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, ask, createApiWorld, textOf } from '../../support/api.ts';

let api: ApiWorld;
let importId = '';
beforeAll(async () => {
  api = await createApiWorld();
  importId = await upload(
    'deuda.csv',
    [
      'RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA',
      '7654321-6;Eva Díaz;961234322;104050;2027-12-01;=1+1',
      '1-1;Mala Uno;961234323;5000;2027-12-01;Banco',
      '11111111-1;Ana Soto;961234324;2000;2027-12-01;Banco',
      '12345678-5;Sin Teléfono;9;7000;2027-12-01;Banco',
    ].join('\n'),
  );
});
afterAll(() => api.close());

async function upload(name: string, bytes: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const form = new FormData();
  form.append('file', new File([bytes], name));
  const reply = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form, key: name });
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return textOf(reply.body, 'import_id');
}

async function sheetsOf(path: string): Promise<ExcelJS.Workbook> {
  const headers = { authorization: `Bearer ${api.one.apiKey}` };
  const response = await api.app.request(`/api/v1/imports/${path}`, { headers });
  expect([path, response.status]).toEqual([path, 200]);
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(await response.arrayBuffer());
  return book;
}

function texts(book: ExcelJS.Workbook, sheet: string): readonly (readonly string[])[] {
  const found = book.getWorksheet(sheet);
  if (found === undefined) throw new Error(`no sheet ${sheet}`);
  const width = found.columnCount;
  return Array.from({ length: found.rowCount }, (_, row) =>
    Array.from({ length: width }, (__, column) => found.getRow(row + 1).getCell(column + 1).text),
  );
}

describe('the refused rows of an import', () => {
  it('are a sheet under the columns of the file, with what was wrong beside it, and can be uploaded as it is', async () => {
    const book = await sheetsOf(`${importId}/refused.xlsx`);
    const [titles = [], ...rows] = texts(book, 'Rechazadas');
    expect(titles.slice(0, 3)).toEqual(['RUT', 'NOMBRE', 'TELEFONO']);
    expect(rows.map((row) => row.slice(0, 3))).toEqual([
      ['1-1', 'Mala Uno', '961234323'],
      ['12345678-5', 'Sin Teléfono', '9'],
    ]);
    const [, ...problems] = texts(book, 'Problemas');
    expect(problems.map((row) => [row[0], row[2], row[3]])).toEqual([
      ['2', '3', 'RUT'],
      ['3', '5', 'TELEFONO'],
    ]);
    for (const row of problems) expect(row[5]?.length).toBeGreaterThan(10);
    const sheet = book.getWorksheet('Rechazadas');
    const rut = sheet?.getRow(2).getCell(1);
    if (rut !== undefined) rut.value = '22222222-2';
    const mended = await upload('mendadas.xlsx', new Uint8Array(await book.xlsx.writeBuffer()));
    const { body } = await ask(api.app, 'GET', `/api/v1/imports/${mended}`, { as: api.one });
    expect(body).toMatchObject({ rows_good: 1, rows_refused: 1 });
  });

  it('are nobody else’s, and none where none was refused', async () => {
    const foreign = await ask(api.app, 'GET', `/api/v1/imports/${importId}/refused.xlsx`, { as: api.other });
    expect(foreign.status).toBe(404);
    const clean = await upload(
      'limpia.csv',
      'RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA\n7654321-6;Eva;961234322;1;2027-12-01;B',
    );
    expect(texts(await sheetsOf(`${clean}/refused.xlsx`), 'Problemas')).toHaveLength(1);
  });
});

describe('the rows of an uploaded file', () => {
  it('stand in their order with what became of each person, when a batch took them', async () => {
    const before = texts(await sheetsOf(`${importId}/results.xlsx`), 'Resultados');
    const place = (title: string): number => (before[0] ?? []).indexOf(title);
    expect(place('resultado: estado')).toBeGreaterThan(0);
    expect(
      before
        .slice(1)
        .map((row) => [row[place('fila')], row[place('nombre')], row[place('resultado: estado')]]),
    ).toEqual([
      ['2', 'Eva Díaz', ''],
      ['4', 'Ana Soto', ''],
    ]);
    const json = { import_id: importId, name: 'Con resultados', pack: 'demo', policy: 'demo' };
    const batch = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
    expect(batch.status).toBe(201);
    const book = await sheetsOf(`${importId}/results.xlsx`);
    const after = texts(book, 'Resultados');
    expect(after.slice(1).map((row) => row[place('resultado: llamadas')])).toEqual(['0', '0']);
    expect(after[1]?.[place('resultado: contacto')]).toMatch(/^[0-9a-f-]{36}$/);
    const amount = book
      .getWorksheet('Resultados')
      ?.getRow(2)
      .getCell(place('monto') + 1);
    expect(amount?.value).toBe(104_050);
    const note = book
      .getWorksheet('Resultados')
      ?.getRow(2)
      .getCell(place('empresa') + 1);
    expect([note?.value, note?.type]).toEqual(['=1+1', ExcelJS.ValueType.String]);
    expect(
      (await ask(api.app, 'GET', `/api/v1/imports/${importId}/results.xlsx`, { as: api.other })).status,
    ).toBe(404);
  });
});
