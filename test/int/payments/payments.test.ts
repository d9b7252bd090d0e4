import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { currentDebts, isSettled } from '../../../domain/payments/queries-debts.ts';
import { lockPerson } from '../../../domain/people/queries.ts';
import { type NewPayment, recordPayment, reversePayment } from '../../../domain/payments/payments.ts';
import { addDebts, peso } from '../../support/debts.ts';
import { createBatch, createWorld, type MadeBatch, type World } from '../../support/world.ts';

let world: World;
let accountId: string;
beforeAll(async () => {
  world = await createWorld();
  ({ accountId } = world);
});
afterAll(() => world.close());

const at = new Date('2027-03-08T12:00:00Z');

async function person(
  ...amounts: readonly (readonly [amount: number, dueDate: string, reference: string])[]
) {
  const batch = await createBatch(world, { accountId, mode: 'live', people: [{}] });
  const contact = only(batch);
  const debts = amounts.map(([amount, dueDate, reference]) => ({ amount, dueDate, reference }));
  await addDebts(world, accountId, contact, debts);
  return { batch, ...contact };
}

function only(batch: MadeBatch): MadeBatch['contacts'][number] {
  const [contact] = batch.contacts;
  if (contact === undefined) throw new Error('the batch has no contact');
  return contact;
}

function payment(personId: string, pesos: number, over: Partial<NewPayment> = {}): NewPayment {
  return {
    accountId,
    personId,
    externalId: randomUUID(),
    source: 'api',
    kind: 'payment',
    amountMicros: BigInt(pesos) * peso,
    currency: 'CLP',
    paidAt: at,
    reference: null,
    ...over,
  };
}

const record = (input: NewPayment) => inAccount(world.app, accountId, (trx) => recordPayment(trx, input));
const reverse = (externalId: string, amountMicros: bigint | null = null) =>
  inAccount(world.app, accountId, (trx) =>
    reversePayment(trx, { accountId, externalId, source: 'api', amountMicros, at }),
  );
const balances = async (personId: string): Promise<readonly string[]> => {
  const debts = await inAccount(world.app, accountId, (trx) => currentDebts(trx, personId));
  return debts.map(({ reference, balanceMicros }) => `${reference ?? ''}:${balanceMicros / peso}`);
};
const settled = (personId: string) => inAccount(world.app, accountId, (trx) => isSettled(trx, personId));

async function signalsTo(contactId: string): Promise<readonly string[]> {
  const rows = await world.owner
    .selectFrom('operation.outbox')
    .select(['signal', 'payload'])
    .where('contact_id', '=', contactId)
    .orderBy('seq')
    .execute();
  return rows.map(({ signal, payload }) =>
    payload['settled'] === undefined ? (signal ?? '') : `${signal} ${payload['settled'] === true}`,
  );
}

async function eventsOf(personId: string): Promise<readonly string[]> {
  const rows = await world.owner
    .selectFrom('operation.event')
    .select(['type', 'data'])
    .where('account_id', '=', accountId)
    .orderBy('created_at')
    .execute();
  return rows
    .filter(({ data }) => data['person_id'] === personId)
    .map(({ type, data }) => `${type} ${String(data['amount_micros'])} ${String(data['balance_micros'])}`);
}

/** Somebody waits for a lock, or nothing will wait any more. */
async function untilBlockedOr(isOver: () => boolean): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ waiting: boolean }>`
      select exists (select from pg_stat_activity where datname = current_database()
                        and cardinality(pg_blocking_pids(pid)) > 0) as waiting`.execute(world.owner);
    if (rows[0]?.waiting === true || isOver()) return;
  }
}

