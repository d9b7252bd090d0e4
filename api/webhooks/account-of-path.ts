import { isAccount } from '../../domain/shared/queries-account.ts';
import type { Database } from '../../db/client.ts';
import { problem } from '../problems.ts';

/**
 * The account that a webhook's path names, by id. Its row is seen by its own account only, so a slug would need a right
 * to see others'; whoever configures a webhook has the id.
 */
export async function accountOfPath(app: Database, account: string): Promise<string> {
  const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(account);
  if (isId && (await isAccount(app, account))) return account.toLowerCase();
  throw problem('webhook_foreign');
}
