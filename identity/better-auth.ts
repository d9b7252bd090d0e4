import { betterAuth } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { twoFactor } from 'better-auth/plugins';
import type pg from 'pg';
import { z } from 'zod';
import { clientHeader, passwordLength } from '../domain/accounts/sign-in-port.ts';

export interface AuthSettings {
  /** Under the role and schema of sign-in. */
  readonly pool: pg.Pool;
  /** Signs cookies: 32 random bytes or more. */
  readonly secret: string;
  /** Where people reach us, with its scheme: cookies of an https address are sent over https only. */
  readonly baseUrl: string;
  readonly sendReset: (person: {
    readonly email: string;
    readonly name: string;
    readonly token: string;
  }) => Promise<void>;
  /** Whose sign-in link a token is, used up by asking. */
  readonly useLink: (token: string) => Promise<string | undefined>;
  readonly onError: (message: string, error: unknown) => void;
}

const sessionSeconds = 12 * 3_600;
const resetSeconds = 3_600;

/**
 * People and their sessions, by the library, and nothing else of it: accounts, members, invitations, keys and limits are
 * ours (docs/decisions/0056). No path of it is served: each operation is called by its function.
 */
export function createAuth(settings: AuthSettings) {
  return betterAuth({
    appName: 'Tandas',
    secret: settings.secret,
    baseURL: settings.baseUrl,
    database: settings.pool,
    telemetry: { enabled: false },
    // Its bucket is one for all where the address is not known, so that one attacker would lock everybody out: ours come before.
    rateLimit: { enabled: false },
    logger: {
      level: 'error',
      log: (level, message, ...args: readonly unknown[]) => {
        if (level === 'error') settings.onError(message, args[0]);
      },
    },
    session: { expiresIn: sessionSeconds, disableSessionRefresh: true },
    verification: { storeIdentifier: 'hashed' },
    emailAndPassword: {
      enabled: true,
      // Whoever is invited becomes a person; nobody else.
      disableSignUp: true,
      minPasswordLength: passwordLength.least,
      maxPasswordLength: passwordLength.most,
      resetPasswordTokenExpiresIn: resetSeconds,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }) =>
        settings.sendReset({ email: user.email, name: user.name, token }),
    },
    advanced: {
      cookiePrefix: 'tandas',
      useSecureCookies: settings.baseUrl.startsWith('https:'),
      defaultCookieAttributes: { sameSite: 'lax', httpOnly: true, path: '/' },
      // Set by us, from the connection: a header of the client's would be whatever it likes.
      ipAddress: { ipAddressHeaders: [clientHeader] },
    },
    plugins: [twoFactor({ issuer: 'Tandas' }), signInLink(settings.useLink)],
  });
}

/** A token that signs its person in once. */
function signInLink(useLink: AuthSettings['useLink']) {
  return {
    id: 'sign-in-link',
    endpoints: {
      followSignInLink: createAuthEndpoint(
        '/sign-in-link',
        { method: 'POST', body: z.object({ token: z.string() }) },
        async (ctx) => {
          const userId = await useLink(ctx.body.token);
          const user = userId === undefined ? null : await ctx.context.internalAdapter.findUserById(userId);
          if (user === null) return ctx.json({ isSignedIn: false });
          const session = await ctx.context.internalAdapter.createSession(user.id);
          await setSessionCookie(ctx, { session, user });
          return ctx.json({ isSignedIn: true });
        },
      ),
    },
  };
}

export type Auth = ReturnType<typeof createAuth>;
