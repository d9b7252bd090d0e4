import { randomBytes, randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { storeSecret } from '../../../domain/accounts/channels.ts';
import { inboundSecretName } from '../../../domain/accounts/channels.ts';
import { createSecretBox } from '../../../outbound/secret-box.ts';
import { type ApiWorld, ask, createApiWorld, type Reply } from '../../support/api.ts';
import { addDebts, nameRut } from '../../support/debts.ts';
import { createBatch } from '../../support/world.ts';
import { rutCheckDigit } from '../../../domain/people/rules/national-id.ts';

let api: ApiWorld;
let accountId: string;
let app: ApiWorld['app'];
const secret = `whsec_${randomBytes(24).toString('base64')}`;
beforeAll(async () => {
  api = await createApiWorld();
  ({ accountId } = api.one);
  const secrets = createSecretBox(randomBytes(32).toString('base64'));
  app = api.appWith({ secrets });
  await inAccount(api.world.app, accountId, (trx) =>
    storeSecret(trx, secrets, { accountId, actor: 'test' }, { name: inboundSecretName, value: secret }),
  );
});
afterAll(() => api.close());

let next = 11_000_000;
/** A debtor with a valid RUT, who owes 10 pesos of A and 5 of B. */
async function debtor() {
  const batch = await createBatch(api.world, { accountId, mode: 'live', people: [{}] });
  const [contact] = batch.contacts;
  if (contact === undefined) throw new Error('no contact');
  next += 1;
  const rut = `${next}-${rutCheckDigit(next)}`;
  await nameRut(api.world, contact.personId, rut);
  const [first, second] = [`A-${next}`, `B-${next}`];
  await addDebts(api.world, accountId, contact, [
    { amount: 10, dueDate: '2027-01-01', reference: first },
    { amount: 5, dueDate: '2027-02-01', reference: second },
  ]);
  return { ...contact, rut, first, second };
}

const pay = (json: unknown, key?: string): Promise<Reply> =>
  ask(app, 'POST', '/api/v1/payments', { as: api.one, json, ...(key === undefined ? {} : { key }) });
const counted = async (personId: string): Promise<number> => {
  const rows = await api.world.owner
    .selectFrom('core.payment')
    .select('id')
    .where('person_id', '=', personId)
    .execute();
  return rows.length;
};
const signalsTo = async (contactId: string): Promise<readonly string[]> => {
  const rows = await api.world.owner
    .selectFrom('operation.outbox')
    .select('signal')
    .where('contact_id', '=', contactId)
    .execute();
  return rows.map(({ signal }) => signal ?? '');
};

describe('POST /api/v1/payments', () => {
  it('201: by national id in any spelling, or by reference; the same number is the same payment', async () => {
    const one = await debtor();
    const dotted = `${String(next).replace(/(\d{2})(\d{3})(\d{3})/, '$1.$2.$3')}-${one.rut.slice(-1).toLowerCase()}`;
    const json = { external_id: randomUUID(), national_id: dotted, amount: '6' };
    expect(await pay(json)).toMatchObject({
      status: 201,
      body: { duplicate: false, balance: '9', settled: false },
    });
    expect(await pay(json)).toMatchObject({ status: 201, body: { duplicate: true, balance: '9' } });
    const rest = { external_id: randomUUID(), reference: one.second, amount: '10' };
    expect(await pay(rest, 'key-1')).toMatchObject({
      status: 201,
      body: { unallocated: '1', settled: true },
    });
    expect(await pay(rest, 'key-1')).toMatchObject({ status: 201, body: { duplicate: false } });
    expect(await counted(one.personId)).toBe(2);
  });

  it('409: the same number with another amount, naming the first one', async () => {
    const one = await debtor();
    const json = { external_id: randomUUID(), national_id: one.rut, amount: '6' };
    await pay(json);
    const reply = await pay({ ...json, amount: '7' });
    expect(reply).toMatchObject({ status: 409, body: { type: 'urn:tandas:problem:payment_differs' } });
    expect(reply.body['detail_es']).toContain('6 pesos');
  });

  it('422: nobody with that id, no debt with that reference, neither; 400: no amount', async () => {
    const one = await debtor();
    const field = async (json: object) => {
      const { status, body } = await pay({ external_id: randomUUID(), amount: '6', ...json });
      return [status, JSON.stringify(body['errors'])];
    };
    expect(await field({ national_id: '9.999.999-3' })).toEqual([
      422,
      expect.stringContaining('"national_id"'),
    ]);
    expect(await field({ national_id: one.rut, reference: 'X' })).toEqual([
      422,
      expect.stringContaining('"reference"'),
    ]);
    expect(await field({ reference: 'nobody' })).toEqual([422, expect.stringContaining('"reference"')]);
    expect(await field({})).toEqual([422, expect.stringContaining('"national_id"')]);
    expect(await field({ reference: one.first, amount: '-1' })).toEqual([
      400,
      expect.stringContaining('"amount"'),
    ]);
    expect(await field({ reference: one.first, amount: '0' })).toEqual([
      400,
      expect.stringContaining('"amount"'),
    ]);
    expect(await field({ national_id: one.rut, currency: 'USD' })).toEqual([
      422,
      expect.stringContaining('"currency"'),
    ]);
    expect(await counted(one.personId)).toBe(0);
  });

  it('422: a reference that two people have; with the national id it is one of them', async () => {
    const [one, other] = [await debtor(), await debtor()];
    for (const contact of [one, other]) {
      await addDebts(api.world, accountId, contact, [{ amount: 3, reference: 'SHARED-1' }]);
    }
    const json = { external_id: randomUUID(), reference: 'SHARED-1', amount: '3' };
    expect(await pay(json)).toMatchObject({
      status: 422,
      body: { type: 'urn:tandas:problem:reference_ambiguous' },
    });
    expect(await pay({ ...json, national_id: other.rut })).toMatchObject({ status: 201 });
    expect([await counted(one.personId), await counted(other.personId)]).toEqual([0, 1]);
  });

  it('a reversal makes it owed again; 404 for one that nobody made', async () => {
    const one = await debtor();
    const external_id = randomUUID();
    await pay({ external_id, national_id: one.rut, amount: '15' });
    const back = (json: unknown) => ask(app, 'POST', '/api/v1/payments/reversals', { as: api.one, json });
    expect(await back({ external_id })).toMatchObject({
      status: 201,
      body: { balance: '15', settled: false },
    });
    expect(await back({ external_id })).toMatchObject({ status: 201, body: { duplicate: true } });
    expect((await back({ external_id: 'nobody' })).status).toBe(404);
    expect((await ask(app, 'POST', '/api/v1/payments', { json: {} })).status).toBe(401);
  });

  it('422: part of a coin, ten times the debt, a day that has not come or is long gone: no door takes it', async () => {
    const one = await debtor();
    const said = { national_id: one.rut, amount: '6' };
    const refused: readonly (readonly [object, string, string])[] = [
      [{ amount: '5.5' }, 'amount_not_payable', 'amount'],
      [{ amount: '999999' }, 'amount_implausible', 'amount'],
      [{ paid_at: '2030-01-01T12:00:00Z' }, 'paid_in_future', 'paid_at'],
      [{ paid_at: '1999-12-31T12:00:00-03:00' }, 'paid_long_ago', 'paid_at'],
    ];
    for (const [wrong, code, field] of refused) {
      const reply = await pay({ external_id: randomUUID(), ...said, ...wrong });
      expect(reply).toMatchObject({
        status: 422,
        body: { type: `urn:tandas:problem:${code}`, errors: [{ field }] },
      });
    }
    expect(await counted(one.personId)).toBe(0);
  });

  it('a null is not told, as if the field were not there', async () => {
    const one = await debtor();
    const nothing = { reference: null, currency: null, paid_at: null };
    expect(
      await pay({ external_id: randomUUID(), national_id: one.rut, amount: '6', ...nothing }),
    ).toMatchObject({ status: 201, body: { balance: '9' } });
  });

  it('a part of a payment is taken back under a number of its own', async () => {
    const one = await debtor();
    const external_id = randomUUID();
    await pay({ external_id, national_id: one.rut, amount: '15' });
    const back = (json: object) =>
      ask(app, 'POST', '/api/v1/payments/reversals', { as: api.one, json: { external_id, ...json } });
    expect(await back({ amount: '4' })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'reversal_id' }] },
    });
    const part = { amount: '4', reversal_id: 'r-1' };
    expect(await back(part)).toMatchObject({ status: 201, body: { balance: '4', duplicate: false } });
    expect(await back(part)).toMatchObject({ status: 201, body: { balance: '4', duplicate: true } });
    expect(await back({ reversal_id: null, amount: null })).toMatchObject({
      status: 201,
      body: { balance: '15' },
    });
  });

  it("another account sees neither the person nor the payment's number", async () => {
    const one = await debtor();
    const json = { external_id: randomUUID(), national_id: one.rut, amount: '6' };
    await pay(json);
    expect(await ask(app, 'POST', '/api/v1/payments', { as: api.other, json })).toMatchObject({
      status: 422,
    });
  });
});