describe('a payment', () => {
  it('is spread over the oldest debt first, or the one that it names, and tells every open contact', async () => {
    const { personId, contactId } = await person([10, '2027-02-01', 'NEW'], [20, '2027-01-01', 'OLD']);
    await record(payment(personId, 15));
    expect(await balances(personId)).toEqual(['OLD:5', 'NEW:10']);
    await record(payment(personId, 4, { reference: 'NEW' }));
    expect(await balances(personId)).toEqual(['OLD:5', 'NEW:6']);
    expect(await settled(personId)).toBe(false);
    const last = await record(payment(personId, 11));
    expect(last).toMatchObject({ duplicate: false, unallocatedMicros: 0n, balanceMicros: 0n, settled: true });
    expect(await settled(personId)).toBe(true);
    expect(await signalsTo(contactId)).toEqual([
      'paymentRecorded false',
      'paymentRecorded false',
      'paymentRecorded true',
    ]);
    expect(await eventsOf(personId)).toEqual([
      'payment.recorded 15000000 15000000',
      'payment.recorded 4000000 11000000',
      'payment.recorded 11000000 0',
    ]);
  });

  it('that is more than is owed keeps what is over, and owes nobody anything', async () => {
    const { personId } = await person([10, '2027-02-01', 'A']);
    const made = await record(payment(personId, 13));
    expect(made).toMatchObject({ unallocatedMicros: 3n * peso, balanceMicros: 0n, settled: true });
    expect(await balances(personId)).toEqual(['A:0']);
  });

  it('that comes twice, also at once, is one payment', async () => {
    const { personId, contactId } = await person([10, '2027-02-01', 'A']);
    const same = payment(personId, 4);
    const answers = await Promise.all([record(same), record(same), record(same)]);
    expect(answers.filter(({ duplicate }) => duplicate)).toHaveLength(2);
    expect(answers).toHaveLength(3);
    expect(new Set(answers.map(({ paymentId }) => paymentId)).size).toBe(1);
    expect(await balances(personId)).toEqual(['A:6']);
    expect(await signalsTo(contactId)).toHaveLength(1);
  });

  it('with the number of another amount or another person is refused, and names the first amount', async () => {
    const one = await person([10, '2027-02-01', 'A']);
    const other = await person([10, '2027-02-01', 'A']);
    const first = payment(one.personId, 4);
    await record(first);
    const differs = {
      kind: 'conflict',
      code: 'payment_differs',
      message: expect.stringContaining('4 pesos'),
    };
    await expect(record({ ...first, amountMicros: 5n * peso })).rejects.toMatchObject(differs);
    await expect(record({ ...first, personId: other.personId })).rejects.toMatchObject({
      ...differs,
      code: 'payment_of_another',
    });
    expect(await balances(one.personId)).toEqual(['A:6']);
    expect(await balances(other.personId)).toEqual(['A:10']);
  });

  it('in a currency in which nothing is owed is refused', async () => {
    const { personId } = await person([10, '2027-02-01', 'A']);
    await expect(record(payment(personId, 1, { currency: 'USD' }))).rejects.toMatchObject({
      code: 'currency_differs',
    });
  });

  it("waits for whoever holds the person's lock: a dial in the same second comes before or after it", async () => {
    const { personId } = await person([10, '2027-02-01', 'A']);
    const order: string[] = [];
    let paying: Promise<unknown> = Promise.resolve();
    await inAccount(world.app, accountId, async (trx) => {
      await lockPerson(trx, personId);
      paying = record(payment(personId, 10)).then(() => order.push('paid'));
      await untilBlockedOr(() => order.length > 0);
      expect(await isSettled(trx, personId)).toBe(false);
      order.push('dialled');
    });
    await paying;
    expect(order).toEqual(['dialled', 'paid']);
  });

  it('of a rehearsal is recorded, and tells nobody', async () => {
    const { personId, contactId } = await person([10, '2027-02-01', 'A']);
    const { owner, accountId } = world;
    const kind = (value: 'customer' | 'rehearsal') =>
      owner.updateTable('catalogue.account').set({ kind: value }).where('id', '=', accountId).execute();
    await kind('rehearsal');
    await record(payment(personId, 10));
    await kind('customer');
    expect(await balances(personId)).toEqual(['A:0']);
    expect(await signalsTo(contactId)).toEqual([]);
    expect(await eventsOf(personId)).toEqual([]);
  });
});

