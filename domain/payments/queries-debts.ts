import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** One debt as it stands: the newest row of it, less what was paid and forgiven. */
export interface CurrentDebt {
  readonly id: string;
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
  const rows = await trx
    .selectFrom('core.current_debt as d')
    .innerJoin('catalogue.creditor as c', 'c.id', 'd.creditor_id')
    .select([
      'd.id',
      'c.name',
      'd.currency',
      'd.reference',
      'd.due_date',
      'd.amount_micros',
      'd.balance_micros',
    ])
    .where('d.person_id', '=', personId)
    .orderBy('d.due_date', (order) => order.asc().nullsLast())
    .orderBy('d.id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    creditor: row.name,
    currency: row.currency,
    reference: row.reference,
    dueDate: row.due_date,
    amountMicros: row.amount_micros,
    balanceMicros: row.balance_micros,
  }));
}

/** Nothing is owed any more. False for a person without debts: they are called about something else. */
export async function isSettled(trx: Trx, personId: string): Promise<boolean> {
  const { rows } = await sql<{ settled: boolean | null }>`
    select bool_and(balance_micros = 0) as settled
      from core.current_debt where person_id = ${personId}`.execute(trx);
  return rows[0]?.settled ?? false;
}

const sameDebt = sql`c.creditor_id = d.creditor_id and c.currency = d.currency
  and coalesce(c.reference, c.due_date::text, '') = coalesce(d.reference, d.due_date::text, '')`;

/** Every debt that a contact is about is paid, by its newest row. False for one that is about none. */
export function isContactSettled(contactId: string): RawBuilder<boolean> {
  return sql<boolean>`coalesce((
    select bool_and(c.balance_micros = 0)
      from core.debt d
      join core.current_debt c on c.person_id = d.person_id and ${sameDebt}
     where d.contact_id = ${contactId}), false)`;
}

export interface OpenContact {
  readonly contactId: string;
  readonly batchId: string;
  /** Every debt that this contact is about is paid, though the person may owe something else. */
  readonly settled: boolean;
}

/**
 * The person's contacts that have a workflow. A contact's debt counts by its newest row: it may have been loaded again
 * by a later batch, and is paid there. None in a rehearsal: its contacts live on a clock of their own, and are told by
 * the activity that pays.
 */
export async function openContactsOf(trx: Trx, personId: string): Promise<readonly OpenContact[]> {
  const { rows } = await sql<{ id: string; batch_id: string; settled: boolean | null }>`
    select k.id, k.batch_id,
           (select bool_and(c.balance_micros = 0)
              from core.debt d
              join core.current_debt c
                on c.person_id = d.person_id and ${sameDebt}
             where d.contact_id = k.id) as settled
      from core.contact k
      join catalogue.account a on a.id = k.account_id
     where k.person_id = ${personId} and a.kind <> 'rehearsal' and k.state not in ('planned', 'closed')
     order by k.id`.execute(trx);
  return rows.map((row) => ({
    contactId: row.id,
    batchId: row.batch_id,
    settled: row.settled ?? false,
  }));
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

/** The person's newest contact that ended because of money: everything paid, or what was agreed. */
export async function lastContactClosedAsPaid(trx: Trx, personId: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('core.contact')
    .select('id')
    .where('person_id', '=', personId)
    .where('state', '=', 'closed')
    .where('outcome', 'in', ['paid', 'promise_kept'])
    .orderBy('closed_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}
