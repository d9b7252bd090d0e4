import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAudit } from '../../../audit/run.ts';
import { inAccount } from '../../../db/client.ts';
import { copyBatch, readSource } from '../../../domain/rehearsal/account.ts';
import { OperationRefused } from '../../../domain/shared/refused.ts';
import { rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import { type ApiWorld, ask, createApiWorld, type Reply, textOf } from '../../support/api.ts';
import { newAccount, usd } from '../../support/world.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

interface Line {
  readonly person: number;
  readonly pesos: number;
  readonly reference?: string;
  readonly due?: string;
  readonly creditor?: string;
  readonly phone?: string;
}

let nextPerson = 14_000_000;
const somebody = (): number => (nextPerson += 1);
const rutOf = (person: number): string => `${person}-${rutCheckDigit(person)}`;

function csvOf(lines: readonly Line[]): string {
  return [
    'RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA;FACTURA',
    ...lines.map(
      ({
        person,
        pesos,
        reference = '',
        due = '01-10-2026',
        creditor = 'Banco Inventado',
        phone = `+569${61_000_000 + (person % 8_000_000)}`,
      }) => `${rutOf(person)};Persona ${person};${phone};${pesos};${due};${creditor};${reference}`,
    ),
  ].join('\n');
}

async function send(lines: readonly Line[], fields: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ again: 'true', ...fields })) form.append(name, value);
  form.append('file', new File([csvOf(lines)], `${randomUUID()}.csv`, { type: 'text/csv' }));
  return ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form });
}

const post = (path: string, json: unknown): Promise<Reply> =>
  ask(api.app, 'POST', path, { as: api.one, json });

/** Loads them, and makes a batch of them. */
async function batchOf(
  lines: readonly Line[],
  terms: Readonly<Record<string, unknown>> = {},
): Promise<Reply> {
  const sent = await send(lines);
  expect(sent.status, JSON.stringify(sent.body)).toBe(201);
  return post('/api/v1/batches', {
    import_id: textOf(sent.body, 'import_id'),
    name: 'Prueba',
    pack: 'demo',
    policy: 'demo',
    ...terms,
  });
}

async function pay(person: number, pesos: number, reference?: string): Promise<string> {
  const external_id = randomUUID();
  const json = {
    external_id,
    national_id: rutOf(person),
    amount: String(pesos),
    ...(reference === undefined ? {} : { reference }),
  };
  const reply = await post('/api/v1/payments', json);
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return external_id;
}

/** A person who was loaded once, and has paid. */
async function whoPaid(debt: Omit<Line, 'person'>, pesos = debt.pesos): Promise<number> {
  const person = somebody();
  expect((await batchOf([{ ...debt, person }])).status).toBe(201);
  await pay(person, pesos, debt.reference);
  return person;
}

const codesOf = ({ body }: Reply): readonly string[] =>
  [...JSON.stringify(body['problems']).matchAll(/"code":"(debt_settled\w*)"/g)].map(([, code]) => code ?? '');

/** What a batch has made of whom: pesos of debts by person. */
async function madeOf({ body }: Reply): Promise<readonly string[]> {
  const rows = await api.world.owner
    .selectFrom('core.contact as k')
    .innerJoin('core.person as p', 'p.id', 'k.person_id')
    .innerJoin('core.debt as d', 'd.contact_id', 'k.id')
    .select(['p.national_id', 'd.amount_micros', 'd.reference'])
    .where('k.batch_id', '=', textOf(body, 'id'))
    .orderBy('k.ordinal')
    .orderBy('d.sheet_row')
    .execute();
  return rows.map((row) =>
    `${row.national_id} ${row.amount_micros / 1_000_000n} ${row.reference ?? ''}`.trim(),
  );
}

const balancesOf = async (person: number): Promise<readonly bigint[]> => {
  const rows = await api.world.owner
    .selectFrom('core.current_debt as d')
    .innerJoin('core.person as p', 'p.id', 'd.person_id')
    .select('d.balance_micros')
    .where('p.national_id', '=', rutOf(person))
    .execute();
  return rows.map(({ balance_micros: balance }) => balance / 1_000_000n);
};

