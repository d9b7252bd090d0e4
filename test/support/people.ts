import { createHmac, randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { inAccount } from '../../db/client.ts';
import { insertMember } from '../../domain/accounts/queries-members.ts';
import type { MemberRole } from '../../domain/accounts/rules/permissions.ts';
import type { SignInPort } from '../../domain/accounts/sign-in-port.ts';
import type { OutgoingMail } from '../../domain/shared/mail-port.ts';
import { createSignIn } from '../../identity/sign-in.ts';
import { sendMailsOnce } from '../../relay/mail-relay.ts';
import { type ApiWorld, ask, type Ask, type Reply } from './api.ts';

export const baseUrl = 'http://panel.example';
export const goodPassword = 'una contraseña larga';

/** Sign-in as production has it, over the API of a world. */
export interface PeopleWorld {
  readonly api: ApiWorld;
  readonly signIn: SignInPort;
  readonly app: ApiWorld['app'];
  /** A browser without a cookie. */
  browser(): Browser;
  /** A person who is a member of an account, with a second factor where they are an owner; signed in. */
  member(accountId: string, role: MemberRole): Promise<Person>;
  close(): Promise<void>;
}

/** Cookies of one person, sent with each request and taken from each answer. */
export interface Browser {
  readonly cookies: ReadonlyMap<string, string>;
  send(method: string, path: string, options?: Ask & { readonly account?: string }): Promise<Reply>;
}

export interface Person extends Browser {
  readonly email: string;
  readonly userId: string;
  readonly memberId: string;
  /** Of their authenticator, in base 32. Undefined: they have none. */
  readonly secret: string | undefined;
}

export function createPeopleWorld(api: ApiWorld): PeopleWorld {
  const signIn = createSignIn({
    databaseUrl: api.world.url,
    secretsKey: randomBytes(32).toString('base64'),
    baseUrl,
    onError: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  const app = api.appWith({ people: { signIn, baseUrl } });
  const browser = () => browserOf(app);
  return {
    api,
    signIn,
    app,
    browser,
    async member(accountId, role) {
      const email = `${randomBytes(6).toString('hex')}@ejemplo.cl`;
      const name = `Persona ${role}`;
      const { userId } = await signIn.createPerson({ email, name, password: goodPassword });
      const row = await inAccount(api.world.app, accountId, (trx) =>
        insertMember(trx, { accountId, userId, name, email, role }),
      );
      if (row === undefined) throw new Error('the member is there already');
      const one = browser();
      await expectStatus(
        one.send('POST', '/api/v1/auth/sign-in', { json: { email, password: goodPassword } }),
        200,
      );
      const secret = role === 'owner' ? await addSecondFactor(one) : undefined;
      return { ...one, email, userId, memberId: row.id, secret };
    },
    close: () => signIn.close(),
  };
}

function browserOf(app: ApiWorld['app']): Browser {
  const cookies = new Map<string, string>();
  return {
    cookies,
    async send(method, path, { account, headers = {}, ...rest } = {}) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const reply = await ask(app, method, path, {
        ...rest,
        headers: {
          ...(cookie === '' ? {} : { cookie }),
          ...(method === 'GET' ? {} : { origin: baseUrl }),
          ...(account === undefined ? {} : { 'tandas-account': account }),
          ...headers,
        },
      });
      for (const line of reply.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === '' || /max-age=0/i.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return reply;
    },
  };
}

async function expectStatus(reply: Promise<Reply>, status: number): Promise<Reply> {
  const given = await reply;
  if (given.status === status) return given;
  throw new Error(`${given.status} where ${status} was expected: ${JSON.stringify(given.body)}`);
}

/** Sets a second factor up, and returns its secret. */
export async function addSecondFactor(one: Browser): Promise<string> {
  const started = await expectStatus(
    one.send('POST', '/api/v1/auth/second-factor', { json: { password: goodPassword } }),
    200,
  );
  const secret = new URL(String(started.body['uri'])).searchParams.get('secret') ?? '';
  await expectStatus(one.send('POST', '/api/v1/auth/code', { json: { code: totp(secret, -1) } }), 204);
  return secret;
}

/** The code of an authenticator (RFC 6238), so many steps of 30 s from now: written apart from the library that checks it. */
export function totp(base32: string, steps = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(base32.replaceAll('=', ''))
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Mails that wait, as a mail server would get them. */
export async function takeMails(api: ApiWorld): Promise<readonly OutgoingMail[]> {
  const taken: OutgoingMail[] = [];
  const sender = {
    send: (mail: OutgoingMail) => {
      taken.push(mail);
      return Promise.resolve({ kind: 'sent' as const });
    },
    close: () => undefined,
  };
  while ((await sendMailsOnce({ system: api.world.system, sender, logger: pino({ level: 'silent' }) })) > 0);
  return taken;
}

/** The code that a mail carries. */
export const codeIn = (mail: OutgoingMail | undefined): string =>
  /\n {2}(\S{20,})\n/.exec(mail?.body ?? '')?.[1] ?? '';
