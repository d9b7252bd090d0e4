import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import { type ApiWorld, ask, createApiWorld, type Reply, textOf } from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const rut = (body: number): string => `${body}-${rutCheckDigit(body)}`;
const headers = 'RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA';
const people = [
  [rut(15_111_222), 'Ana Inventada', '+56961234501', '1.234.567,50'],
  [rut(15_222_333), 'Beto Inventado', '+56961234502', '99.999,49'],
  [rut(15_333_444), 'Carla Inventada', '+56961234503', '104.050'],
];
const csv = (creditor: string): string =>
  [headers, ...people.map((person) => `${person.join(';')};01-10-2026;${creditor}`)].join('\n');

function form(creditor: string, fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new File([csv(creditor)], `${creditor}.csv`));
  return form;
}

const send = (body: FormData): Promise<Reply> =>
  ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form: body });

async function amountsOf(importId: string): Promise<readonly bigint[]> {
  const rows = await inAccount(api.world.app, api.one.accountId, (trx) =>
    trx
      .selectFrom('core.import_row')
      .select('amount_micros')
      .where('import_id', '=', importId)
      .orderBy('ordinal')
      .execute(),
  );
  return rows.map(({ amount_micros: micros }) => micros ?? 0n);
}

describe('amounts with decimals of a currency that has none', () => {
  it('are refused, row by row, unless somebody says that they are to be rounded', async () => {
    const refused = await send(form('uno', { round_amounts: 'false' }));
    expect(refused).toMatchObject({
      status: 201,
      body: {
        rows_good: 1,
        rows_refused: 2,
        problems: [
          { row: 2, column: 'MONTO', severity: 'refused' },
          { row: 3, column: 'MONTO', severity: 'refused' },
        ],
      },
    });
    expect(await amountsOf(textOf(refused.body, 'import_id'))).toEqual([104_050_000_000n]);
  });

  it('are rounded to the peso, half up, and each row says so, when the upload asks for it', async () => {
    const rounded = await send(form('dos', { round_amounts: 'true' }));
    expect(rounded).toMatchObject({
      status: 201,
      body: {
        rows_good: 3,
        rows_refused: 0,
        problems: [
          { row: 2, column: 'MONTO', severity: 'notice' },
          { row: 3, column: 'MONTO', severity: 'notice' },
        ],
      },
    });
    expect(await amountsOf(textOf(rounded.body, 'import_id'))).toEqual([
      1_234_568_000_000n,
      99_999_000_000n,
      104_050_000_000n,
    ]);
  });

  it('are rounded in rows of JSON as in those of a file', async () => {
    const [name, phone] = ['Ana Inventada', '+56961234501'];
    const row = {
      RUT: rut(15_111_222),
      NOMBRE: name,
      TELEFONO: phone,
      MONTO: '1234567,50',
      FECHA_VENC: '2026-10-01',
      EMPRESA: 'tres',
    };
    const json = { round_amounts: true, rows: [row] };
    const reply = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, json });
    expect(reply).toMatchObject({ status: 201, body: { rows_good: 1, problems: [{ severity: 'notice' }] } });
    expect(await amountsOf(textOf(reply.body, 'import_id'))).toEqual([1_234_568_000_000n]);
  });

  it('cannot be asked for by a word that is neither yes nor no', async () => {
    expect(await send(form('cuatro', { round_amounts: 'quizás' }))).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'round_amounts' }] },
    });
  });
});