describe('somebody who has paid and is loaded again', () => {
  it('is told with row, amount and day, by dry run and import alike, and never becomes a contact', async () => {
    const paid = await whoPaid({ pesos: 20_000, reference: 'F-1' });
    const owes = somebody();
    const lines = [
      { person: owes, pesos: 5_000, reference: 'F-2' },
      { person: paid, pesos: 20_000, reference: 'F-1' },
    ];
    const dry = await send(lines, { dry_run: 'true' });
    const stored = await send(lines);
    for (const reply of [dry, stored]) {
      expect(codesOf(reply)).toEqual(['debt_settled']);
      expect(reply.body['problems']).toMatchObject([
        {
          row: 3,
          severity: 'notice',
          value: 'F-1',
          message_es: expect.stringMatching(/^Ya está pagada: CLP 20000 hasta el \d\d-\d\d-\d{4}/),
        },
      ]);
      expect(JSON.stringify(reply.body['reading'])).toContain('1 con deudas ya pagadas');
    }
    const batch = await batchOf(lines);
    expect(await madeOf(batch)).toEqual([`${rutOf(owes)} 5000 F-2`]);
    expect(batch.body['progress']).toMatchObject({ contacts: 1, to_come: 0 });
    const { body } = await ask(api.app, 'GET', `/api/v1/batches/${textOf(batch.body, 'id')}/people`, {
      as: api.one,
    });
    expect(body['imports']).toMatchObject([{ people: 2, added: 1, already_paid: 1, already_there: 0 }]);
    // As the newest row it would be owed again.
    expect(await balancesOf(paid)).toEqual([0n]);
  });

  it('is called on purpose when the operator says so, and then owes it', async () => {
    const person = await whoPaid({ pesos: 20_000, reference: 'G-1' });
    const batch = await batchOf([{ person, pesos: 20_000, reference: 'G-1' }], { settled: 'call' });
    expect(await madeOf(batch)).toEqual([`${rutOf(person)} 20000 G-1`]);
    expect(await balancesOf(person)).toEqual([20_000n]);
  });

  it('for more, or for another debt, is told at most, and called', async () => {
    const person = await whoPaid({ pesos: 20_000, reference: 'H-1' });
    const more = [{ person, pesos: 20_001, reference: 'H-1' }];
    expect(codesOf(await send(more, { dry_run: 'true' }))).toEqual(['debt_settled_more']);
    expect(await madeOf(await batchOf(more))).toEqual([`${rutOf(person)} 20001 H-1`]);
    const other = await whoPaid({ pesos: 20_000, reference: 'H-2' });
    const another = [{ person: other, pesos: 20_000, reference: 'H-3', due: '01-11-2026' }];
    expect(codesOf(await send(another, { dry_run: 'true' }))).toEqual([]);
    expect(await madeOf(await batchOf(another))).toEqual([`${rutOf(other)} 20000 H-3`]);
    // Another creditor's invoice may have the same number.
    const third = await whoPaid({ pesos: 20_000, reference: 'H-4' });
    await batchOf([{ person: somebody(), pesos: 1, reference: 'H-5', creditor: 'Tienda Inventada' }]);
    const elsewhere = [{ person: third, pesos: 20_000, reference: 'H-4', creditor: 'Tienda Inventada' }];
    expect(codesOf(await send(elsewhere, { dry_run: 'true' }))).toEqual([]);
  });

  it('in several rows of one debt is settled only when all of them are no more than was paid', async () => {
    const person = await whoPaid({ pesos: 20_000, reference: 'I-1' });
    const two = (pesos: number): readonly Line[] => [
      { person, pesos: 10_000, reference: 'I-1' },
      { person, pesos, reference: 'I-1', due: '01-11-2026' },
    ];
    expect(codesOf(await send(two(10_000), { dry_run: 'true' }))).toEqual(['debt_settled', 'debt_settled']);
    expect(codesOf(await send(two(10_001), { dry_run: 'true' }))).toEqual([
      'debt_settled_more',
      'debt_settled_more',
    ]);
  });

  it('with a debt that is not paid beside it is called about that one only', async () => {
    const person = await whoPaid({ pesos: 20_000, reference: 'J-1' });
    const batch = await batchOf([
      { person, pesos: 20_000, reference: 'J-1' },
      { person, pesos: 7_000, reference: 'J-2' },
    ]);
    expect(await madeOf(batch)).toEqual([`${rutOf(person)} 7000 J-2`]);
    const { variables } = await api.world.owner
      .selectFrom('core.contact')
      .select('variables')
      .where('batch_id', '=', textOf(batch.body, 'id'))
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(variables)).not.toContain('J-1');
  });

  it('in two rows with a phone each is called at neither', async () => {
    const person = await whoPaid({ pesos: 20_000, reference: 'N-1' });
    const debt = { person, pesos: 20_000, reference: 'N-1' };
    const batch = await batchOf([debt, { ...debt, phone: '+56969999998' }]);
    expect(batch.body['progress']).toMatchObject({ contacts: 0 });
  });

  it('and whose payment was taken back owes it, as whoever paid only a part', async () => {
    const person = somebody();
    await batchOf([{ person, pesos: 20_000, reference: 'K-1' }]);
    const external_id = await pay(person, 20_000, 'K-1');
    const lines = [{ person, pesos: 20_000, reference: 'K-1' }];
    expect(codesOf(await send(lines, { dry_run: 'true' }))).toEqual(['debt_settled']);
    expect((await post('/api/v1/payments/reversals', { external_id })).status).toBeLessThan(300);
    expect(codesOf(await send(lines, { dry_run: 'true' }))).toEqual([]);
    const part = await whoPaid({ pesos: 20_000, reference: 'K-2' }, 19_999);
    expect(
      codesOf(await send([{ person: part, pesos: 20_000, reference: 'K-2' }], { dry_run: 'true' })),
    ).toEqual([]);
  });

  it('without the number of the debt is asked about, and nobody guesses', async () => {
    const person = await whoPaid({ pesos: 20_000 });
    const lines = [{ person, pesos: 20_000 }];
    expect(codesOf(await send(lines, { dry_run: 'true' }))).toEqual(['debt_settled_unclear']);
    expect(await batchOf(lines)).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:settled_unclear', errors: [{ field: 'settled' }] },
    });
    expect(await madeOf(await batchOf(lines, { settled: 'leave_out' }))).toEqual([]);
    expect(await madeOf(await batchOf(lines, { settled: 'call' }))).toEqual([`${rutOf(person)} 20000`]);
    // Another day is another debt.
    const later = await whoPaid({ pesos: 20_000 });
    expect(
      codesOf(await send([{ person: later, pesos: 20_000, due: '01-12-2026' }], { dry_run: 'true' })),
    ).toEqual([]);
  });

  it('who pays after the upload and before the batch is left out as well', async () => {
    const person = somebody();
    await batchOf([{ person, pesos: 20_000, reference: 'L-1' }]);
    const sent = await send([{ person, pesos: 20_000, reference: 'L-1' }]);
    expect(codesOf(sent)).toEqual([]);
    await pay(person, 20_000, 'L-1');
    const batch = await post('/api/v1/batches', {
      import_id: textOf(sent.body, 'import_id'),
      name: 'Prueba',
      pack: 'demo',
      policy: 'demo',
    });
    expect(await madeOf(batch)).toEqual([]);
    expect(batch.body['progress']).toMatchObject({ contacts: 0 });
  });

  it('is in a rehearsal as in the batch', async () => {
    const paid = await whoPaid({ pesos: 20_000, reference: 'M-1' });
    const owes = somebody();
    const sent = await send([
      { person: paid, pesos: 20_000, reference: 'M-1' },
      { person: owes, pesos: 5_000, reference: 'M-2' },
    ]);
    const request = {
      importId: textOf(sent.body, 'import_id'),
      pack: 'demo',
      policy: 'demo',
      pool: undefined,
    };
    const rehearsed = async (settled: 'call' | undefined): Promise<number> => {
      const source = await inAccount(api.world.app, api.one.accountId, (trx) =>
        readSource(trx, { ...request, settled }),
      );
      const accountId = await newAccount(api.world.app, api.world.poolId, usd);
      await api.world.owner
        .updateTable('catalogue.account')
        .set({ kind: 'rehearsal' })
        .where('id', '=', accountId)
        .execute();
      const batchId = await inAccount(api.world.app, accountId, (trx) => copyBatch(trx, accountId, source));
      const made = await api.world.owner
        .selectFrom('core.contact')
        .select('id')
        .where('batch_id', '=', batchId)
        .execute();
      expect(made).toHaveLength(source.contacts);
      return made.length;
    };
    expect(await rehearsed(undefined)).toBe(1);
    expect(await rehearsed('call')).toBe(2);
    const unclear = await whoPaid({ pesos: 20_000 });
    const asked = await send([{ person: unclear, pesos: 20_000 }]);
    const importId = textOf(asked.body, 'import_id');
    await expect(
      inAccount(api.world.app, api.one.accountId, (trx) => readSource(trx, { ...request, importId })),
    ).rejects.toThrow(OperationRefused);
  });

  it('leaves a clean audit: whoever was left out is missed by nobody', async () => {
    const { invariants } = await runAudit({ databaseUrl: api.world.url, looks: 1 });
    const people = invariants.find(({ name }) => name === 'taken_people_are_contacts');
    expect(people?.checked).toBeGreaterThan(0);
    expect(people?.breaches).toEqual([]);
  });
});
