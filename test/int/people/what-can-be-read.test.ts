/** Removals and payments of files that have RUT | DV, two phones in a cell, or a phone that is none. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { receiveRemoval } from '../../../domain/integrations/inbound.ts';
import { rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import { type ApiWorld, ask, createApiWorld, type Reply } from '../../support/api.ts';
import { addDebts, nameRut } from '../../support/debts.ts';
import { createBatch } from '../../support/world.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

interface Debtor {
  readonly personId: string;
  readonly body: number;
  readonly digit: string;
  readonly rut: string;
}

/** Somebody with this RUT, who owes 100 pesos. */
async function debtor(body: number): Promise<Debtor> {
  const { accountId } = api.one;
  const batch = await createBatch(api.world, { accountId, mode: 'live', people: [{}] });
  const [contact] = batch.contacts;
  if (contact === undefined) throw new Error('no contact');
  const digit = rutCheckDigit(body);
  const rut = `${body}-${digit}`;
  await nameRut(api.world, contact.personId, rut);
  await addDebts(api.world, accountId, contact, [
    { amount: 100, dueDate: '2027-01-01', reference: randomUUID() },
  ]);
  return { personId: contact.personId, body, digit, rut };
}

function send(kind: 'payment' | 'removal', csv: string): Promise<Reply> {
  const form = new FormData();
  form.append('file', new File([csv], 'archivo.csv', { type: 'text/csv' }));
  return ask(api.app, 'POST', `/api/v1/${kind}-files`, { as: api.one, form });
}

/** Who is not to be called, by the keys of the list. */
async function listed(...keys: readonly string[]): Promise<readonly string[]> {
  const rows = await api.world.owner
    .selectFrom('core.do_not_contact')
    .select('key')
    .where('account_id', '=', api.one.accountId)
    .where('key', 'in', keys)
    .orderBy('key')
    .execute();
  return rows.map(({ key }) => key);
}

const paid = async ({ personId }: Debtor): Promise<number> => {
  const rows = await api.world.owner
    .selectFrom('core.payment')
    .select('amount_micros')
    .where('person_id', '=', personId)
    .execute();
  return rows.reduce((sum, { amount_micros: micros }) => sum + Number(micros) / 1e6, 0);
};

describe('RUT and DV in two columns', () => {
  it('is the body’s person, where the body alone would be somebody else', async () => {
    // 13000018: its last figure is the check digit of 1300001.
    const [right, other] = [await debtor(13_000_018), await debtor(1_300_001)];
    expect(other.rut).toBe('1300001-8');
    const payments = await send(
      'payment',
      `RUT;DV;MONTO\n${right.body};${right.digit};40\n${right.body};1;40`,
    );
    expect(payments.body).toMatchObject({
      rows_done: 1,
      rows_refused: 1,
      problems: [{ row: 3, column: 'RUT' }],
    });
    expect([await paid(right), await paid(other)]).toEqual([40, 0]);
    const removals = await send('removal', `Rut Deudor;D.V.\n${right.body};${right.digit}`);
    expect(removals.body).toMatchObject({ rows_done: 1, rows_refused: 0 });
    expect(await listed(right.rut, other.rut)).toEqual([right.rut]);
  });

  it('without the column a number that may be of two people is nobody’s', async () => {
    const reply = await send('removal', 'RUT\n13000026');
    expect(reply.body).toMatchObject({
      rows_done: 0,
      rows_refused: 1,
      problems: [{ row: 2, value: '13000026' }],
    });
    expect(await listed('13000026-6', '1300002-6')).toEqual([]);
  });
});

describe('a removal', () => {
  it('holds for whatever of its row can be read, and the rest is told', async () => {
    const one = await debtor(14_000_001);
    const csv = [
      'RUT;TELEFONO;CELULAR;MOTIVO',
      `${one.rut};no tiene;;lo pidió`,
      '1-9;962468135 / 972468135;;',
      ';962468136;962468137;',
      ';962468138 / 1234;;',
      '1-9;no tiene;;',
    ].join('\n');
    const reply = await send('removal', csv);
    expect(reply.body).toMatchObject({
      rows_read: 5,
      rows_done: 4,
      rows_refused: 1,
      problems: [
        { row: 2, column: 'TELEFONO', value: 'no tiene' },
        { row: 3, column: 'RUT', value: '1-9' },
        { row: 5, column: 'TELEFONO' },
        { row: 6, column: 'RUT' },
      ],
    });
    const phones = [5, 6, 7, 8].map((last) => `tel:+5696246813${last}`);
    expect(await listed(one.rut, ...phones, 'tel:+56972468135')).toEqual(
      [one.rut, ...phones, 'tel:+56972468135'].toSorted(),
    );
    const audit = await api.world.owner
      .selectFrom('operation.audit')
      .select('detail')
      .where('subject', '=', one.personId)
      .where('action', '=', 'person.stopped')
      .executeTakeFirstOrThrow();
    expect(audit.detail).toMatchObject({ said: 'lo pidió' });
  });

  it('by a webhook holds too, and says what it did not read; of nothing that can be read it is refused', async () => {
    const { accountId } = api.one;
    const one = await debtor(14_000_002);
    const remove = (nationalId: string | null, text: string) =>
      inAccount(api.world.app, accountId, (trx) =>
        receiveRemoval(trx, accountId, 'api', { nationalId, phones: [{ field: 'phone', text }] }),
      );
    const { changed, unread } = await remove(one.rut, 'no tiene');
    expect(changed).toBe(true);
    expect(unread.map(({ errors }) => errors[0]?.field)).toEqual(['phone']);
    expect(await listed(one.rut)).toEqual([one.rut]);
    await expect(remove(null, 'no tiene')).rejects.toThrow();
    await expect(remove('1-9', 'no tiene')).rejects.toThrow();
  });
});
