import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { Plan, Unit } from '../../db/schema/schema.ts';

export interface PlanRow {
  readonly key: string;
  readonly version: number;
  readonly kind: Plan;
  readonly title: string;
  readonly price_micros: bigint;
  readonly price_is_least: boolean;
  readonly allotment_seconds: bigint;
  readonly rate_micros_per_minute: bigint;
  readonly setup_fee_micros: bigint;
}

const planColumns = sql`key, version, kind, title, price_micros, price_is_least, allotment_seconds,
                        rate_micros_per_minute, setup_fee_micros`;

/** The version in force of every plan, the cheapest first. */
export async function listPlans(trx: Trx, at: Date): Promise<readonly PlanRow[]> {
  const { rows } = await sql<PlanRow>`
    select * from (
      select distinct on (key) ${planColumns} from catalogue.plan_version
       where effective_from <= ${at} order by key, effective_from desc, version desc) p
     order by price_micros, key`.execute(trx);
  return rows;
}

export async function planAt(trx: Trx, key: string, at: Date): Promise<PlanRow | undefined> {
  const { rows } = await sql<PlanRow>`
    select ${planColumns} from catalogue.plan_version
     where key = ${key} and effective_from <= ${at} order by effective_from desc, version desc limit 1`.execute(
    trx,
  );
  return rows[0];
}

export async function planVersion(trx: Trx, key: string, version: number): Promise<PlanRow> {
  const { rows } = await sql<PlanRow>`
    select ${planColumns} from catalogue.plan_version where key = ${key} and version = ${version}`.execute(
    trx,
  );
  const [plan] = rows;
  if (plan === undefined) throw new Error(`there is no version ${version} of plan ${key}`);
  return plan;
}

export interface PackageRow {
  readonly key: string;
  readonly version: number;
  readonly title: string;
  readonly credit_micros: bigint;
  readonly credit_unit: Unit;
  readonly price_micros: bigint;
}

const packageColumns = sql`key, version, title, credit_micros, credit_unit, price_micros`;

/** The version in force of every package of a unit. */
export async function listPackages(trx: Trx, at: Date): Promise<readonly PackageRow[]> {
  const { rows } = await sql<PackageRow>`
    select * from (
      select distinct on (key) ${packageColumns} from catalogue.credit_package
       where effective_from <= ${at} order by key, effective_from desc, version desc) p
     order by credit_unit desc, price_micros`.execute(trx);
  return rows;
}

export async function packageAt(trx: Trx, key: string, at: Date): Promise<PackageRow | undefined> {
  const { rows } = await sql<PackageRow>`
    select ${packageColumns} from catalogue.credit_package
     where key = ${key} and effective_from <= ${at} order by effective_from desc, version desc limit 1`.execute(
    trx,
  );
  return rows[0];
}

export interface TaxRow {
  readonly title: string;
  readonly parts_per_million: number;
}

/** What is added to prices for accounts of a country; undefined: nothing. */
export async function taxAt(trx: Trx, country: string, at: Date): Promise<TaxRow | undefined> {
  return trx
    .selectFrom('catalogue.tax_rate')
    .select(['title', 'parts_per_million'])
    .where('country', '=', country)
    .where('effective_from', '<=', at)
    .orderBy('effective_from', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export interface RateRow {
  readonly currency: string;
  readonly per_usd_micros: bigint;
  readonly source: string;
  readonly set_at: Date;
}

/** The newest exchange rate of a currency. */
export async function newestRate(trx: Trx, currency: string): Promise<RateRow | undefined> {
  return trx
    .selectFrom('catalogue.exchange_rate')
    .select(['currency', 'per_usd_micros', 'source', 'set_at'])
    .where('currency', '=', currency)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export async function insertRate(
  trx: Trx,
  rate: {
    readonly currency: string;
    readonly perUsdMicros: bigint;
    readonly source: string;
    readonly setBy: string;
  },
): Promise<void> {
  await trx
    .insertInto('catalogue.exchange_rate')
    .values({
      currency: rate.currency,
      per_usd_micros: rate.perUsdMicros,
      source: rate.source,
      set_by: rate.setBy,
    })
    .execute();
}

/** From that instant on the account's calls cost what the plan says. */
export async function changeTariff(trx: Trx, accountId: string, plan: PlanRow, from: Date): Promise<void> {
  await trx
    .insertInto('catalogue.tariff')
    .values({
      account_id: accountId,
      plan: plan.kind,
      unit: plan.kind === 'minutes_based' ? 'SEC' : 'USD',
      rate_micros_per_minute: plan.rate_micros_per_minute,
      effective_from: from,
    })
    .execute();
  await trx.updateTable('catalogue.account').set({ plan: plan.kind }).where('id', '=', accountId).execute();
}

/** Nothing new is held for the account's calls and messages, or again. Returns whether that changed. */
export async function suspendAccount(
  trx: Trx,
  accountId: string,
  reason: 'subscription' | null,
): Promise<boolean> {
  const { rows } = await sql`
    update catalogue.account
       set suspended_for = ${reason}, suspended_at = case when ${reason}::text is null then null else clock_timestamp() end
     where id = ${accountId} and suspended_for is distinct from ${reason} returning id`.execute(trx);
  return rows.length > 0;
}
