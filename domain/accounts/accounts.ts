import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { type Database, inAccount } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { openLedger } from '../billing/ledger.ts';
import type { Plan } from '../../db/schema/schema.ts';
import { chooseRulePack } from '../policy/rule-packs.ts';

export interface NewAccount {
  readonly slug: string;
  readonly name: string;
  /** ISO 3166. */
  readonly country: string;
  readonly zone: string;
  /** ISO 4217, of the debts. What calls cost is in USD or in seconds, by plan. */
  readonly debtCurrency: string;
  readonly plan: Plan;
  /** Micro-USD per minute; 40,000 (0.04 USD) is the list price of pay as you go. */
  readonly rateMicrosPerMinute: bigint;
  /** Micro-units of the plan's unit for one message. Default: the plan's list price. */
  readonly messagePriceMicros?: bigint;
  readonly maxLines: number | null;
  readonly poolId: string;
  /** Rule packs that the account has chosen, with who signed off those that need it. */
  readonly packs: readonly { readonly key: string; readonly signedOffBy: string | null }[];
}

/** One WhatsApp message: 0.05 USD, or the price of half a minute of an allotment. */
const messagePrices: Readonly<Record<Plan, bigint>> = {
  unlimited: 0n,
  minutes_based: 30_000_000n,
  credit_based: 50_000n,
};

/** Makes an account with its tariff, packs and pool. Throws when the slug is taken. */
export async function createAccount(app: Database, input: NewAccount): Promise<string> {
  const accountId = randomUUID();
  return inAccount(app, accountId, async (trx) => {
    await trx
      .insertInto('catalogue.account')
      .values({
        id: accountId,
        slug: input.slug,
        name: input.name,
        country: input.country,
        zone: input.zone,
        debt_currency: input.debtCurrency,
        plan: input.plan,
        max_lines: input.maxLines,
      })
      .execute();
    const unit = input.plan === 'minutes_based' ? 'SEC' : 'USD';
    await trx
      .insertInto('catalogue.tariff')
      .values({
        account_id: accountId,
        plan: input.plan,
        unit,
        rate_micros_per_minute: input.plan === 'credit_based' ? input.rateMicrosPerMinute : 0n,
        effective_from: new Date(0),
      })
      .execute();
    await trx
      .insertInto('catalogue.message_tariff')
      .values({
        account_id: accountId,
        channel: 'whatsapp',
        unit,
        price_micros: input.messagePriceMicros ?? messagePrices[input.plan],
        effective_from: new Date(0),
      })
      .execute();
    await openLedger(trx, accountId, unit);
    await trx
      .insertInto('catalogue.account_pool')
      .values({ account_id: accountId, pool_id: input.poolId })
      .execute();
    await writeAudit(trx, {
      accountId,
      actor: 'administrator',
      action: 'account.created',
      subject: accountId,
    });
    for (const { key, signedOffBy } of input.packs) {
      await chooseRulePack(trx, { accountId, key, signedOffBy, actor: 'administrator' });
    }
    return accountId;
  });
}

export type ApiRole = 'account' | 'administrator';

/** Makes an API key. It is returned once; only its hash is kept. */
export async function createApiKey(
  app: Database,
  input: {
    readonly accountId: string;
    readonly label: string;
    readonly role: ApiRole;
    readonly key?: string;
  },
): Promise<string> {
  const key = input.key ?? `tandas_${randomBytes(24).toString('base64url')}`;
  await inAccount(app, input.accountId, async (trx) => {
    await trx
      .insertInto('catalogue.api_key')
      .values({
        account_id: input.accountId,
        key_hash: hashApiKey(key),
        label: input.label,
        role: input.role,
      })
      .onConflict((conflict) => conflict.column('key_hash').doNothing())
      .execute();
  });
  return key;
}

/** SHA-256, hex. Keys are 192 random bits, so no salt and no slow hash is needed. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Who presents this key; undefined when nobody does, or it was revoked. */
export async function findApiKey(
  app: Database,
  key: string,
): Promise<{ readonly accountId: string; readonly role: ApiRole; readonly label: string } | undefined> {
  const hash = hashApiKey(key);
  return app.transaction().execute(async (trx) => {
    await sql`select set_config('app.api_key_hash', ${hash}, true)`.execute(trx);
    const row = await trx
      .selectFrom('catalogue.api_key')
      .select(['account_id', 'role', 'label'])
      .where('key_hash', '=', hash)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    return row === undefined ? undefined : { accountId: row.account_id, role: row.role, label: row.label };
  });
}
