import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** One debt as it stands: the newest row of it, less what was paid and forgiven. */
export interface CurrentDebt {
  readonly id: string;
  readonly creditorId: string;
  readonly creditor: string;
  readonly currency: string;
  readonly reference: string | null;
  /** 'YYYY-MM-DD'. */
  readonly dueDate: string | null;
  readonly amountMicros: bigint;
  readonly balanceMicros: bigint;
}

/** Everything that a person was ever loaded with and that still counts, paid debts too, the oldest due first. */
export async function currentDebts(trx: Trx, personId: string): Promise<readonly CurrentDebt[]> {
  return read(trx, sql`d.person_id = ${personId}`);
}

/**
 * The same, of the creditors that a contact is about (docs/decisions/0034): its agent calls for them, and knows nothing
 * of what the person owes to others.
 */
export async function debtsOfContact(trx: Trx, contactId: string): Promise<readonly CurrentDebt[]> {
  return read(
    trx,
    sql`d.person_id = (select k.person_id from core.contact k where k.id = ${contactId})
        and d.creditor_id in (${creditorsOf(sql`${contactId}`)})`,
  );
}

async function read(trx: Trx, which: RawBuilder<unknown>): Promise<readonly CurrentDebt[]> {
  const { rows } = await sql<{
    id: string;
    creditor_id: string;
    name: string;
    currency: string;
    reference: string | null;
    due_date: string | null;
    amount_micros: bigint;
    balance_micros: bigint;
  }>`
    select d.id, d.creditor_id, c.name, d.currency, d.reference, d.due_date, d.amount_micros, d.balance_micros
      from core.current_debt d join catalogue.creditor c on c.id = d.creditor_id
     where ${which}
     order by d.due_date asc nulls last, d.id`.execute(trx);
  return rows.map((row) => ({
    id: row.id,
    creditorId: row.creditor_id,
    creditor: row.name,
    currency: row.currency,
    reference: row.reference,
    dueDate: row.due_date,
    amountMicros: row.amount_micros,
    balanceMicros: row.balance_micros,
  }));
}

/** Those that a contact is about: whose debts it was loaded with. */
function creditorsOf(contactId: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select o.creditor_id from core.debt o where o.contact_id = ${contactId}`;
}

/** Those that an agreement is about; none for an agreement that is not there. */
export async function creditorsOfAgreement(trx: Trx, agreementId: string): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ creditor_id: string }>`
    select distinct d.creditor_id
      from core.agreement g join core.debt d on d.contact_id = g.contact_id
     where g.id = ${agreementId}`.execute(trx);
  return new Set(rows.map((row) => row.creditor_id));
}

/** Nothing is owed any more to the creditors that a contact is about. False for one that is about no debt. */
export function isContactSettled(contactId: string): RawBuilder<boolean> {
  return settled(sql`${contactId}`, sql`(select k.person_id from core.contact k where k.id = ${contactId})`);
}

/** The same, asked by itself. */
export async function readContactSettled(trx: Trx, contactId: string): Promise<boolean> {
  const { settled: isSettled } = await trx
    .selectNoFrom(isContactSettled(contactId).as('settled'))
    .executeTakeFirstOrThrow();
  return isSettled;
}

function settled(contactId: RawBuilder<unknown>, personId: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`coalesce((
    select bool_and(c.balance_micros = 0) from core.current_debt c
     where c.person_id = ${personId} and c.creditor_id in (${creditorsOf(contactId)})), false)`;
}

export interface OpenContact {
  readonly contactId: string;
  readonly batchId: string;
  /** Nothing is owed to its creditors, though the person may owe something to others. */
  readonly settled: boolean;
}

/**
 * The person's contacts that have a workflow. A debt counts by its newest row: it may have been loaded again by a later
 * batch, and is paid there. None in a rehearsal: its contacts live on a clock of their own, and are told by the activity
 * that pays.
 */
export async function openContactsOf(trx: Trx, personId: string): Promise<readonly OpenContact[]> {
  const { rows } = await sql<{ id: string; batch_id: string; settled: boolean }>`
    select k.id, k.batch_id, ${settled(sql`k.id`, sql`${personId}`)} as settled
      from core.contact k
      join catalogue.account a on a.id = k.account_id
     where k.person_id = ${personId} and a.kind <> 'rehearsal' and k.state not in ('planned', 'closed')
     order by k.id`.execute(trx);
  return rows.map((row) => ({ contactId: row.id, batchId: row.batch_id, settled: row.settled }));
}

/** Whose debt has this reference, in any batch. At most two: one is an answer, two are a question. */
export async function peopleWithReference(trx: Trx, reference: string): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom('core.debt')
    .select('person_id')
    .distinct()
    .where('reference', '=', reference)
    .limit(2)
    .execute();
  return rows.map((row) => row.person_id);
}

/** The newest contact about the creditors of these debts that ended because of money: everything paid, or what was agreed. */
export async function lastContactClosedAsPaid(
  trx: Trx,
  personId: string,
  debtIds: readonly string[],
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select k.id from core.contact k
     where k.person_id = ${personId} and k.state = 'closed' and k.outcome in ('paid', 'promise_kept')
       and exists (select from core.debt d join core.debt back on back.creditor_id = d.creditor_id
                    where d.contact_id = k.id and back.id = any(${[...debtIds]}::uuid[]))
     order by k.closed_at desc limit 1`.execute(trx);
  return rows[0]?.id;
}
