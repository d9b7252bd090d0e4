import { sql } from 'kysely';
import type { Database } from '../../db/client.ts';
import { Problem } from '../problems.ts';

/**
 * The account that a webhook's path names, by id. Its row is seen by its own account only, so a slug would need a right
 * to see others'; whoever configures a webhook has the id.
 */
export async function accountOfPath(app: Database, account: string): Promise<string> {
  const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(account);
  const known = isId
    ? await app.transaction().execute(async (trx) => {
        await sql`select set_config('app.account_id', ${account}, true)`.execute(trx);
        return trx.selectFrom('catalogue.account').select('id').where('id', '=', account).executeTakeFirst();
      })
    : undefined;
  if (known === undefined) throw new Problem(404, 'webhook_foreign', 'There is no such account.');
  return known.id;
}
