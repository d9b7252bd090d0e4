import type { Context } from 'hono';
import { noteIds } from '../observability/context.ts';
import { findApiKey } from '../domain/accounts/queries.ts';
import type { Caller } from '../domain/shared/caller.ts';
import type { ApiCaller, ApiDeps, ApiEnv } from './deps.ts';
import { problem } from './problems.ts';

/** Longer than any key of ours: what is longer is not worth a hash. */
const longestKey = 200;

/** Who presents an API key, kept as the request's caller. Throws the 401 of everybody else. */
export async function authenticate({ app }: Pick<ApiDeps, 'app'>, c: Context<ApiEnv>): Promise<ApiCaller> {
  const [, key] = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '') ?? [];
  const found = key === undefined || key.length > longestKey ? undefined : await findApiKey(app, key);
  if (found === undefined) {
    throw problem('unauthorised', {}, { headers: { 'www-authenticate': 'Bearer' } });
  }
  const { accountId, role, label } = found;
  noteIds({ accountId });
  const caller = { accountId, role, actor: `api: ${label}` };
  c.set('caller', caller);
  return caller;
}

/** For changes of the caller's own account. */
export function callerOf(c: Context<ApiEnv>): Caller {
  const { accountId, actor } = c.get('caller');
  return { accountId, actor };
}
