import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveWish } from '../../../domain/contacts/reschedule-wish.ts';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import { settleMessage } from '../../../domain/messages/settle-message.ts';
import { collectionStandard } from '../../../domain/negotiation/rules/standard.ts';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import { ask, type Customer, type Reply, textOf } from '../../support/api.ts';
import {
  createDebtor,
  createMessageWorld,
  type Debtor,
  type MessageWorld,
  sendInput,
} from '../../support/messages.ts';
import { createPayers } from '../../support/payers.ts';

type Row = Readonly<Record<string, unknown>>;

let world: MessageWorld;
let debtor: Debtor;
let messageId: string;
beforeAll(async () => {
  world = await createMessageWorld();
  debtor = await createDebtor(world);
  const { accountId } = world;
  const { contactId, personId } = debtor;
  const sent = await sendPaymentLink(
    { app: world.api.world.app, actions: world.actions },
    sendInput(world, debtor),
  );
  if (sent.kind !== 'sent') throw new Error('the link was not sent');
  messageId = sent.messageId;
  const word = { kind: 'failed', at: new Date(), failure: '131026', failureClass: 'phone' } as const;
  await world.inside((trx) => settleMessage(trx, { messageId }, word));
  const at = new Date();
  const wish = { at: '2020-01-01T12:00:00Z' };
  const of = { accountId, contactId, attemptId: null, source: 'api', requestedBy: 'operator' } as const;
  await world.inside((trx) => resolveWish(trx, { ...of, wish, at }));
  const payers = createPayers(world.api.world);
  for (const externalId of ['one', 'two', 'three']) {
    await payers.record(payers.payment(personId, 1_000, { externalId, paidAt: new Date() }));
  }
  await payers.reverse('two', 400_000_000n, 'part');
});
afterAll(() => world.close());

const get = (path: string, as: Customer = world.api.one): Promise<Reply> =>
  ask(world.app, 'GET', `/api/v1${path}`, { as });

/** Every row of a list, two at a time, each page behind the one before. */
async function all(name: string, query = ''): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let cursor = ''; ;) {
    const { status, body } = await get(`/${name}?limit=2${query}${cursor}`);
    expect(status).toBe(200);
    const page: unknown = body[name];
    if (!Array.isArray(page)) throw new Error(`no list of ${name}`);
    expect(page.length).toBeLessThanOrEqual(2);
    rows.push(...page);
    if (body['next_cursor'] === null) return rows;
    cursor = `&cursor=${textOf(body, 'next_cursor')}`;
  }
}

const money = (amount: string, unit = 'CLP') => ({ amount, unit });

