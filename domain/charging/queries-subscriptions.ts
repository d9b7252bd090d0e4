import { type Insertable, type Selectable, type Updateable, sql } from 'kysely';
import type { Database, Trx } from '../../db/client.ts';
import type { SubscriptionTable } from '../../db/schema/charging.ts';

export type SubscriptionRow = Selectable<SubscriptionTable>;

/** The account's subscription that has not ended. */
export async function currentSubscription(trx: Trx, accountId: string): Promise<SubscriptionRow | undefined> {
  return trx
    .selectFrom('core.subscription')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
}

export async function insertSubscription(
  trx: Trx,
  row: Insertable<SubscriptionTable>,
): Promise<SubscriptionRow> {
  return trx.insertInto('core.subscription').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function updateSubscription(
  trx: Trx,
  id: string,
  change: Updateable<SubscriptionTable>,
): Promise<void> {
  await trx.updateTable('core.subscription').set(change).where('id', '=', id).execute();
}

/** Accounts whose subscription may have something due, in the order of their ids. */
export async function accountsWithDueSubscription(
  system: Database,
  page: { readonly before: Date; readonly after: string | undefined; readonly limit: number },
): Promise<readonly string[]> {
  const { rows } = await sql<{ account_id: string }>`
    select account_id from core.subscription
     where ended_at is null and (state <> 'suspended' or ends_with_period) and period_end <= ${page.before}
       and (${page.after ?? null}::uuid is null or account_id > ${page.after ?? null}::uuid)
     order by account_id limit ${page.limit}`.execute(system);
  return rows.map(({ account_id }) => account_id);
}
