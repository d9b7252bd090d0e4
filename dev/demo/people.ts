import { randomBytes } from 'node:crypto';
import { createDatabase, inAccount } from '../../db/client.ts';
import { findApiKey, hashKey } from '../../domain/accounts/queries.ts';
import { insertMember } from '../../domain/accounts/queries-members.ts';
import { type MemberRole, memberRoles } from '../../domain/accounts/rules/permissions.ts';
import { createSignIn } from '../../identity/sign-in.ts';
import { secretsKey } from '../stack/channels.ts';

/** Somebody of the demonstration, and an address that signs them in once. */
export interface DemoPerson {
  readonly role: MemberRole;
  readonly email: string;
  readonly link: string;
}

const linkMinutes = 12 * 60;
const names: Readonly<Record<MemberRole, string>> = {
  owner: 'Olga Dueñas',
  operator: 'Óscar Prieto',
  agent: 'Ágata Ramos',
  auditor: 'Aurelio Soto',
  viewer: 'Violeta Lira',
};

/**
 * One person of each role in the demo's account, and a link for each that signs them in once. Only where calls reach
 * nobody: the demo's account has the simulated lines, and its API listens on this machine.
 */
export async function demoPeople(options: {
  readonly databaseUrl: string;
  readonly stateDir: string;
  readonly apiUrl: string;
  /** Of the demo's account. */
  readonly apiKey: string;
}): Promise<readonly DemoPerson[]> {
  const { databaseUrl, stateDir, apiUrl, apiKey } = options;
  const app = createDatabase({ url: databaseUrl, role: 'tandas_app', maxConnections: 1 });
  const signIn = createSignIn({
    databaseUrl,
    secretsKey: process.env['SECRETS_KEY'] ?? (await secretsKey(stateDir)),
    baseUrl: apiUrl,
    onError: (message) => console.error(message),
  });
  try {
    const holder = await findApiKey(app, hashKey(apiKey));
    if (holder === undefined) throw new Error('the key of the demo opens no account');
    const { account_id: account } = holder;
    const people: DemoPerson[] = [];
    for (const role of memberRoles) {
      const email = `${role}@demo.invalid`;
      const name = names[role];
      // Nobody knows the password: whoever wants one asks for it by mail, or signs in by the link.
      const password = randomBytes(24).toString('base64url');
      const { userId } = await signIn.createPerson({ email, name, password });
      await inAccount(app, account, (trx) =>
        insertMember(trx, { accountId: account, userId, name, email, role }),
      );
      const token = await signIn.makeLink(userId, linkMinutes);
      people.push({ role, email, link: `${apiUrl}/api/v1/auth/link?token=${token}` });
    }
    return people;
  } finally {
    await signIn.close();
    await app.destroy();
  }
}
