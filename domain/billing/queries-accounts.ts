import type { Trx } from '../../db/client.ts';

/** Undefined outside the transaction of that account. */
export async function readAccountRow(trx: Trx, accountId: string) {
  return trx
    .selectFrom('catalogue.account')
    .select(['id', 'slug', 'name', 'kind', 'country', 'zone', 'plan', 'max_lines'])
    .where('id', '=', accountId)
    .executeTakeFirst();
}

/** What a top-up of this reference booked to the account; undefined: there was none. */
export async function bookedTopUp(trx: Trx, reference: string) {
  return trx
    .selectFrom('core.ledger_transaction as t')
    .innerJoin('core.ledger_entry as e', 'e.transaction_id', 't.id')
    .select(['e.amount_micros', 'e.unit'])
    .where('t.kind', '=', 'top_up')
    .where('t.reference', '=', reference)
    .where('e.kind', '=', 'available')
    .executeTakeFirst();
}

/** Every balance of an account, in micro-units. */
export async function readBalances(trx: Trx, accountId: string) {
  return trx
    .selectFrom('core.ledger_account')
    .select(['unit', 'kind', 'balance_micros'])
    .where('account_id', '=', accountId)
    .execute();
}
