import type { Context } from 'hono';
import type { Database } from '../../db/client.ts';
import { type Membership, membershipsOf } from '../../domain/accounts/queries-members.ts';
import { clientHeader, type SignedIn } from '../../domain/accounts/sign-in-port.ts';
import { isId } from '../../domain/shared/rules/ids.ts';
import { noteIds } from '../../observability/context.ts';
import type { ApiCaller, ApiEnv, PeopleDoor } from '../deps.ts';
import type { Doorkeeper } from '../limits.ts';
import { problem } from '../problems.ts';

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** The header that names the account that a person means. */
export const accountHeader = 'tandas-account';

/** Who has signed in. Throws the 401 of everybody else, and the 403 of a page of another site that uses their cookie. */
export async function signedIn(c: Context<ApiEnv>, door: PeopleDoor | undefined): Promise<SignedIn> {
  if (door === undefined) throw problem('sign_in_off');
  requireOwnOrigin(c, door);
  const person = await door.signIn.whoIs(headersOf(c));
  if (person === undefined) throw problem('not_signed_in');
  return person;
}

/**
 * A person as the request's caller: what they are in the account that the request names, read anew each time, so that
 * whoever was removed is refused at once. Without a name it is their only account, and only for looking.
 */
export async function personAsCaller(
  { app, people }: { readonly app: Database; readonly people: PeopleDoor | undefined },
  doorkeeper: Doorkeeper,
  c: Context<ApiEnv>,
): Promise<ApiCaller> {
  const person = await signedIn(c, people);
  doorkeeper.byKey(`person:${person.userId}`);
  const membership = chosen(c, await membershipsOf(app, person.userId));
  const { account_id: accountId, role, kind } = membership;
  noteIds({ accountId });
  return {
    accountId,
    holderId: `person:${person.userId}`,
    holder: { kind: 'member', role },
    label: person.name,
    actor: `member: ${person.email}`,
    // The demonstration's people reach nobody, and have no telephone.
    lacksSecondFactor: role === 'owner' && kind !== 'demo' && !person.hasSecondFactor,
  };
}

function chosen(c: Context<ApiEnv>, memberships: readonly Membership[]): Membership {
  // A stream of events that a page opens has no headers of its own. Routes that do not know the parameter refuse it.
  const named =
    c.req.header(accountHeader) ?? (safeMethods.has(c.req.method) ? c.req.query('account') : undefined);
  const [first, ...others] = memberships;
  if (named === undefined) {
    if (first === undefined) throw problem('not_a_member');
    if (others.length > 0 || !safeMethods.has(c.req.method)) throw problem('account_not_named');
    return first;
  }
  const found = memberships.find(({ account_id: id }) => id === named.toLowerCase());
  // No word of whether there is such an account.
  if (!isId(named) || found === undefined) throw problem('not_a_member');
  return found;
}

/** A cookie goes with whatever a browser sends here, from whatever page: what changes something must come from ours. */
export function requireOwnOrigin(c: Context<ApiEnv>, { baseUrl }: PeopleDoor): void {
  if (safeMethods.has(c.req.method)) return;
  const origin = c.req.header('origin');
  const hasCookie = c.req.header('cookie') !== undefined;
  if (origin === undefined ? hasCookie : origin !== new URL(baseUrl).origin) throw problem('foreign_origin');
}

/** The request's headers for whoever signs people in. */
export function headersOf(c: Context<ApiEnv>): Headers {
  const headers = new Headers(c.req.raw.headers);
  headers.delete(clientHeader);
  const client = c.get('client');
  if (client !== '') headers.set(clientHeader, client);
  return headers;
}

/** Whether a request presents a session rather than a key. */
export function presentsSession(c: Context<ApiEnv>): boolean {
  return c.req.header('authorization') === undefined && c.req.header('cookie') !== undefined;
}