describe('taking a payment back', () => {
  it('makes every debt owed again, once, and tells every open contact', async () => {
    const { personId, contactId } = await person([10, '2027-02-01', 'A'], [5, '2027-02-02', 'B']);
    const made = payment(personId, 20);
    await record(made);
    const [first, second] = [await reverse(made.externalId), await reverse(made.externalId)];
    expect(first).toMatchObject({ duplicate: false, balanceMicros: 15n * peso, settled: false });
    expect(second).toMatchObject({ duplicate: true, paymentId: first.paymentId });
    expect(await balances(personId)).toEqual(['A:10', 'B:5']);
    expect(await signalsTo(contactId)).toEqual(['paymentRecorded true', 'paymentReversed']);
  });

  it('takes what was forgiven for it back too', async () => {
    const { personId } = await person([10, '2027-02-01', 'A']);
    const made = payment(personId, 8);
    await record(made);
    const forgiven = payment(personId, 5, { kind: 'write_off', source: 'agreement' });
    // Two pesos are left: no more can be forgiven, and a repeated request forgives no more.
    expect(await record(forgiven)).toMatchObject({ unallocatedMicros: 0n, settled: true });
    expect(await record(forgiven)).toMatchObject({ duplicate: true });
    const row = await world.owner
      .selectFrom('core.payment')
      .select('amount_micros')
      .where('external_id', '=', forgiven.externalId)
      .executeTakeFirst();
    expect(row).toEqual({ amount_micros: 2n * peso });
    await reverse(made.externalId);
    expect(await balances(personId)).toEqual(['A:10']);
  });

  it('is refused for a part of it, for an unknown payment, and for a reversal', async () => {
    const { personId } = await person([10, '2027-02-01', 'A']);
    const made = payment(personId, 8);
    await record(made);
    await expect(reverse(made.externalId, 3n * peso)).rejects.toMatchObject({ code: 'reversal_of_a_part' });
    await expect(reverse('nobody')).rejects.toMatchObject({ kind: 'not_found', code: 'payment_unknown' });
    await reverse(made.externalId);
    await expect(reverse(`${made.externalId}:reversal`)).rejects.toMatchObject({ code: 'payment_unknown' });
  });
});

describe('what is owed', () => {
  it('is what the newest batch says, with all its rows, and a contact of the older one learns of its payment', async () => {
    const old = await person([10, '2027-02-01', 'A']);
    const batch = await createBatch(world, { accountId, mode: 'live', people: [{}] });
    const made = only(batch);
    await world.owner
      .updateTable('core.contact')
      .set({ person_id: old.personId })
      .where('id', '=', made.contactId)
      .execute();
    const again = { contactId: made.contactId, personId: old.personId, phones: [] };
    await addDebts(world, accountId, again, [
      { amount: 7, dueDate: '2027-02-01', reference: 'A' },
      { amount: 3, dueDate: '2027-02-05', reference: null },
      { amount: 2, dueDate: '2027-02-05', reference: null },
    ]);
    expect(await balances(old.personId)).toEqual(expect.arrayContaining(['A:7', ':3', ':2']));
    await record(payment(old.personId, 7));
    // The old contact is only about debt A, which is paid in the newer row.
    expect(await signalsTo(old.contactId)).toEqual(['paymentRecorded true']);
    expect(await signalsTo(made.contactId)).toEqual(['paymentRecorded false']);
    expect(await settled(old.personId)).toBe(false);
  });

  it('is nothing that a person without debts could have settled', async () => {
    const { personId } = await person();
    expect(await settled(personId)).toBe(false);
  });
});

describe('a payment that is taken back', () => {
  it('hands the contact that had ended because of it to a person, once', async () => {
    const { personId, contactId } = await person([100, '2027-02-01', 'A']);
    await record(payment(personId, 100, { externalId: 'taken-back' }));
    await world.owner
      .updateTable('core.contact')
      .set({ state: 'closed', outcome: 'paid', closed_at: at })
      .where('id', '=', contactId)
      .execute();
    await reverse('taken-back');
    await reverse('taken-back');
    const tasks = await world.owner
      .selectFrom('operation.task')
      .select(['kind', 'contact_id'])
      .where('person_id', '=', personId)
      .execute();
    expect(tasks).toEqual([{ kind: 'payment_reversed', contact_id: contactId }]);
  });

  it('opens no task for a contact that goes on by itself', async () => {
    const { personId } = await person([100, '2027-02-01', 'A']);
    await record(payment(personId, 100, { externalId: 'taken-back-too' }));
    await reverse('taken-back-too');
    const tasks = await world.owner
      .selectFrom('operation.task')
      .select('id')
      .where('person_id', '=', personId)
      .execute();
    expect(tasks).toEqual([]);
  });
});
