import type { Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';

export interface PaymentPage {
  readonly personId?: string | undefined;
  readonly externalId?: string | undefined;
  /** Id of the last payment of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

const columns = [
  'id',
  'person_id',
  'external_id',
  'source',
  'kind',
  'reverses_id',
  'restores_id',
  'agreement_id',
  'amount_micros',
  'currency',
  'unallocated_micros',
  'paid_at',
  'reference',
  'created_at',
] as const;

export type PaymentListRow = Awaited<ReturnType<typeof listPayments>>[number];

/** Payments of the account with what was taken back, booked again and forgiven, the newest first. */
export async function listPayments(trx: Trx, page: PaymentPage) {
  let query = trx.selectFrom('core.payment').select(columns);
  if (page.personId !== undefined) query = query.where('person_id', '=', page.personId);
  if (page.externalId !== undefined) query = query.where('external_id', '=', page.externalId);
  if (page.after !== undefined) {
    const place = {
      table: 'core.payment',
      by: ['created_at', 'id'],
      order: 'desc',
      after: page.after,
    } as const;
    query = query.where(isBehind(place));
  }
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(page.limit).execute();
}

/** Undefined when the account has none of this id. */
export async function readPayment(trx: Trx, id: string): Promise<PaymentListRow | undefined> {
  return trx.selectFrom('core.payment').select(columns).where('id', '=', id).executeTakeFirst();
}

/** Where a payment went: of a reversal the amounts are negative. At most 500 debts, as a contact has. */
export async function allocationsOf(trx: Trx, paymentId: string) {
  return trx
    .selectFrom('core.payment_allocation as x')
    .innerJoin('core.debt as d', 'd.id', 'x.debt_id')
    .innerJoin('catalogue.creditor as c', 'c.id', 'd.creditor_id')
    .select(['x.debt_id', 'x.amount_micros', 'd.currency', 'd.reference', 'c.name as creditor'])
    .where('x.payment_id', '=', paymentId)
    .orderBy('x.id')
    .limit(500)
    .execute();
}

/** What came in from a contact's person, or was taken back, since the contact was made. At most 500. */
export async function paymentsSince(trx: Trx, contactId: string): Promise<readonly PaymentListRow[]> {
  return trx
    .selectFrom('core.payment')
    .select(columns)
    .where('person_id', '=', (eb) =>
      eb.selectFrom('core.contact').select('person_id').where('id', '=', contactId),
    )
    .where('created_at', '>=', (eb) =>
      eb.selectFrom('core.contact').select('created_at').where('id', '=', contactId),
    )
    .orderBy('created_at')
    .orderBy('id')
    .limit(500)
    .execute();
}