describe('what was written', () => {
  it('of payments is read back, the newest first, with what was taken back and where it went', async () => {
    const { personId } = debtor;
    const rows = await all('payments', `&person_id=${personId}`);
    expect(rows.map((row) => [row['external_id'], row['kind'], row['amount']])).toEqual([
      ['part', 'reversal', money('400')],
      ['three', 'payment', money('1000')],
      ['two', 'payment', money('1000')],
      ['one', 'payment', money('1000')],
    ]);
    expect(await all('payments')).toEqual(rows);
    const [two] = await all('payments', '&external_id=two');
    expect(rows[0]).toMatchObject({ reverses_id: two?.['id'], unallocated: money('0') });
    const { body } = await get(`/payments/${String(rows[0]?.['id'])}`);
    expect(body['allocations']).toMatchObject([
      { amount: money('-400'), creditor: `Tienda ${personId.slice(0, 8)}` },
    ]);
    const { contactId } = debtor;
    const stop = { stop: 'hardship', reason: 'lo pidió' };
    const path = `/api/v1/people/${personId}/stop`;
    await ask(world.app, 'POST', path, { as: world.api.one, json: stop });
    const contact = await get(`/contacts/${contactId}`);
    expect(contact.body['person']).toMatchObject({
      stop_reason: 'hardship',
      stopped_at: expect.stringMatching(/Z$/),
    });
    expect(contact.body['debts']).toMatchObject([{ amount: money('123450'), outstanding: money('120850') }]);
  });

  it('of agreements is read back with its instalments, by person, contact and state', async () => {
    await createDebtor(world, { instalments: [60_000n, 63_450n] });
    const [plan, promise, ...more] = await all('agreements');
    expect(more).toEqual([]);
    expect(plan).toMatchObject({
      kind: 'plan',
      state: 'open',
      total: money('123450'),
      instalments: [
        { number: 1, amount: money('60000') },
        { number: 2, amount: money('63450') },
      ],
    });
    expect(promise).toMatchObject({ id: debtor.agreementId, kind: 'promise' });
    for (const query of [`contact_id=${debtor.contactId}`, `person_id=${debtor.personId}`]) {
      expect(await all('agreements', `&${query}`)).toEqual([promise]);
    }
    expect(await all('agreements', '&state=broken')).toEqual([]);
    expect((await get(`/agreements/${debtor.agreementId}`)).body).toEqual(promise);
  });

  it('of messages is read back with channel, state and failure', async () => {
    const other = await createDebtor(world);
    const sent = await sendPaymentLink(
      { app: world.api.world.app, actions: world.actions },
      sendInput(world, other),
    );
    expect(sent.kind).toBe('sent');
    expect((await all('messages')).map((row) => row['state'])).toEqual(['accepted', 'failed']);
    const [message] = await all('messages', `&contact_id=${debtor.contactId}`);
    expect(message).toMatchObject({
      id: messageId,
      channel: 'whatsapp',
      purpose: 'payment_link',
      state: 'failed',
      failure: '131026',
      failure_class: 'phone',
      agreement_id: debtor.agreementId,
    });
    expect((await get(`/messages/${messageId}`)).body).toEqual(message);
    expect(await all('messages', `&person_id=${other.personId}`)).toHaveLength(1);
  });

  it('stands in the history of its contact, in the order of time', async () => {
    const { body } = await get(`/contacts/${debtor.contactId}`);
    const history = Object(body['history']) as readonly Row[];
    const kinds = history.map((row) => row['kind']).filter((kind) => kind !== 'audit');
    expect(kinds).toEqual(['agreement', 'message', 'reschedule', 'payment', 'payment', 'payment', 'payment']);
    const stamps = history.map((row) => String(row['at']));
    expect(stamps).toEqual(stamps.toSorted());
    expect(history.find((row) => row['kind'] === 'reschedule')).toMatchObject({
      result: 'refused',
      rule: 'past',
    });
    expect(history.at(-1)).toMatchObject({ payment: { kind: 'reversal', external_id: 'part' } });
  });

  it('of a debt that was loaded again has its balance in the newer row', async () => {
    const payers = createPayers(world.api.world);
    const person = await payers.person([10_000, '2027-01-31', 'again']);
    await payers.again(person.personId, {
      amount: 8_000,
      dueDate: '2027-01-31',
      reference: 'again',
      creditor: 'Banco Inventado',
    });
    const { body } = await get(`/contacts/${person.contactId}`);
    expect(body['debts']).toMatchObject([{ amount: money('10000'), outstanding: null }]);
  });
});

describe('what a batch may be begun with', () => {
  it('is read back: policies, packs and negotiations, by key and version, as data', async () => {
    const policies = (await get('/policies')).body['policies'];
    expect(policies).toContainEqual(expect.objectContaining({ key: 'collection-waves' }));
    const policy = (await get('/policies/collection-waves/1')).body;
    expect(policy).toMatchObject({ version: 1, definition: { key: 'collection-waves' } });
    const { key, version } = clCollectionWaves;
    const pack = { key, version, chosen: true, signed_off_by: 'Prueba' };
    expect((await get('/rule-packs')).body['packs']).toContainEqual(expect.objectContaining(pack));
    expect((await get(`/rule-packs/${key}/${version}`)).body).toMatchObject({ ...pack, definition: { key } });
    expect((await get('/rule-packs/pe-collection/2')).body).toMatchObject({ chosen: false });
    const own = { ...collectionStandard, key: 'collection-standard' };
    const standard = `/negotiations/${own.key}/${own.version}`;
    expect((await get(standard)).body).toMatchObject({ key: own.key, shipped: true });
    for (const path of ['/policies/none/1', `/rule-packs/${key}/999`, '/negotiations/none/1']) {
      expect(await get(path)).toMatchObject({
        status: 404,
        body: { type: 'urn:tandas:problem:definition_not_found' },
      });
    }
    expect((await get('/policies/collection-waves/x')).status).toBe(400);
  });

  it('is read under the account’s own name, and what another account chose is not shown', async () => {
    const { body } = await get('/account');
    expect(body).toMatchObject({
      id: world.accountId,
      country: 'CL',
      debt_currency: 'CLP',
      balances: [{ available: { unit: 'USD' } }],
    });
    expect((await get('/account', world.api.other)).body).toMatchObject({ id: world.api.other.accountId });
  });
});

describe('another account', () => {
  it('sees none of it', async () => {
    const { other } = world.api;
    const [payment] = await all('payments');
    for (const name of ['payments', 'agreements', 'messages']) {
      expect((await get(`/${name}`, other)).body).toEqual({ [name]: [], next_cursor: null });
    }
    for (const path of [
      `/payments/${String(payment?.['id'])}`,
      `/agreements/${debtor.agreementId}`,
      `/messages/${messageId}`,
    ]) {
      expect((await get(path, other)).status, path).toBe(404);
    }
    expect((await get(`/payments?person=${debtor.personId}`)).status).toBe(400);
  });
});
