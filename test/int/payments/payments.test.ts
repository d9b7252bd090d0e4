import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { readContactSettled } from '../../../domain/payments/queries-debts.ts';
import { lockPerson } from '../../../domain/people/queries.ts';
import { peso } from '../../support/debts.ts';
import { createPayers } from '../../support/payers.ts';
import { createWorld, type World } from '../../support/world.ts';

let world: World;
let payers: ReturnType<typeof createPayers>;
beforeAll(async () => {
  world = await createWorld();
  payers = createPayers(world);
});
afterAll(() => world.close());

describe('a payment', () => {
  it('is spread over the oldest debt first, or the one that it names, and tells every open contact', async () => {
    const { personId, contactId } = await payers.person([10, '2027-02-01', 'NEW'], [20, '2027-01-01', 'OLD']);
    await payers.record(payers.payment(personId, 15));
    expect(await payers.balances(personId)).toEqual(['OLD:5', 'NEW:10']);
    await payers.record(payers.payment(personId, 4, { reference: 'NEW' }));
    expect(await payers.balances(personId)).toEqual(['OLD:5', 'NEW:6']);
    expect(await payers.settled(contactId)).toBe(false);
    const last = await payers.record(payers.payment(personId, 11));
    expect(last).toMatchObject({ duplicate: false, unallocatedMicros: 0n, balanceMicros: 0n, settled: true });
    expect(await payers.settled(contactId)).toBe(true);
    expect(await payers.signalsTo(contactId)).toEqual([
      'paymentRecorded false',
      'paymentRecorded false',
      'paymentRecorded true',
    ]);
    expect(await payers.eventsOf(personId)).toEqual([
      'payment.recorded 15 15',
      'payment.recorded 4 11',
      'payment.recorded 11 0',
    ]);
  });

  it('that is more than is owed keeps what is over, and owes nobody anything', async () => {
    const { personId } = await payers.person([10, '2027-02-01', 'A']);
    const made = await payers.record(payers.payment(personId, 13));
    expect(made).toMatchObject({ unallocatedMicros: 3n * peso, balanceMicros: 0n, settled: true });
    expect(await payers.balances(personId)).toEqual(['A:0']);
  });

  it('that comes twice, also at once, is one payment', async () => {
    const { personId, contactId } = await payers.person([10, '2027-02-01', 'A']);
    const same = payers.payment(personId, 4);
    const answers = await Promise.all([payers.record(same), payers.record(same), payers.record(same)]);
    expect(answers.filter(({ duplicate }) => duplicate)).toHaveLength(2);
    expect(answers).toHaveLength(3);
    expect(new Set(answers.map(({ paymentId }) => paymentId)).size).toBe(1);
    expect(await payers.balances(personId)).toEqual(['A:6']);
    expect(await payers.signalsTo(contactId)).toHaveLength(1);
  });

  it('with the number of another amount or another person is refused, and names the first amount', async () => {
    const one = await payers.person([10, '2027-02-01', 'A']);
    const other = await payers.person([10, '2027-02-01', 'A']);
    const first = payers.payment(one.personId, 4);
    await payers.record(first);
    const differs = {
      kind: 'conflict',
      code: 'payment_differs',
      message: expect.stringContaining('4 pesos'),
    };
    await expect(payers.record({ ...first, amountMicros: 5n * peso })).rejects.toMatchObject(differs);
    await expect(payers.record({ ...first, personId: other.personId })).rejects.toMatchObject({
      ...differs,
      code: 'payment_of_another',
    });
    expect(await payers.balances(one.personId)).toEqual(['A:6']);
    expect(await payers.balances(other.personId)).toEqual(['A:10']);
  });

  it('in a currency in which nothing is owed is refused', async () => {
    const { personId } = await payers.person([10, '2027-02-01', 'A']);
    await expect(payers.record(payers.payment(personId, 1, { currency: 'USD' }))).rejects.toMatchObject({
      code: 'currency_differs',
    });
  });

  it("waits for whoever holds the person's lock: a dial in the same second comes before or after it", async () => {
    const { personId, contactId } = await payers.person([10, '2027-02-01', 'A']);
    const order: string[] = [];
    let paying: Promise<unknown> = Promise.resolve();
    await inAccount(world.app, world.accountId, async (trx) => {
      await lockPerson(trx, personId);
      paying = payers.record(payers.payment(personId, 10)).then(() => order.push('paid'));
      await payers.untilBlockedOr(() => order.length > 0);
      expect(await readContactSettled(trx, contactId)).toBe(false);
      order.push('dialled');
    });
    await paying;
    expect(order).toEqual(['dialled', 'paid']);
  });

  it('of a rehearsal is recorded, and tells nobody', async () => {
    const { personId, contactId } = await payers.person([10, '2027-02-01', 'A']);
    const { owner, accountId } = world;
    const kind = (value: 'customer' | 'rehearsal') =>
      owner.updateTable('catalogue.account').set({ kind: value }).where('id', '=', accountId).execute();
    await kind('rehearsal');
    await payers.record(payers.payment(personId, 10));
    await kind('customer');
    expect(await payers.balances(personId)).toEqual(['A:0']);
    expect(await payers.signalsTo(contactId)).toEqual([]);
    expect(await payers.eventsOf(personId)).toEqual([]);
  });
});

