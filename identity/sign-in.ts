import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { z } from 'zod';
import { createDatabase } from '../db/client.ts';
import { isGuessable } from './guessable.ts';
import {
  claimCode,
  deleteSessions,
  insertPersonalMail,
  insertSignInLink,
  sessionToken,
  useSignInLink,
} from '../domain/accounts/queries-sign-in.ts';
import type { SignedIn, SignInAnswer, SignInFault, SignInPort } from '../domain/accounts/sign-in-port.ts';
import { phraseReset } from '../domain/accounts/rules/mails.ts';
import { type Auth, createAuth } from './better-auth.ts';

export interface SignInSettings {
  readonly databaseUrl: string;
  /** `SECRETS_KEY`: the key of the sessions is derived from it. */
  readonly secretsKey: string;
  /** Where people reach us. */
  readonly baseUrl: string;
  readonly onError: (message: string, error: unknown) => void;
}

const connections = 4;

/** What a function of the library answers with, as far as we read it. */
const faultSchema = z.object({ code: z.string().catch('') }).catch({ code: '' });
const signedInSchema = z.object({ twoFactorRedirect: z.boolean().default(false) });
const verifiedSchema = z.object({ token: z.string(), user: z.object({ id: z.string() }) });
const startedSchema = z.object({ totpURI: z.string(), backupCodes: z.array(z.string()) });
const linkSchema = z.object({ isSignedIn: z.boolean() });
const anythingSchema = z.unknown();

/** Codes of the library, by what they mean to us. What is not here is `sign_in_failed`. */
const faults: Readonly<Record<string, SignInFault>> = {
  INVALID_EMAIL_OR_PASSWORD: 'wrong_password',
  INVALID_EMAIL: 'wrong_password',
  INVALID_PASSWORD: 'wrong_password',
  INVALID_CODE: 'wrong_code',
  INVALID_BACKUP_CODE: 'wrong_code',
  INVALID_TWO_FACTOR_COOKIE: 'not_signed_in',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'too_many_codes',
  ACCOUNT_TEMPORARILY_LOCKED: 'too_many_codes',
  TWO_FACTOR_NOT_ENABLED: 'second_factor_off',
  TOTP_NOT_ENABLED: 'second_factor_off',
  BACKUP_CODES_NOT_ENABLED: 'second_factor_off',
  UNAUTHORIZED: 'not_signed_in',
  INVALID_TOKEN: 'link_invalid',
  PASSWORD_TOO_SHORT: 'password_too_short',
  PASSWORD_TOO_LONG: 'password_too_long',
};

/** Signs people in with the library, under a role of the database that sees nothing but people. */
export function createSignIn(settings: SignInSettings): SignInPort {
  const { databaseUrl, secretsKey, baseUrl, onError } = settings;
  const database = createDatabase({ url: databaseUrl, role: 'tandas_identity', maxConnections: 2 });
  // The library's own: it names tables without their schema.
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: connections,
    options: '-c role=tandas_identity -c search_path=identity -c statement_timeout=10s',
  });
  // A connection that the server ends must not take the process down with it.
  pool.on('error', (error) => onError('a connection of sign-in ended', error));
  const auth = createAuth({
    pool,
    secret: Buffer.from(hkdfSync('sha256', secretsKey, '', 'tandas sign-in', 32)).toString('base64'),
    baseUrl,
    sendReset: async ({ email, name, token }) => {
      const words = phraseReset({ name, baseUrl, token });
      await insertPersonalMail(database, { dedupeKey: `reset:${hashed(token)}`, recipient: email, ...words });
    },
    useLink: (token) => useSignInLink(database, hashed(token)),
    onError,
  });
  const deps = { auth, database };
  return {
    ...sessionsOf(deps),
    ...secondFactorOf(deps),
    ...passwordsOf(deps),
    ...peopleOf(deps),
    async close() {
      await Promise.allSettled([pool.end(), database.destroy()]);
    },
  };
}

