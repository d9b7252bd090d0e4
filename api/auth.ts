import type { Context } from 'hono';
import { noteIds } from '../observability/context.ts';
import { findApiKey, hashKey } from '../domain/accounts/queries.ts';
import { isWithin } from '../domain/accounts/networks.ts';
import { isPermission, mayDo, type Permission } from '../domain/accounts/rules/permissions.ts';
import type { Caller } from '../domain/shared/caller.ts';
import type { ApiCaller, ApiDeps, ApiEnv } from './deps.ts';
import { createDoorkeeper, type Doorkeeper } from './limits.ts';
import { Problem, problem } from './problems.ts';
import { personAsCaller, presentsSession } from './sign-in/session.ts';

/** What a key of ours looks like: anything else is not worth a look-up. */
const keyForm = /^[\w-]{16,200}$/;

/**
 * Who presents an API key, or has signed in, kept as the request's caller. Throws the 401 of everybody else, and the 429 of an address that presents one
 * wrong key after the other and of a key that asks too often.
 */
export async function authenticate(
  { app, people, doorkeeper }: Pick<ApiDeps, 'app' | 'people'> & { readonly doorkeeper: Doorkeeper },
  c: Context<ApiEnv>,
): Promise<ApiCaller> {
  if (presentsSession(c)) {
    const person = await personAsCaller({ app, people }, doorkeeper, c);
    c.set('caller', person);
    return person;
  }
  const [, key = ''] = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '') ?? [];
  if (!keyForm.test(key)) throw notOurs();
  const hash = hashKey(key);
  const address = c.get('address');
  doorkeeper.mayPresent(address, hash);
  const found = await findApiKey(app, hash);
  doorkeeper.presented(address, hash, found !== undefined);
  if (found === undefined) throw notOurs();
  doorkeeper.byKey(found.id);
  const { account_id: accountId, role, label, networks } = found;
  noteIds({ accountId });
  // Where the address is not known, nothing says that it is one of them.
  if (networks !== null && !isWithin(networks, c.get('client'))) throw problem('address_not_allowed');
  // A permission that this release no longer has opens nothing.
  const scopes = found.scopes?.filter(isPermission) ?? null;
  const caller: ApiCaller = {
    accountId,
    holderId: `key:${found.id}`,
    holder: { kind: 'key', role, scopes },
    label,
    actor: `api: ${label}`,
    lacksSecondFactor: false,
  };
  c.set('caller', caller);
  return caller;
}

const anyTime = createDoorkeeper(
  { perKeyPerSecond: 0, perAddressPerSecond: 0 },
  () => undefined,
  () => 0,
);

/**
 * Whether whoever asked still may, in the same account: asked again and again of what stays open. A key that was revoked, a session that
 * has ended and a member who was removed are nobody, as they are with each request.
 */
export async function stillMay(
  deps: Pick<ApiDeps, 'app' | 'people'>,
  c: Context<ApiEnv>,
  permission: Permission,
): Promise<boolean> {
  const { accountId } = c.get('caller');
  try {
    const caller = await authenticate({ ...deps, doorkeeper: anyTime }, c);
    return caller.accountId === accountId && mayDo(caller.holder, permission) && !caller.lacksSecondFactor;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

function notOurs(): Error {
  return problem('unauthorised', {}, { headers: { 'www-authenticate': 'Bearer' } });
}

/** For changes of the caller's own account. */
export function callerOf(c: Context<ApiEnv>): Caller {
  const { accountId, actor } = c.get('caller');
  return { accountId, actor };
}
