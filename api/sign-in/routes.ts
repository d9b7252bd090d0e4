import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { membershipsOf } from '../../domain/accounts/queries-members.ts';
import { acceptInvitation, normaliseEmail } from '../../domain/accounts/members.ts';
import {
  passwordLength,
  type SignInAnswer,
  type SignInFault,
  type SignInPort,
} from '../../domain/accounts/sign-in-port.ts';
import type { ApiDeps, ApiEnv, PeopleDoor } from '../deps.ts';
import { type Buckets, createBuckets, refuseIf } from '../limits.ts';
import { type Problem, problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import * as route from './definitions.ts';
import { headersOf, requireOwnOrigin, signedIn } from './session.ts';

const quarterSeconds = 900;
/** Wrong passwords of one address at one client, in a quarter of an hour: the next ones are not looked at. */
const wrongOfAddress = 5;
/** Wrong ones of a client, whoever they name: each costs a tenth of a second of a processor. */
const wrongOfClient = 60;
/** Mails to one address in a quarter of an hour. */
const mailsOfAddress = 3;

interface Limits {
  readonly passwords: Buckets;
  readonly clients: Buckets;
  readonly mails: Buckets;
}

/** Sign-in, second factor, passwords and sessions of people; invitations as they are accepted. */
export function signInRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const per = (many: number): Buckets => createBuckets(many / quarterSeconds, quarterSeconds, deps.nowMs);
  const limits = {
    passwords: per(wrongOfAddress),
    clients: per(wrongOfClient),
    mails: per(mailsOfAddress),
  };
  addSignIn(router, deps, limits);
  addSessions(router, deps);
  addPasswords(router, deps, limits);
  addInvitations(router, deps);
  return router;
}

/** The door, for a request that may have no session yet. */
function doorOf(c: Context<ApiEnv>, { people }: ApiDeps): PeopleDoor {
  if (people === undefined) throw problem('sign_in_off');
  requireOwnOrigin(c, people);
  return people;
}

/** What the port answered with; its cookies go out with a refusal too, where they take an old session away. */
function taken<T>(c: Context<ApiEnv>, answer: SignInAnswer<T>): T {
  const cookies = answer.cookies.map((cookie) => ['set-cookie', cookie] as const);
  if (!answer.ok) throw faulty(answer.fault);
  for (const [name, value] of cookies) c.header(name, value, { append: true });
  return answer.value;
}

function faulty(fault: SignInFault): Problem {
  return problem(fault, { ...passwordLength });
}

function addSignIn(router: OpenAPIHono<ApiEnv>, deps: ApiDeps, limits: Limits): void {
  router.openapi(route.signIn, async (c) => {
    const { signIn } = doorOf(c, deps);
    const { email: given, password } = c.req.valid('json');
    const email = normaliseEmail(given);
    const client = c.get('address');
    const name = `${client} ${email}`;
    // Taken before the password is looked at: a hundred guesses at once are five.
    refuseIf(limits.passwords.take(name));
    refuseIf(limits.clients.take(client));
    const answer = await signIn.signIn(headersOf(c), { email, password });
    if (answer.ok) {
      limits.passwords.giveBack(name);
      limits.clients.giveBack(client);
    }
    const { secondFactor } = taken(c, answer);
    return c.json({ second_factor: secondFactor }, 200);
  });
  router.openapi(route.presentCode, async (c) => {
    const { signIn } = doorOf(c, deps);
    taken(c, await signIn.presentCode(headersOf(c), c.req.valid('json').code));
    return c.body(null, 204);
  });
  router.openapi(route.presentBackupCode, async (c) => {
    const { signIn } = doorOf(c, deps);
    taken(c, await signIn.presentBackupCode(headersOf(c), c.req.valid('json').code));
    return c.body(null, 204);
  });
  router.openapi(route.link, async (c) => {
    const { signIn } = doorOf(c, deps);
    taken(c, await signIn.followLink(headersOf(c), c.req.valid('query').token));
    return c.redirect('/', 303);
  });
}