interface Deps {
  readonly auth: Auth;
  readonly database: ReturnType<typeof createDatabase>;
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Parses an answer of the library; cookies go to whoever asked, also those of a refusal, which take old ones away. */
async function answered<T>(reply: Response, schema: z.ZodType<T>): Promise<SignInAnswer<T>> {
  const cookies = reply.headers.getSetCookie();
  const body: unknown = await reply.json().catch(() => null);
  if (reply.ok) return { ok: true, value: schema.parse(body), cookies };
  const { code } = faultSchema.parse(body);
  const byStatus = reply.status === 401 ? 'not_signed_in' : 'sign_in_failed';
  return { ok: false, fault: faults[code] ?? byStatus, cookies };
}

async function nothingOf<T>(answer: Promise<SignInAnswer<T>>): Promise<SignInAnswer<null>> {
  const given = await answer;
  return given.ok ? { ...given, value: null } : given;
}

function sessionsOf({ auth, database }: Deps) {
  const current = (headers: Headers) => auth.api.getSession({ headers });
  return {
    async whoIs(headers: Headers): Promise<SignedIn | undefined> {
      const found = await current(headers);
      if (found === null) return undefined;
      const { id, name, email, twoFactorEnabled } = found.user;
      return { userId: id, name, email, hasSecondFactor: twoFactorEnabled === true };
    },
    async signIn(headers: Headers, body: { readonly email: string; readonly password: string }) {
      const reply = await auth.api.signInEmail({ headers, body: { ...body }, asResponse: true });
      const answer = await answered(reply, signedInSchema);
      return answer.ok ? { ...answer, value: { secondFactor: answer.value.twoFactorRedirect } } : answer;
    },
    async signOut(headers: Headers) {
      return nothingOf(answered(await auth.api.signOut({ headers, asResponse: true }), anythingSchema));
    },
    async listSessions(headers: Headers) {
      const found = await current(headers);
      if (found === null) return { ok: false, fault: 'not_signed_in', cookies: [] } as const;
      const sessions = await auth.api.listSessions({ headers });
      const value = sessions.map(({ id, createdAt, expiresAt, ipAddress, userAgent }) => ({
        id,
        createdAt,
        expiresAt,
        address: ipAddress ?? null,
        userAgent: userAgent ?? null,
        isCurrent: id === found.session.id,
      }));
      return { ok: true, value, cookies: [] } as const;
    },
    async endSession(headers: Headers, id: string | undefined) {
      const found = await current(headers);
      if (found === null) return { ok: false, fault: 'not_signed_in', cookies: [] } as const;
      if (id === undefined) {
        return nothingOf(
          answered(await auth.api.revokeOtherSessions({ headers, asResponse: true }), anythingSchema),
        );
      }
      const token = await sessionToken(database, { userId: found.user.id, id });
      // Ended already, or never one of theirs: the answer is the same.
      if (token === undefined) return { ok: true, value: null, cookies: [] } as const;
      const reply = await auth.api.revokeSession({ headers, body: { token }, asResponse: true });
      return nothingOf(answered(reply, anythingSchema));
    },
    async followLink(headers: Headers, token: string): Promise<SignInAnswer<null>> {
      const reply = await auth.api.followSignInLink({ headers, body: { token }, asResponse: true });
      const answer = await answered(reply, linkSchema);
      if (!answer.ok) return answer;
      const { cookies } = answer;
      return answer.value.isSignedIn
        ? { ok: true, value: null, cookies }
        : { ok: false, fault: 'link_invalid', cookies };
    },
    endAllSessions: () => deleteSessions(database),
  };
}

function secondFactorOf({ auth, database }: Deps) {
  return {
    async presentCode(headers: Headers, code: string): Promise<SignInAnswer<null>> {
      const before = await auth.api.getSession({ headers });
      const reply = await auth.api.verifyTOTP({ headers, body: { code }, asResponse: true });
      const answer = await answered(reply, verifiedSchema);
      if (!answer.ok) return answer;
      const { token, user } = answer.value;
      // The library takes a code as often as it comes within its minute: somebody who saw it could follow.
      if (await claimCode(database, user.id, hashed(code))) return { ...answer, value: null };
      if (before?.session.token !== token) {
        const { internalAdapter } = await auth.$context;
        await internalAdapter.deleteSession(token);
      }
      return { ok: false, fault: 'code_used', cookies: [] };
    },
    async presentBackupCode(headers: Headers, code: string) {
      const reply = await auth.api.verifyBackupCode({ headers, body: { code }, asResponse: true });
      return nothingOf(answered(reply, anythingSchema));
    },
    async startSecondFactor(headers: Headers, password: string) {
      const reply = await auth.api.enableTwoFactor({ headers, body: { password }, asResponse: true });
      const answer = await answered(reply, startedSchema);
      if (!answer.ok) return answer;
      const { totpURI: uri, backupCodes } = answer.value;
      return { ...answer, value: { uri, backupCodes } };
    },
    async endSecondFactor(headers: Headers, password: string) {
      const reply = await auth.api.disableTwoFactor({ headers, body: { password }, asResponse: true });
      return nothingOf(answered(reply, anythingSchema));
    },
  };
}

function passwordsOf({ auth }: Deps) {
  return {
    async changePassword(headers: Headers, given: { readonly current: string; readonly next: string }) {
      const body = { currentPassword: given.current, newPassword: given.next, revokeOtherSessions: true };
      const reply = await auth.api.changePassword({ headers, body, asResponse: true });
      return nothingOf(answered(reply, anythingSchema));
    },
    async forgotPassword(headers: Headers, email: string): Promise<void> {
      await auth.api.requestPasswordReset({ headers, body: { email } });
    },
    async resetPassword(headers: Headers, given: { readonly token: string; readonly next: string }) {
      const body = { token: given.token, newPassword: given.next };
      const reply = await auth.api.resetPassword({ headers, body, asResponse: true });
      return nothingOf(answered(reply, anythingSchema));
    },
  };
}

function peopleOf({ auth, database }: Deps) {
  return {
    async findPerson(email: string) {
      const { internalAdapter } = await auth.$context;
      const found = await internalAdapter.findUserByEmail(email.toLowerCase());
      return found === null ? undefined : { userId: found.user.id, name: found.user.name };
    },
    async createPerson(given: { readonly email: string; readonly name: string; readonly password: string }) {
      const { internalAdapter, password } = await auth.$context;
      const email = given.email.toLowerCase();
      const found = await internalAdapter.findUserByEmail(email);
      if (found !== null) return { userId: found.user.id, isNew: false };
      const hash = await password.hash(given.password);
      // Whoever has the invitation's token has read that address's mail.
      const user = await internalAdapter.createUser(
        { email, name: given.name, emailVerified: true },
        { method: 'email-password' },
      );
      await internalAdapter.linkAccount({
        userId: user.id,
        providerId: 'credential',
        accountId: user.id,
        password: hash,
      });
      return { userId: user.id, isNew: true };
    },
    isGuessable,
    async makeLink(userId: string, minutes: number): Promise<string> {
      const token = randomBytes(24).toString('base64url');
      await insertSignInLink(database, { tokenHash: hashed(token), userId, minutes });
      return token;
    },
  };
}
