import { isId } from '../../domain/shared/rules/ids.ts';
import { isAccount } from '../../domain/shared/queries-account.ts';
import type { Database } from '../../db/client.ts';
import { problem } from '../problems.ts';

/**
 * The account that a webhook's path names, by id. Its row is seen by its own account only, so a slug would need a right
 * to see others'; whoever configures a webhook has the id.
 */
export async function accountOfPath(app: Database, account: string): Promise<string> {
  if (isId(account) && (await isAccount(app, account))) return account.toLowerCase();
  throw problem('webhook_foreign');
}
