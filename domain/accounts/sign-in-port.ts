/** Somebody who has signed in: passwords, codes and sessions are the port's, accounts and roles are not. */
export interface SignedIn {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly hasSecondFactor: boolean;
}

/** A session in a list: never its token. */
export interface SessionView {
  readonly id: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The one that asks. */
  readonly isCurrent: boolean;
}

/** Why somebody was not let in, or a password or code not taken. */
export type SignInFault =
  | 'wrong_password'
  | 'wrong_code'
  | 'code_used'
  | 'too_many_codes'
  | 'not_signed_in'
  | 'link_invalid'
  | 'password_too_short'
  | 'password_too_long'
  | 'password_guessable'
  | 'second_factor_off'
  | 'sign_in_failed';

/** What came of it. Cookies are `Set-Cookie` lines for whoever asked. */
export type SignInAnswer<T> =
  | { readonly ok: true; readonly value: T; readonly cookies: readonly string[] }
  | { readonly ok: false; readonly fault: SignInFault; readonly cookies: readonly string[] };

/** Who signs people in. `headers` are those of the request: cookies, and who sent it. */
export interface SignInPort {
  /** Undefined: nobody, or a session that has ended. */
  whoIs(headers: Headers): Promise<SignedIn | undefined>;
  /** With `secondFactor`, a code is asked for next; there is no session before it. */
  signIn(
    headers: Headers,
    given: { readonly email: string; readonly password: string },
  ): Promise<SignInAnswer<{ readonly secondFactor: boolean }>>;
  /** The second step of a sign-in, or the first code of a second factor that is being set up. Each code is good once. */
  presentCode(headers: Headers, code: string): Promise<SignInAnswer<null>>;
  presentBackupCode(headers: Headers, code: string): Promise<SignInAnswer<null>>;
  signOut(headers: Headers): Promise<SignInAnswer<null>>;
  /** Ends every other session. */
  changePassword(
    headers: Headers,
    given: { readonly current: string; readonly next: string },
  ): Promise<SignInAnswer<null>>;
  /** Writes a mail to whoever has this address, if anybody has: the answer is the same. */
  forgotPassword(headers: Headers, email: string): Promise<void>;
  /** Ends every session. */
  resetPassword(
    headers: Headers,
    given: { readonly token: string; readonly next: string },
  ): Promise<SignInAnswer<null>>;
  startSecondFactor(
    headers: Headers,
    password: string,
  ): Promise<SignInAnswer<{ readonly uri: string; readonly backupCodes: readonly string[] }>>;
  endSecondFactor(headers: Headers, password: string): Promise<SignInAnswer<null>>;
  listSessions(headers: Headers): Promise<SignInAnswer<readonly SessionView[]>>;
  /** Undefined id: every other one. */
  endSession(headers: Headers, id: string | undefined): Promise<SignInAnswer<null>>;
  /** Signs its person in, once, without a password. */
  followLink(headers: Headers, token: string): Promise<SignInAnswer<null>>;
  /** Who has this address, if anybody has. */
  findPerson(email: string): Promise<{ readonly userId: string; readonly name: string } | undefined>;
  /** A person with a password. Two of one address at once: the one that is there, and their password stays. */
  createPerson(given: {
    readonly email: string;
    readonly name: string;
    readonly password: string;
  }): Promise<{ readonly userId: string; readonly isNew: boolean }>;
  /** Whether a password that is being chosen is one that others would guess; `about`: what is known of whoever chooses it. */
  isGuessable(password: string, about: readonly string[]): boolean;
  /** A token that signs a person in once, for some minutes. */
  makeLink(userId: string, minutes: number): Promise<string>;
  /** Everybody's: after a restore, or when the key of the sessions leaked. Returns how many. */
  endAllSessions(): Promise<number>;
  close(): Promise<void>;
}

/** Where a request's headers carry the client's address, as we know it: one from outside by this name is replaced. */
export const clientHeader = 'x-tandas-client';

/** Passwords are as long as this, at least and at most (characters). */
export const passwordLength = { least: 12, most: 128 } as const;
