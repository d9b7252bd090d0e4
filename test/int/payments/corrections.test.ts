import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peso } from '../../support/debts.ts';
import { createPayers, paidAt } from '../../support/payers.ts';
import { createWorld, type World } from '../../support/world.ts';

let world: World;
let payers: ReturnType<typeof createPayers>;
beforeAll(async () => {
  world = await createWorld();
  payers = createPayers(world);
});
afterAll(() => world.close());

describe('taking a payment back', () => {
  it('makes every debt owed again, once, and tells every open contact', async () => {
    const { personId, contactId } = await payers.person([10, '2027-02-01', 'A'], [5, '2027-02-02', 'B']);
    const made = payers.payment(personId, 20);
    await payers.record(made);
    const [first, second] = [await payers.reverse(made.externalId), await payers.reverse(made.externalId)];
    expect(first).toMatchObject({ duplicate: false, balanceMicros: 15n * peso, settled: false });
    expect(second).toMatchObject({ duplicate: true, paymentId: first.paymentId });
    expect(await payers.balances(personId)).toEqual(['A:10', 'B:5']);
    expect(await payers.signalsTo(contactId)).toEqual(['paymentRecorded true', 'paymentReversed']);
  });

  it('takes the discount that it had earned back too, and gives it again with the payment', async () => {
    const who = await payers.person([10, '2027-02-01', 'A']);
    const agreementId = await payers.agree(who, 8, 2);
    await payers.record(payers.payment(who.personId, 8, { externalId: 'earned', agreementId }));
    expect(await payers.check(agreementId)).toBe('settled');
    expect(await payers.balances(who.personId)).toEqual(['A:0']);
    await payers.reverse('earned');
    expect(await payers.balances(who.personId)).toEqual(['A:10']);
    expect(await payers.bring('earned', 8)).toBe('restored');
    expect(await payers.balances(who.personId)).toEqual(['A:0']);
  });

  it('leaves a discount that other money had earned, before it and after it', async () => {
    const who = await payers.person([10, '2027-01-01', 'A'], [7, '2027-02-01', 'B', 'Tienda Inventada']);
    await payers.record(payers.payment(who.personId, 1, { externalId: 'before', reference: 'A' }));
    const other = await payers.again(who.personId, { amount: 20, reference: 'C', creditor: 'Tercera' });
    const agreementId = await payers.agree(other, 15, 5);
    await payers.record(payers.payment(who.personId, 15, { agreementId }));
    expect(await payers.check(agreementId)).toBe('settled');
    await payers.record(payers.payment(who.personId, 4, { externalId: 'after', reference: 'B' }));
    await payers.reverse('before');
    await payers.reverse('after');
    expect(await payers.balances(who.personId)).toEqual(['A:10', 'B:7', 'C:0']);
  });

  it('leaves a discount when what had come by then is still enough', async () => {
    const who = await payers.person([10, '2027-02-01', 'A'], [50, '2027-03-01', 'B']);
    const agreementId = await payers.agree(who, 20, 5);
    await payers.record(payers.payment(who.personId, 21));
    await payers.record(payers.payment(who.personId, 9, { externalId: 'more' }));
    expect(await payers.check(agreementId)).toBe('kept');
    await payers.reverse('more');
    expect(await payers.balances(who.personId)).toEqual(['A:0', 'B:34']);
  });

  it('of a part: what was over first, then what was spread last; each part by its own number, once', async () => {
    const { personId } = await payers.person([10, '2027-02-01', 'A'], [5, '2027-02-02', 'B']);
    await payers.record(payers.payment(personId, 18, { externalId: 'parts' }));
    await expect(payers.reverse('parts', 4n * peso)).rejects.toMatchObject({ code: 'reversal_unnumbered' });
    await payers.reverse('parts', 4n * peso, 'r-1');
    expect(await payers.balances(personId)).toEqual(['A:0', 'B:1']);
    expect(await payers.reverse('parts', 4n * peso, 'r-1')).toMatchObject({ duplicate: true });
    await expect(payers.reverse('parts', 5n * peso, 'r-1')).rejects.toMatchObject({
      code: 'reversal_differs',
    });
    await expect(payers.reverse('parts', 15n * peso, 'r-2')).rejects.toMatchObject({
      code: 'reversal_exceeds',
      message: expect.stringContaining('14 pesos'),
    });
    await payers.reverse('parts', 6n * peso, 'r-2');
    expect(await payers.balances(personId)).toEqual(['A:2', 'B:5']);
    expect(await payers.reverse('parts')).toMatchObject({ duplicate: false, balanceMicros: 15n * peso });
    expect(await payers.reverse('parts')).toMatchObject({ duplicate: true });
    expect(await payers.balances(personId)).toEqual(['A:10', 'B:5']);
    expect(await payers.eventsOf(personId)).toEqual([
      'payment.recorded 18 0',
      'payment.reversed 4 1',
      'payment.reversed 6 7',
      'payment.reversed 8 15',
    ]);
  });

  it('two parts at once give back no more than there is', async () => {
    const { personId } = await payers.person([10, '2027-02-01', 'A']);
    await payers.record(payers.payment(personId, 10, { externalId: 'at-once' }));
    const answers = await Promise.allSettled([
      payers.reverse('at-once', 6n * peso, 'one'),
      payers.reverse('at-once', 6n * peso, 'two'),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await payers.balances(personId)).toEqual(['A:6']);
  });

  it('is refused for an unknown payment, and hindered by no number that somebody gave', async () => {
    const { personId } = await payers.person([10, '2027-02-01', 'A']);
    await expect(payers.reverse('nobody')).rejects.toMatchObject({
      kind: 'not_found',
      code: 'payment_unknown',
    });
    await payers.record(payers.payment(personId, 3, { externalId: 'X' }));
    await expect(payers.reverse('X:reversal')).rejects.toMatchObject({ code: 'payment_unknown' });
    await payers.record(payers.payment(personId, 2, { externalId: 'X:reversal' }));
    await payers.reverse('X');
    expect(await payers.balances(personId)).toEqual(['A:8']);
    await payers.reverse('X:reversal');
    expect(await payers.balances(personId)).toEqual(['A:10']);
  });
});

describe('what a provider says of a payment', () => {
  it('is what stands of it: a part given back is owed, a chargeback that was won is paid again', async () => {
    const { personId, contactId } = await payers.person([10, '2027-02-01', 'A']);
    await payers.record(payers.payment(personId, 10, { externalId: 'mp' }));
    expect(await payers.bring('mp', 10)).toBeUndefined();
    expect(await payers.bring('mp', 4)).toBe('reversed');
    expect(await payers.balances(personId)).toEqual(['A:6']);
    expect(await payers.bring('mp', 0)).toBe('reversed');
    expect(await payers.bring('mp', 10)).toBe('restored');
    expect(await payers.bring('mp', 10)).toBeUndefined();
    expect(await payers.balances(personId)).toEqual(['A:0']);
    expect(await payers.bring('mp', 0)).toBe('reversed');
    expect(await payers.balances(personId)).toEqual(['A:10']);
    expect(await payers.signalsTo(contactId)).toEqual([
      'paymentRecorded true',
      'paymentReversed',
      'paymentReversed',
      'paymentRecorded true',
      'paymentReversed',
    ]);
  });
});

describe('a payment that is taken back', () => {
  it('hands the contact that had ended because of it to a person, once', async () => {
    const { personId, contactId } = await payers.person([100, '2027-02-01', 'A']);
    await payers.record(payers.payment(personId, 100, { externalId: 'taken-back' }));
    await world.owner
      .updateTable('core.contact')
      .set({ state: 'closed', outcome: 'paid', closed_at: paidAt })
      .where('id', '=', contactId)
      .execute();
    await payers.reverse('taken-back');
    await payers.reverse('taken-back');
    const tasks = await world.owner
      .selectFrom('operation.task')
      .select(['kind', 'contact_id'])
      .where('person_id', '=', personId)
      .execute();
    expect(tasks).toEqual([{ kind: 'payment_reversed', contact_id: contactId }]);
  });

  it('opens no task for a contact that goes on by itself', async () => {
    const { personId } = await payers.person([100, '2027-02-01', 'A']);
    await payers.record(payers.payment(personId, 100, { externalId: 'taken-back-too' }));
    await payers.reverse('taken-back-too');
    const tasks = await world.owner
      .selectFrom('operation.task')
      .select('id')
      .where('person_id', '=', personId)
      .execute();
    expect(tasks).toEqual([]);
  });
});