describe('money of one creditor', () => {
  it('never pays the debt of another: what is over is over', async () => {
    const who = await payers.person([10, '2027-01-01', 'OLD', 'Uno'], [5, '2027-02-01', 'NEW', 'Dos']);
    const second = await payers.again(who.personId, {
      amount: 5,
      dueDate: '2027-02-01',
      reference: 'NEW',
      creditor: 'Dos',
    });
    const agreementId = await payers.agree(second, 5);
    const made = await payers.record(payers.payment(who.personId, 7, { agreementId }));
    expect(made).toMatchObject({ unallocatedMicros: 2n * peso, settled: false });
    expect(await payers.balances(who.personId)).toEqual(['OLD:10', 'NEW:0']);
    expect(await payers.record(payers.payment(who.personId, 12, { reference: 'OLD' }))).toMatchObject({
      unallocatedMicros: 2n * peso,
    });
  });

  it('that names a debt goes to its creditor, however much another is owed beside', async () => {
    const { personId } = await payers.person(
      [10, '2027-02-01', 'OLD', 'Uno'],
      [5, '2027-01-01', 'NEW', 'Dos'],
    );
    const made = await payers.record(payers.payment(personId, 12, { reference: 'OLD' }));
    expect(made).toMatchObject({ unallocatedMicros: 2n * peso, settled: false });
    expect(await payers.balances(personId)).toEqual(['NEW:5', 'OLD:0']);
  });

  it('settles the contacts about that creditor only, and keeps no agreement about another', async () => {
    const first = await payers.person([10, '2027-01-01', 'A', 'Uno']);
    const second = await payers.again(first.personId, { amount: 10, reference: 'B', creditor: 'Dos' });
    const both = await payers.again(
      first.personId,
      { amount: 10, dueDate: '2027-01-01', reference: 'A', creditor: 'Uno' },
      { amount: 10, reference: 'B', creditor: 'Dos' },
    );
    const ofSecond = await payers.agree(second, 10);
    const ofBoth = await payers.agree(both, 20);
    await payers.record(payers.payment(first.personId, 10, { reference: 'A' }));
    expect([
      await payers.settled(first.contactId),
      await payers.settled(second.contactId),
      await payers.settled(both.contactId),
    ]).toEqual([true, false, false]);
    expect([await payers.check(ofSecond), await payers.check(ofBoth)]).toEqual(['open', 'open']);
    await payers.record(payers.payment(first.personId, 10, { reference: 'B' }));
    expect([await payers.check(ofSecond), await payers.check(ofBoth)]).toEqual(['settled', 'settled']);
  });
});

describe('what is owed', () => {
  it('is what the newest batch says, with all its rows, and a contact of the older one learns of its payment', async () => {
    const old = await payers.person([10, '2027-02-01', 'A']);
    const made = await payers.again(
      old.personId,
      { amount: 7, dueDate: '2027-02-01', reference: 'A' },
      { amount: 3, dueDate: '2027-02-05', reference: null, creditor: 'Otro' },
      { amount: 2, dueDate: '2027-02-05', reference: null, creditor: 'Otro' },
    );
    expect(await payers.balances(old.personId)).toEqual(expect.arrayContaining(['A:7', ':3', ':2']));
    await payers.record(payers.payment(old.personId, 7));
    // The old contact is about one creditor, whose debt is paid in the newer row.
    expect(await payers.signalsTo(old.contactId)).toEqual(['paymentRecorded true']);
    expect(await payers.signalsTo(made.contactId)).toEqual(['paymentRecorded false']);
    expect(await payers.settled(made.contactId)).toBe(false);
  });

  it('is nothing that a person without debts could have settled', async () => {
    const { contactId } = await payers.person();
    expect(await payers.settled(contactId)).toBe(false);
  });
});
