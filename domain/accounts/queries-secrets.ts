import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** Stores a sealed secret under a name of the account; the older one of that name is gone. */
export async function putSecret(trx: Trx, accountId: string, name: string, sealed: string): Promise<void> {
  await trx
    .insertInto('catalogue.secret')
    .values({ account_id: accountId, name, sealed })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'name'])
        .doUpdateSet({ sealed, changed_at: sql<Date>`clock_timestamp()` }),
    )
    .execute();
}

export async function findSecret(trx: Trx, accountId: string, name: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('catalogue.secret')
    .select('sealed')
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.sealed;
}

/** Names and when they changed: nobody is shown a secret. */
export async function listSecrets(
  trx: Trx,
): Promise<readonly { readonly name: string; readonly changed_at: Date }[]> {
  return trx
    .selectFrom('catalogue.secret')
    .select(['name', 'changed_at'])
    .orderBy('name')
    .limit(500)
    .execute();
}