describe('a file of payments or removals', () => {
  const upload = (path: string, csv: string): Promise<Reply> => {
    const form = new FormData();
    form.append('file', new File([csv], 'archivo.csv', { type: 'text/csv' }));
    return ask(app, 'POST', path, { as: api.one, form });
  };

  it('names row, column and value of what is wrong, does the good rows, and changes nothing when it comes again', async () => {
    const [one, other] = [await debtor(), await debtor()];
    const csv = [
      'Pagos de la semana;;;',
      'RUT;Monto pagado;Fecha;Referencia',
      `${one.rut};4;05-03-2026;`,
      `${one.rut};4;05-03-2026;`,
      `${other.rut};ocho;05-03-2026;`,
      '1-9;5;05-03-2026;',
      `;5;05-03-2026;${other.second}`,
      `${other.rut};;05-03-2026;`,
    ].join('\n');
    const first = await upload('/api/v1/payment-files', csv);
    expect(first).toMatchObject({
      status: 200,
      body: { rows_read: 6, rows_done: 3, rows_known: 0, rows_refused: 3 },
    });
    expect(first.body['problems']).toMatchObject([
      { row: 5, column: 'Monto pagado', value: 'ocho' },
      { row: 6, column: 'RUT', value: '1-9' },
      { row: 8, column: 'Monto pagado', value: '' },
    ]);
    const again = await upload('/api/v1/payment-files', csv);
    expect(again).toMatchObject({ body: { rows_done: 0, rows_known: 3, rows_refused: 3 } });
    expect(await counted(one.personId)).toBe(2);
    expect(await counted(other.personId)).toBe(1);
  });

  it('knows a receipt by its number under its usual names, and takes nothing that another door refuses', async () => {
    const one = await debtor();
    const csv = [
      'RUT;Monto;Fecha;N° Comprobante',
      `${one.rut};4;05-03-2026;C-1`,
      `${one.rut};4;05-03-2026;C-1`,
      `${one.rut};4;05-03-2026;C-2`,
      `${one.rut};999.999.999;05-03-2026;C-3`,
      `${one.rut};4;05-03-2031;C-4`,
    ].join('\n');
    const first = await upload('/api/v1/payment-files', csv);
    expect(first.body).toMatchObject({ rows_read: 5, rows_done: 2, rows_known: 1, rows_refused: 2 });
    expect(first.body['problems']).toMatchObject([
      { row: 5, column: 'Monto', value: '999.999.999' },
      { row: 6, column: 'Fecha', value: '05-03-2031' },
    ]);
    expect(await counted(one.personId)).toBe(2);
  });

  it('of removals stops people at once, also those who are in no batch yet, and numbers', async () => {
    const one = await debtor();
    const csv = `RUT;TELEFONO\n${one.rut};\n7.654.321-6;\n;961 234 999\n;\n12;x`;
    const first = await upload('/api/v1/removal-files', csv);
    expect(first.body).toMatchObject({ rows_read: 4, rows_done: 3, rows_refused: 1 });
    expect((await upload('/api/v1/removal-files', csv)).body).toMatchObject({ rows_done: 0, rows_known: 3 });
    expect(await signalsTo(one.contactId)).toEqual(['contactStopped']);
    const { body } = await ask(app, 'GET', '/api/v1/do-not-contact', { as: api.one });
    const keys = JSON.stringify(body['entries']);
    for (const key of [one.rut, '7654321-6', 'tel:+56961234999']) expect(keys).toContain(key);
  });

  it('422: a file without the headers that are needed', async () => {
    expect((await upload('/api/v1/payment-files', 'a;b\n1;2')).status).toBe(422);
  });
});

