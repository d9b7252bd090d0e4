import { hashKey, insertAccount, insertTariffs, insertAccountPool } from './queries.ts';
import type { ApiRole } from './rules/permissions.ts';
import { randomUUID } from 'node:crypto';
import { type Database, inAccount } from '../../db/client.ts';
import { newKey, prefixOf } from './keys.ts';
import { insertKey } from './queries-keys.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { openLedger } from '../billing/queries-ledger.ts';
import type { AccountKind } from '../../db/schema/columns.ts';
import type { Plan } from '../../db/schema/schema.ts';
import { chooseRulePack } from '../policy/rule-packs.ts';

export interface NewAccount {
  readonly slug: string;
  readonly name: string;
  /** Default: a customer's. */
  readonly kind?: AccountKind;
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
    await insertAccount(trx, accountId, { ...input, kind: input.kind ?? 'customer' });
    const unit = input.plan === 'minutes_based' ? 'SEC' : 'USD';
    await insertTariffs(trx, {
      accountId,
      plan: input.plan,
      unit,
      rateMicrosPerMinute: input.plan === 'credit_based' ? input.rateMicrosPerMinute : 0n,
      messagePriceMicros: input.messagePriceMicros ?? messagePrices[input.plan],
    });
    await openLedger(trx, accountId, unit);
    await insertAccountPool(trx, accountId, input.poolId);
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

/** An account's first API key. It is returned once; only its hash is kept. The same key again changes nothing. */
export async function createApiKey(
  app: Database,
  input: {
    readonly accountId: string;
    readonly label: string;
    readonly role: ApiRole;
    readonly key?: string;
  },
): Promise<string> {
  const key = input.key ?? newKey('api_key');
  const { accountId, label, role } = input;
  await inAccount(app, accountId, (trx) =>
    insertKey(trx, 'api_key', {
      accountId,
      hash: hashKey(key),
      prefix: prefixOf('api_key', key),
      label,
      role,
      scopes: null,
      networks: null,
      expiresAt: null,
    }),
  );
  return key;
}
