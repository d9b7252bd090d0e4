import { parseArgs } from 'node:util';
import { setAgents } from '../domain/accounts/agents.ts';
import { ringingPools } from '../domain/accounts/queries.ts';
import { parseMicros } from '../api/money.ts';
import { invite, isEmail } from '../domain/accounts/members.ts';
import { deleteSessions } from '../domain/accounts/queries-sign-in.ts';
import { memberRoles } from '../domain/accounts/rules/permissions.ts';
import { CommandError, databaseUrl, positive, wrongValue } from './command.ts';
import { createDatabase, type Database, inAccount } from '../db/client.ts';
import type { Plan } from '../db/schema/schema.ts';
import { currencyOf } from '../domain/imports/fields.ts';
import { normaliseZone, zoneOfCountry } from '../domain/people/rules/place.ts';
import { createAccount, createApiKey } from '../domain/accounts/accounts.ts';
import type { ApiRole } from '../domain/accounts/rules/permissions.ts';
import { chooseRulePack } from '../domain/policy/rule-packs.ts';
import { topUpAccount } from '../domain/billing/top-up.ts';
import { findPack, rulePacks } from '../domain/policy/rules/packs/index.ts';
import { zonesOf } from '../domain/policy/rules/zones.ts';

export const usage = `Usage: npm run account -- create --slug SLUG --name NAME --country CL --plan PLAN [options]
       npm run account -- pack --account ID --pack KEY [--signed-off-by NAME]
       npm run account -- agents --account ID [--agent ID]...
       npm run account -- invite --account ID --email ADDRESS [--role ROLE]
       npm run account -- end-sessions

  --slug SLUG            short name, part of webhook addresses: a-z, 0-9 and -
  --name NAME            as people know it
  --country CC           ISO 3166: phones without a code, zones, national ids
  --plan PLAN            credit_based, minutes_based or unlimited
  --zone ZONE            IANA; default: the country's, where it has one that most people live in
  --currency CUR         of the debts, ISO 4217; default: the country's
  --rate USD             per minute, for credit_based; default 0.04
  --max-lines N          most calls at once; default: as many as the lines allow
  --pool KEY             line pool; default: the only one
  --pack KEY             rule pack that the account chooses; may be repeated
  --agent ID             agent of the provider that the account's negotiations may name; may be repeated, and
                         replaces those of before. The agent of its lines needs no naming
  --email ADDRESS        who is invited to sign in for the account; the code is shown, and goes by mail
  --role ROLE            owner (default), operator, agent, auditor or viewer
  --signed-off-by NAME   who answers for a pack that is looser than the strict reading of the law
  --top-up AMOUNT        first credit: USD, or seconds with minutes_based
  --administrator        the key may credit accounts`;

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      account: { type: 'string' },
      email: { type: 'string' },
      role: { type: 'string', default: 'owner' },
      slug: { type: 'string' },
      name: { type: 'string' },
      country: { type: 'string' },
      plan: { type: 'string' },
      zone: { type: 'string' },
      currency: { type: 'string' },
      rate: { type: 'string', default: '0.04' },
      'max-lines': { type: 'string' },
      pool: { type: 'string' },
      pack: { type: 'string', multiple: true, default: [] },
      agent: { type: 'string', multiple: true, default: [] },
      'signed-off-by': { type: 'string' },
      'top-up': { type: 'string' },
      administrator: { type: 'boolean', default: false },
    },
  });
}

type Values = ReturnType<typeof read>['values'];

const plans: readonly Plan[] = ['credit_based', 'minutes_based', 'unlimited'];

/** Makes an account and its first API key, or chooses packs for an account that exists. The key is shown this once. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [command, ...rest] = positionals;
  const work = commands.get(command ?? '');
  if (rest.length > 0 || work === undefined) throw new CommandError(usage);
  const url = databaseUrl('of the accounts');
  const app = createDatabase({ url, role: 'tandas_app', maxConnections: 2 });
  try {
    await work(app, values);
  } finally {
    await app.destroy();
  }
}

const commands = new Map([
  ['create', create],
  ['pack', choosePacks],
  ['agents', giveAgents],
  ['invite', inviteMember],
  ['end-sessions', endSessions],
]);

/** Exactly these from now on; none takes all away. Negotiations that are stored keep theirs. */
async function giveAgents(app: Database, values: Values): Promise<void> {
  const { account: accountId, agent: agentIds } = values;
  if (accountId === undefined) throw new CommandError(usage);
  await inAccount(app, accountId, (trx) =>
    setAgents(trx, { accountId, agentIds, actor: 'scripts/account.ts' }),
  );
}

/** The first owner of an account, or whoever it has lost. The code is printed too: a new installation may have no mail server. */
async function inviteMember(app: Database, values: Values): Promise<void> {
  const { account: accountId, email } = values;
  const role = memberRoles.find((one) => one === values.role);
  if (accountId === undefined || email === undefined) throw new CommandError(usage);
  const roles = memberRoles.join(', ');
  if (role === undefined) throw wrongValue('role', values.role, `uno de: ${roles}`, `one of: ${roles}`);
  if (!isEmail(email)) throw wrongValue('email', email, 'una dirección de correo', 'an address of mail');
  const baseUrl = process.env['PUBLIC_URL'] ?? 'http://127.0.0.1:8080';
  const caller = { accountId, actor: 'scripts/account.ts' };
  const wish = { email, role, invitedBy: 'Tandas', baseUrl };
  const { token, invitation } = await inAccount(app, accountId, (trx) => invite(trx, caller, wish));
  console.log(`invitation  ${invitation.id}`);
  console.log(`code        ${token}`);
  console.log(`until       ${invitation.expires_at.toISOString()}`);
  console.log('A mail with the code is on its way to them too, where a mail server is set (SMTP_URL).');
}

