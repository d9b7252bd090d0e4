import type { Trx } from '../../db/client.ts';

/** Undefined outside the transaction of that account. */
export async function readAccountRow(trx: Trx, accountId: string) {
  return trx
    .selectFrom('catalogue.account')
    .select([
      'id',
      'slug',
      'name',
      'kind',
      'country',
      'zone',
      'debt_currency',
      'plan',
      'max_lines',
      'suspended_for',
      'suspended_at',
    ])
    .where('id', '=', accountId)
    .executeTakeFirst();
}

/** What a top-up of this reference booked to the account; undefined: there was none. */
export async function bookedTopUp(trx: Trx, reference: string) {
  return trx
    .selectFrom('core.ledger_transaction')
    .select(['available_micros', 'unit'])
    .where('kind', '=', 'top_up')
    .where('reference', '=', reference)
    .executeTakeFirst();
}

/** The balances of an account, one for each unit, in micro-units. */
export async function readBalances(trx: Trx, accountId: string) {
  return trx
    .selectFrom('core.ledger_account')
    .select(['unit', 'available_micros', 'held_micros', 'consumed_micros'])
    .where('account_id', '=', accountId)
    .orderBy('unit')
    .execute();
}