function addSessions(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  router.openapi(route.session, async (c) => {
    const { userId, name, email, hasSecondFactor } = await signedIn(c, deps.people);
    const accounts = await membershipsOf(deps.app, userId);
    return c.json(
      {
        name,
        email,
        second_factor: hasSecondFactor,
        accounts: accounts.map(({ account_id: id, slug, account_name, role }) => ({
          id,
          slug,
          name: account_name,
          role,
        })),
      },
      200,
    );
  });
  router.openapi(route.sessions, async (c) => {
    const { signIn } = doorOf(c, deps);
    const list = taken(c, await signIn.listSessions(headersOf(c)));
    return c.json(
      {
        sessions: list.map(({ id, createdAt, expiresAt, address, userAgent, isCurrent }) => ({
          id,
          created_at: createdAt.toISOString(),
          expires_at: expiresAt.toISOString(),
          address,
          user_agent: userAgent,
          current: isCurrent,
        })),
      },
      200,
    );
  });
  router.openapi(route.signOut, async (c) => {
    const { signIn } = doorOf(c, deps);
    taken(c, await signIn.signOut(headersOf(c)));
    return c.body(null, 204);
  });
  router.openapi(route.endOthers, async (c) => {
    const { signIn } = doorOf(c, deps);
    taken(c, await signIn.endSession(headersOf(c), undefined));
    return c.body(null, 204);
  });
  router.openapi(route.endOne, async (c) => {
    const { signIn } = doorOf(c, deps);
    taken(c, await signIn.endSession(headersOf(c), c.req.valid('param').id));
    return c.body(null, 204);
  });
}

function addPasswords(router: OpenAPIHono<ApiEnv>, deps: ApiDeps, limits: Limits): void {
  router.openapi(route.changePassword, async (c) => {
    const { signIn } = doorOf(c, deps);
    const { current_password: current, new_password: next } = c.req.valid('json');
    const who = await signIn.whoIs(headersOf(c));
    refuseGuessable(signIn, next, who === undefined ? [] : [who.name, who.email]);
    taken(c, await signIn.changePassword(headersOf(c), { current, next }));
    return c.body(null, 204);
  });
  router.openapi(route.forgotten, async (c) => {
    const { signIn } = doorOf(c, deps);
    const email = normaliseEmail(c.req.valid('json').email);
    refuseIf(limits.mails.take(email));
    await signIn.forgotPassword(headersOf(c), email);
    return c.body(null, 202);
  });
  router.openapi(route.reset, async (c) => {
    const { signIn } = doorOf(c, deps);
    const { token, new_password: next } = c.req.valid('json');
    // Before the code is used up: whoever chose badly chooses again with it.
    refuseGuessable(signIn, next, []);
    taken(c, await signIn.resetPassword(headersOf(c), { token, next }));
    return c.body(null, 204);
  });
  router.openapi(route.startSecondFactor, async (c) => {
    const { signIn } = doorOf(c, deps);
    const { password } = c.req.valid('json');
    const { uri, backupCodes } = taken(c, await signIn.startSecondFactor(headersOf(c), password));
    return c.json({ uri, backup_codes: [...backupCodes] }, 200);
  });
  router.openapi(route.endSecondFactor, async (c) => {
    const { signIn } = doorOf(c, deps);
    const { password } = c.req.valid('json');
    taken(c, await signIn.endSecondFactor(headersOf(c), password));
    return c.body(null, 204);
  });
}

/** Throws the problem of a password that others would guess. */
function refuseGuessable(signIn: SignInPort, password: string, about: readonly string[]): void {
  if (signIn.isGuessable(password, about)) throw problem('password_guessable', {}, { field: 'new_password' });
}

function addInvitations(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  router.openapi(route.accept, async (c) => {
    const { signIn } = doorOf(c, deps);
    const { token, name, password } = c.req.valid('json');
    const signedInAs = await signIn.whoIs(headersOf(c));
    const accepted = await acceptInvitation({ app: deps.app, signIn }, { token, name, password, signedInAs });
    return c.json({ account_id: accepted.accountId, role: accepted.role, email: accepted.email }, 201);
  });
}
