/**
 * `node scripts/account.ts create --slug acme --name "Acme SpA" --country CL --plan credit_based …`: makes an account in
 * the database that DATABASE_URL names, and prints its id and its API key. The key is shown this once.
 */
import { parseArgs } from 'node:util';
import { ringingPools } from '../domain/accounts/queries.ts';
import { parseMicros } from '../api/money.ts';
import { createDatabase, type Database, inAccount } from '../db/client.ts';
import type { Plan } from '../db/schema/schema.ts';
import { currencyOf } from '../domain/imports/fields.ts';
import { normaliseZone, zoneOfCountry } from '../domain/people/rules/place.ts';
import { createAccount, createApiKey } from '../domain/accounts/accounts.ts';
import { type ApiRole } from '../domain/accounts/queries.ts';
import { chooseRulePack } from '../domain/policy/rule-packs.ts';
import { topUpAccount } from '../domain/billing/top-up.ts';
import { findPack, rulePacks } from '../domain/policy/rules/packs/index.ts';
import { zonesOf } from '../domain/policy/rules/zones.ts';

const usage = `Usage: node scripts/account.ts create --slug SLUG --name NAME --country CL --plan PLAN [options]
       node scripts/account.ts pack --account ID --pack KEY [--signed-off-by NAME]

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
  --signed-off-by NAME   who answers for a pack that is looser than the strict reading of the law
  --top-up AMOUNT        first credit: USD, or seconds with minutes_based
  --administrator        the key may credit accounts`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    account: { type: 'string' },
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
    'signed-off-by': { type: 'string' },
    'top-up': { type: 'string' },
    administrator: { type: 'boolean', default: false },
  },
});

const plans: readonly Plan[] = ['credit_based', 'minutes_based', 'unlimited'];

async function main(): Promise<void> {
  const [command, ...rest] = positionals;
  if (rest.length > 0 || (command !== 'create' && command !== 'pack')) throw new Error(usage);
  const url = process.env['DATABASE_URL'];
  if (url === undefined || url === '') throw new Error('DATABASE_URL is not set: name the database');
  const app = createDatabase({ url, role: 'tandas_app', maxConnections: 2 });
  try {
    await (command === 'create' ? create(app) : choosePacks(app));
  } finally {
    await app.destroy();
  }
}

/** For an account that exists: new batches may name the pack. The audit rows keep who signed, and when. */
async function choosePacks(app: Database): Promise<void> {
  const accountId = values.account;
  const packs = chosenPacks();
  if (accountId === undefined || packs.length === 0) throw new Error(usage);
  await inAccount(app, accountId, async (trx) => {
    for (const pack of packs) await chooseRulePack(trx, { ...pack, accountId, actor: 'scripts/account.ts' });
  });
}

async function create(app: Database): Promise<void> {
  const slug = required('slug');
  const country = required('country').toUpperCase();
  const plan = plans.find((known) => known === required('plan'));
  if (plan === undefined) throw new Error(`--plan must be one of ${plans.join(', ')}`);
  const zone = zoneFor(country);
  const topUp = values['top-up'] === undefined ? undefined : micros('top-up', values['top-up']);
  const role: ApiRole = values.administrator ? 'administrator' : 'account';
  const accountId = await createAccount(app, {
    slug,
    name: required('name'),
    country,
    zone,
    debtCurrency: values.currency ?? currencyOf(country),
    plan,
    rateMicrosPerMinute: micros('rate', values.rate),
    maxLines: values['max-lines'] === undefined ? null : whole('max-lines', values['max-lines']),
    poolId: await poolId(app),
    packs: chosenPacks(),
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

function zoneFor(country: string): string {
  if (values.zone === undefined) {
    // Where a country has several zones, the first one is where most of its people live.
    const zone = zoneOfCountry(country) ?? zonesKnown(country)?.[0];
    if (zone !== undefined) return zone;
    throw new Error(`--zone is needed: the zone of ${country} is not known`);
  }
  if (normaliseZone(values.zone).ok) return values.zone;
  throw new Error(`--zone is "${values.zone}": it should be an IANA name such as America/Santiago`);
}

function zonesKnown(country: string): readonly string[] | undefined {
  try {
    return zonesOf(country, null);
  } catch {
    return undefined;
  }
}

function chosenPacks(): readonly { readonly key: string; readonly signedOffBy: string | null }[] {
  return values.pack.map((key) => {
    const pack = findPack(key);
    if (pack === undefined) {
      throw new Error(`--pack "${key}" is none of ${rulePacks.map((known) => known.key).join(', ')}`);
    }
    const signedOffBy = values['signed-off-by'] ?? null;
    if (pack.needsSignOff && signedOffBy === null) {
      throw new Error(
        `--pack "${key}" is looser than the strict reading of the law: it needs --signed-off-by`,
      );
    }
    return { key, signedOffBy: pack.needsSignOff ? signedOffBy : null };
  });
}

async function poolId(app: Database): Promise<string> {
  // A pool for rehearsals rings nobody: an account that got it by default would never call.
  const pools = await ringingPools(app);
  const [only, ...others] = pools;
  if (only === undefined)
    throw new Error('there is no line pool: run `npm run migrate` with RETELL_* set first');
  const named = pools.find(({ key }) => key === values.pool);
  if (named !== undefined) return named.id;
  if (values.pool === undefined && others.length === 0) return only.id;
  throw new Error(`--pool must be one of ${pools.map(({ key }) => key).join(', ')}`);
}

function required(name: 'slug' | 'name' | 'country' | 'plan'): string {
  const value = values[name];
  if (value === undefined || value === '') throw new Error(`--${name} is missing\n\n${usage}`);
  return value;
}

function micros(name: string, text: string): bigint {
  const value = parseMicros(text);
  if (value === undefined)
    throw new Error(`--${name} is "${text}": it should be an amount above 0, such as 12.50`);
  return value;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} is "${text}": it should be 1 or more`);
  return value;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
