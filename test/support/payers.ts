import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { databaseNow, inAccount } from '../../db/client.ts';
import { checkAgreement, makeAgreement } from '../../domain/negotiation/agreements.ts';
import { bringToNet, reversePayment } from '../../domain/payments/corrections.ts';
import { type NewPayment, recordPayment } from '../../domain/payments/payments.ts';
import { currentDebts, readContactSettled } from '../../domain/payments/queries-debts.ts';
import { addDebts, type NewDebt, peso } from './debts.ts';
import { createBatch, type MadeBatch, type World } from './world.ts';

export const paidAt = new Date('2027-03-08T12:00:00Z');

interface Debtor {
  readonly batch: MadeBatch;
  readonly contactId: string;
  readonly personId: string;
}

function only(batch: MadeBatch): MadeBatch['contacts'][number] {
  const [contact] = batch.contacts;
  if (contact === undefined) throw new Error('the batch has no contact');
  return contact;
}

function amountOf(money: unknown): string {
  return String(Object(money).amount);
}

/** People who owe, what they pay and agree on, and what became of it, in one account. */
export function createPayers(world: World) {
  const { accountId } = world;

  async function person(
    ...amounts: readonly (readonly [amount: number, dueDate: string, reference: string, creditor?: string])[]
  ) {
    const batch = await createBatch(world, { accountId, mode: 'live', people: [{}] });
    const contact = only(batch);
    const debts = amounts.map(([amount, dueDate, reference, creditor = 'Banco Inventado']) => {
      return { amount, dueDate, reference, creditor };
    });
    await addDebts(world, accountId, contact, debts);
    return { batch, ...contact };
  }

  /** Another batch of the account has the same person. */
  async function again(personId: string, ...debts: readonly NewDebt[]) {
    const batch = await createBatch(world, { accountId, mode: 'live', people: [{}] });
    const { contactId } = only(batch);
    await world.owner
      .updateTable('core.contact')
      .set({ person_id: personId })
      .where('id', '=', contactId)
      .execute();
    const contact = { batch, contactId, personId, phones: [] };
    await addDebts(world, accountId, contact, debts);
    return contact;
  }

  /** `pesos` settle all that is owed to the contact's creditors. */
  const agree = (who: Debtor, pesos: number, forgiven = 0) =>
    inAccount(world.app, accountId, async (trx) => {
      const totalMicros = BigInt(pesos) * peso;
      const { agreementId } = await makeAgreement(trx, {
        accountId,
        batchId: who.batch.batchId,
        contactId: who.contactId,
        personId: who.personId,
        attemptId: null,
        terms: {
          kind: 'promise',
          totalMicros,
          discountMicros: BigInt(forgiven) * peso,
          currency: 'CLP',
          instalments: [{ dueDate: '2027-03-12', amountMicros: totalMicros }],
        },
        source: 'operator',
        madeAt: await databaseNow(trx),
        zone: 'America/Santiago',
        graceDays: 0,
      });
      return agreementId;
    });

  const check = (agreementId: string) =>
    inAccount(world.app, accountId, async (trx) => {
      const { result } = await checkAgreement(trx, {
        agreementId,
        zone: 'America/Santiago',
        at: await databaseNow(trx),
      });
      return result;
    });

  function payment(personId: string, pesos: number, over: Partial<NewPayment> = {}): NewPayment {
    return {
      accountId,
      personId,
      externalId: randomUUID(),
      source: 'api',
      kind: 'payment',
      amountMicros: BigInt(pesos) * peso,
      currency: 'CLP',
      paidAt,
      reference: null,
      ...over,
    };
  }

  const record = (input: NewPayment) => inAccount(world.app, accountId, (trx) => recordPayment(trx, input));
  const reverse = (
    externalId: string,
    amountMicros: bigint | null = null,
    reversalId: string | null = null,
  ) =>
    inAccount(world.app, accountId, (trx) =>
      reversePayment(trx, { accountId, externalId, reversalId, source: 'api', amountMicros, at: paidAt }),
    );
  const bring = (externalId: string, pesos: number) =>
    inAccount(world.app, accountId, (trx) =>
      bringToNet(trx, {
        accountId,
        externalId,
        source: 'mercadopago',
        netMicros: BigInt(pesos) * peso,
        at: paidAt,
      }),
    );
  const balances = async (personId: string): Promise<readonly string[]> => {
    const debts = await inAccount(world.app, accountId, (trx) => currentDebts(trx, personId));
    return debts.map(({ reference, balanceMicros }) => `${reference ?? ''}:${balanceMicros / peso}`);
  };
  const settled = (contactId: string) =>
    inAccount(world.app, accountId, (trx) => readContactSettled(trx, contactId));

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
      .map(({ type, data }) => `${type} ${amountOf(data['amount'])} ${amountOf(data['balance'])}`);
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

  return {
    person,
    again,
    agree,
    check,
    payment,
    record,
    reverse,
    bring,
    balances,
    settled,
    signalsTo,
    eventsOf,
    untilBlockedOr,
  };
}
