import type { Plan, Unit } from '../../db/schema/schema.ts';
import type { AccountKind } from '../../db/schema/columns.ts';
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database, Trx } from '../../db/client.ts';
import type { ApiRole } from './rules/permissions.ts';

/** Whoever holds a key or a token that is in force. */
export interface KeyHolder {
  readonly id: string;
  readonly account_id: string;
  readonly role: ApiRole;
  readonly label: string;
}

export interface ApiKeyHolder extends KeyHolder {
  /** Names of permissions, as they were kept. Null: all that its role holds. */
  readonly scopes: readonly string[] | null;
  /** CIDR. Null: from anywhere. */
  readonly networks: readonly string[] | null;
}

/** Who presents this API key, by its hash: one statement. Undefined when nobody does, or it was revoked, or has expired. */
export async function findApiKey(app: Database, hash: string): Promise<ApiKeyHolder | undefined> {
  const { rows } = await sql<ApiKeyHolder>`select * from catalogue.present_api_key(${hash})`.execute(app);
  return rows[0];
}

/** The same of a token of the bundled MCP server. */
export async function findMcpToken(app: Database, hash: string): Promise<KeyHolder | undefined> {
  const { rows } = await sql<KeyHolder>`select * from catalogue.present_mcp_token(${hash})`.execute(app);
  return rows[0];
}

/** SHA-256, hex. Keys and tokens are 192 random bits, so no salt and no slow hash is needed. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export interface AccountRow {
  readonly slug: string;
  readonly name: string;
  readonly kind: AccountKind;
  readonly country: string;
  readonly zone: string;
  readonly debtCurrency: string;
  readonly plan: Plan;
  readonly maxLines: number | null;
}

/** The row of a new account, with its schema's defaults. Throws when the slug is taken. */
export async function insertAccount(trx: Trx, accountId: string, input: AccountRow): Promise<void> {
  await trx
    .insertInto('catalogue.account')
    .values({
      id: accountId,
      slug: input.slug,
      name: input.name,
      kind: input.kind,
      country: input.country,
      zone: input.zone,
      debt_currency: input.debtCurrency,
      plan: input.plan,
      max_lines: input.maxLines,
    })
    .execute();
}

export interface FirstTariffs {
  readonly accountId: string;
  readonly plan: Plan;
  readonly unit: Unit;
  /** Of a call, in micro-units of a currency. */
  readonly rateMicrosPerMinute: bigint;
  /** Of one message, in micro-units of `unit`. */
  readonly messagePriceMicros: bigint;
}

/** What an account pays from the beginning of time on, for calls and for messages. */
export async function insertTariffs(trx: Trx, tariffs: FirstTariffs): Promise<void> {
  const { accountId, plan, unit } = tariffs;
  await trx
    .insertInto('catalogue.tariff')
    .values({
      account_id: accountId,
      plan,
      unit,
      rate_micros_per_minute: tariffs.rateMicrosPerMinute,
      effective_from: new Date(0),
    })
    .execute();
  await trx
    .insertInto('catalogue.message_tariff')
    .values({
      account_id: accountId,
      channel: 'whatsapp',
      unit,
      price_micros: tariffs.messagePriceMicros,
      effective_from: new Date(0),
    })
    .execute();
}

/** Lets an account call by the lines of a pool. */
export async function insertAccountPool(trx: Trx, accountId: string, poolId: string): Promise<void> {
  await trx.insertInto('catalogue.account_pool').values({ account_id: accountId, pool_id: poolId }).execute();
}

/** Of the transaction's account. */
export async function accountName(trx: Trx): Promise<string> {
  const { name } = await trx.selectFrom('catalogue.account').select('name').executeTakeFirstOrThrow();
  return name;
}

/** A page's worth of pools that ring: their keys and ids, by key. A pool for rehearsals is none of them. */
export async function ringingPools(
  app: Database,
): Promise<readonly { readonly id: string; readonly key: string }[]> {
  return app
    .selectFrom('catalogue.pool')
    .select(['id', 'key'])
    .where('rehearsal', '=', false)
    .orderBy('key')
    .execute();
}

/** The simulated pool of a key, if that is what the database has. */
export async function simulatedPool(owner: Database, key: string): Promise<string | undefined> {
  const kept = await owner
    .selectFrom('catalogue.pool')
    .select('id')
    .where('key', '=', key)
    .where('simulated', '=', true)
    .executeTakeFirst();
  return kept?.id;
}