describe('POST /api/v1/webhooks/inbound/{account}', () => {
  async function send(
    event: unknown,
    over: { id?: string; with?: string; at?: Date; account?: string } = {},
  ) {
    const { id = randomUUID(), at = new Date(), account = accountId } = over;
    const text = JSON.stringify(event);
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(over.with ?? secret).sign(id, at, text),
      'content-type': 'application/json',
    };
    return ask(app, 'POST', `/api/v1/webhooks/inbound/${account}`, { text, headers });
  }

  it('takes a payment once per webhook, and takes it back', async () => {
    const one = await debtor();
    const external_id = randomUUID();
    const event = { type: 'payment.received', data: { external_id, national_id: one.rut, amount: '15' } };
    const id = randomUUID();
    expect(await send(event, { id })).toMatchObject({
      status: 200,
      body: { duplicate: false, settled: true },
    });
    expect(await send(event, { id })).toMatchObject({ status: 200, body: { duplicate: true } });
    expect(await send(event)).toMatchObject({ status: 200, body: { settled: true } });
    expect(await send({ type: 'payment.reversed', data: { external_id } })).toMatchObject({
      body: { settled: false },
    });
    expect(await signalsTo(one.contactId)).toEqual(['paymentRecorded', 'paymentReversed']);
  });

  it('takes a null for what is not told, and refuses what no other door takes', async () => {
    const one = await debtor();
    const nothing = { reference: null, currency: null, paid_at: null };
    const data = { external_id: randomUUID(), national_id: one.rut, amount: '15', ...nothing };
    const received = (over: object) => send({ type: 'payment.received', data: { ...data, ...over } });
    expect((await received({ amount: '999999' })).body).toMatchObject({
      type: 'urn:tandas:problem:amount_implausible',
    });
    expect(await received({})).toMatchObject({ status: 200, body: { settled: true } });
    const stop = { national_id: one.rut, phone: null };
    expect(await send({ type: 'do_not_contact.requested', data: stop })).toMatchObject({ status: 200 });
  });

  it('answers a wish by the same rule, tells the contact of an agreed one, and keeps both', async () => {
    const one = await debtor();
    const wish = (data: object) =>
      send({ type: 'reschedule.requested', data: { national_id: one.rut, ...data } });
    expect(await wish({ time: '22:00' })).toMatchObject({ status: 200, body: { ok: false, rule: 'hours' } });
    expect(await wish({ time: '10:00' })).toMatchObject({ body: { ok: false, rule: 'day_missing' } });
    const agreed = await send({
      type: 'reschedule.requested',
      data: { contact_id: one.contactId, day: 'el martes', time: '11:00' },
    });
    expect(agreed).toMatchObject({
      status: 200,
      body: { ok: true, say: expect.stringContaining('a las 11') },
    });
    expect(await signalsTo(one.contactId)).toEqual(['rescheduleAgreed']);
    const rows = await api.world.owner
      .selectFrom('operation.reschedule_request')
      .select(['source', 'result'])
      .where('contact_id', '=', one.contactId)
      .orderBy('id')
      .execute();
    expect(rows.map(({ source, result }) => `${source} ${result}`)).toEqual([
      'webhook refused',
      'webhook refused',
      'webhook agreed',
    ]);
  });

  it('stops people, and a wish for one who is stopped is refused', async () => {
    const [one, other] = [await debtor(), await debtor()];
    await send({ type: 'person.stopped', data: { national_id: one.rut, reason: 'insolvency' } });
    await send({ type: 'do_not_contact.requested', data: { national_id: other.rut } });
    expect(await signalsTo(one.contactId)).toEqual(['contactStopped']);
    expect(await signalsTo(other.contactId)).toEqual(['contactStopped']);
    const data = { contact_id: one.contactId, day: 'el martes', time: '11:00' };
    expect((await send({ type: 'reschedule.requested', data })).status).toBe(422);
  });

  it('401: another secret, another body, a late one, another account; 400: an event that is none', async () => {
    const one = await debtor();
    const event = {
      type: 'payment.received',
      data: { external_id: randomUUID(), national_id: one.rut, amount: '1' },
    };
    const wrong = `whsec_${randomBytes(24).toString('base64')}`;
    expect((await send(event, { with: wrong })).status).toBe(401);
    expect((await send(event, { at: new Date(Date.now() - 301_000) })).status).toBe(401);
    expect((await send(event, { account: api.other.accountId })).status).toBe(401);
    const text = JSON.stringify(event);
    expect((await ask(app, 'POST', `/api/v1/webhooks/inbound/${accountId}`, { text })).status).toBe(401);
    expect((await send({ type: 'payment.received', data: {} })).status).toBe(400);
    expect((await send({ type: 'something' })).status).toBe(400);
    expect(await counted(one.personId)).toBe(0);
    // A refused one may be sent again with the same id, corrected.
    const id = randomUUID();
    expect(
      (await send({ ...event, data: { ...event.data, national_id: '9.999.999-3' } }, { id })).status,
    ).toBe(422);
    expect((await send(event, { id })).status).toBe(200);
  });
});
