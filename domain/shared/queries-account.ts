import { type RawBuilder, sql } from 'kysely';
import type { Database, Trx } from '../../db/client.ts';
import type { Mode } from './rules/mode.ts';

/** The account of the transaction, as its own rows are read. */
export interface OwnAccount {
  readonly id: string;
  readonly slug: string;
  /** ISO 3166: what phones and national ids are read as. */
  readonly country: string;
  readonly zone: string;
  /** ISO 4217, of the debts. */
  readonly debt_currency: string;
  readonly plan: 'unlimited' | 'minutes_based' | 'credit_based';
}

/** Throws outside the transaction of an account that exists. */
export async function ownAccount(trx: Trx): Promise<OwnAccount> {
  return trx
    .selectFrom('catalogue.account')
    .select(['id', 'slug', 'country', 'zone', 'debt_currency', 'plan'])
    .executeTakeFirstOrThrow();
}

/** The mode of an account's contacts, for a select that has the account by this alias. */
export function modeOf(account: string): RawBuilder<Mode> {
  return sql<Mode>`case ${sql.ref(`${account}.kind`)} when 'rehearsal' then 'rehearsal' else 'live' end`;
}

/** Of the transaction's account. */
export async function ownMode(trx: Trx): Promise<Mode> {
  const { mode } = await trx
    .selectFrom('catalogue.account as a')
    .select(modeOf('a').as('mode'))
    .executeTakeFirstOrThrow();
  return mode;
}

/** Whether there is an account of this id: for what names one from outside, before anything of it is looked at. */
export async function isAccount(app: Database, accountId: string): Promise<boolean> {
  return app.transaction().execute(async (trx) => {
    await sql`select set_config('app.account_id', ${accountId}, true)`.execute(trx);
    const row = await trx
      .selectFrom('catalogue.account')
      .select('id')
      .where('id', '=', accountId)
      .executeTakeFirst();
    return row !== undefined;
  });
}

/** Whether the database answers. Rejects when it does not. */
export async function ping(app: Database): Promise<void> {
  await sql`select 1`.execute(app);
}