/** Everybody signs in again: after a restore, or when SECRETS_KEY was seen by others. */
async function endSessions(): Promise<void> {
  const identity = createDatabase({
    url: databaseUrl('of the people'),
    role: 'tandas_identity',
    maxConnections: 1,
  });
  try {
    console.log(`sessions ended  ${await deleteSessions(identity)}`);
  } finally {
    await identity.destroy();
  }
}

/** For an account that exists: new batches may name the pack. The audit rows keep who signed, and when. */
async function choosePacks(app: Database, values: Values): Promise<void> {
  const accountId = values.account;
  const packs = chosenPacks(values);
  if (accountId === undefined || packs.length === 0) throw new CommandError(usage);
  await inAccount(app, accountId, async (trx) => {
    for (const pack of packs) await chooseRulePack(trx, { ...pack, accountId, actor: 'scripts/account.ts' });
  });
}

async function create(app: Database, values: Values): Promise<void> {
  const slug = required(values, 'slug');
  const country = required(values, 'country').toUpperCase();
  const plan = plans.find((known) => known === required(values, 'plan'));
  if (plan === undefined) throw new CommandError(`--plan must be one of ${plans.join(', ')}`);
  const zone = zoneFor(country, values);
  const topUp = values['top-up'] === undefined ? undefined : micros('top-up', values['top-up']);
  const role: ApiRole = values.administrator ? 'administrator' : 'account';
  const accountId = await createAccount(app, {
    slug,
    name: required(values, 'name'),
    country,
    zone,
    debtCurrency: values.currency ?? currencyOf(country),
    plan,
    rateMicrosPerMinute: micros('rate', values.rate),
    maxLines: values['max-lines'] === undefined ? null : positive('max-lines', values['max-lines']),
    poolId: await poolId(app, values.pool),
    packs: chosenPacks(values),
  });
  if (topUp !== undefined) {
    const unit = plan === 'minutes_based' ? 'SEC' : 'USD';
    const actor = 'scripts/account.ts';
    await inAccount(app, accountId, (trx) =>
      topUpAccount(trx, { accountId, unit, amountMicros: topUp, reference: 'first top-up', actor }),
    );
  }
  const apiKey = await createApiKey(app, { accountId, label: 'first', role });
  console.log(`account  ${accountId}`);
  console.log(`api key  ${apiKey}`);
  console.log(`webhook  /api/v1/webhooks/retell/${slug}`);
  console.log('The key is not stored and not shown again.');
}

function zoneFor(country: string, values: Values): string {
  if (values.zone === undefined) {
    // Where a country has several zones, the first one is where most of its people live.
    const zone = zoneOfCountry(country) ?? zonesKnown(country)?.[0];
    if (zone !== undefined) return zone;
    throw new CommandError(`--zone is needed: the zone of ${country} is not known`);
  }
  if (normaliseZone(values.zone).ok) return values.zone;
  throw new CommandError(`--zone is "${values.zone}": it should be an IANA name such as America/Santiago`);
}

function zonesKnown(country: string): readonly string[] | undefined {
  try {
    return zonesOf(country, null);
  } catch {
    return undefined;
  }
}

function chosenPacks(
  values: Values,
): readonly { readonly key: string; readonly signedOffBy: string | null }[] {
  return values.pack.map((key) => {
    const pack = findPack(key);
    if (pack === undefined) {
      throw new CommandError(`--pack "${key}" is none of ${rulePacks.map((known) => known.key).join(', ')}`);
    }
    const signedOffBy = values['signed-off-by'] ?? null;
    if (pack.needsSignOff && signedOffBy === null) {
      throw new CommandError(
        `--pack "${key}" is looser than the strict reading of the law: it needs --signed-off-by`,
      );
    }
    return { key, signedOffBy: pack.needsSignOff ? signedOffBy : null };
  });
}

async function poolId(app: Database, wanted: string | undefined): Promise<string> {
  // A pool for rehearsals rings nobody: an account that got it by default would never call.
  const pools = await ringingPools(app);
  const [only, ...others] = pools;
  if (only === undefined)
    throw new CommandError('there is no line pool: run `npm run migrate` with RETELL_* set first');
  const named = pools.find(({ key }) => key === wanted);
  if (named !== undefined) return named.id;
  if (wanted === undefined && others.length === 0) return only.id;
  throw new CommandError(`--pool must be one of ${pools.map(({ key }) => key).join(', ')}`);
}

function required(values: Values, name: 'slug' | 'name' | 'country' | 'plan'): string {
  const value = values[name];
  if (value === undefined || value === '') throw new CommandError(`--${name} is missing\n\n${usage}`);
  return value;
}

function micros(name: string, text: string): bigint {
  const value = parseMicros(text);
  if (value === undefined)
    throw new CommandError(`--${name} is "${text}": it should be an amount above 0, such as 12.50`);
  return value;
}
