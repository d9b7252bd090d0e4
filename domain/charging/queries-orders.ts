import { type Selectable, type Updateable, sql } from 'kysely';
import { type Database, type Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';
import type { PaymentOrderTable } from '../../db/schema/charging.ts';

export type OrderRow = Selectable<PaymentOrderTable>;
export type NewOrder = Pick<
  OrderRow,
  | 'account_id'
  | 'kind'
  | 'provider'
  | 'item_key'
  | 'item_version'
  | 'title'
  | 'price_micros'
  | 'credit_micros'
  | 'credit_unit'
  | 'charge_net_micros'
  | 'charge_tax_micros'
  | 'charge_micros'
  | 'charge_currency'
  | 'tax_parts_per_million'
  | 'quote_rate_micros'
  | 'payable_until'
  | 'credit_is_due'
  | 'ask_at'
  | 'created_by'
>;

/** One at a time: what an account's orders and its subscription are to each other is judged and written as one. */
export async function lockCharging(trx: Trx, accountId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`charging:${accountId}`}, 0))`.execute(trx);
}

export async function insertOrder(trx: Trx, order: NewOrder): Promise<OrderRow> {
  return trx
    .insertInto('core.payment_order')
    .values({ ...order, price_currency: 'USD' })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Of the transaction's account. */
export async function findOrder(trx: Trx, id: string): Promise<OrderRow | undefined> {
  return trx.selectFrom('core.payment_order').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The same, locked: nobody else books of it meanwhile. */
export async function lockOrder(trx: Trx, id: string): Promise<OrderRow | undefined> {
  return trx
    .selectFrom('core.payment_order')
    .selectAll()
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

export async function updateOrder(
  trx: Trx,
  id: string,
  change: Updateable<PaymentOrderTable>,
): Promise<void> {
  await trx.updateTable('core.payment_order').set(change).where('id', '=', id).execute();
}

/** The newest first. */
export async function listOrders(
  trx: Trx,
  page: { readonly hasProblem: boolean; readonly after: string | undefined; readonly limit: number },
): Promise<readonly OrderRow[]> {
  let query = trx.selectFrom('core.payment_order').selectAll();
  if (page.hasProblem) query = query.where('problem', 'is not', null);
  const { after } = page;
  if (after !== undefined) {
    query = query.where(
      isBehind({ table: 'core.payment_order', by: ['created_at', 'id'], order: 'desc', after }),
    );
  }
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(page.limit).execute();
}

/** Orders of a period that has not begun: those that wait to be paid, and those that were, the first paid first. */
export async function nextPeriods(
  trx: Trx,
  accountId: string,
): Promise<{ readonly open: readonly OrderRow[]; readonly paid: readonly OrderRow[] }> {
  const rows = await trx
    .selectFrom('core.payment_order')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('kind', '=', 'period')
    .where('credit_is_due', '=', false)
    .where('state', 'in', ['open', 'paid'])
    .orderBy('paid_at')
    .orderBy('created_at')
    .execute();
  return {
    open: rows.filter(({ state }) => state === 'open'),
    paid: rows.filter(({ state }) => state === 'paid'),
  };
}

/** Whether somebody said, since then, that the period which we ordered will not be paid. */
export async function wasDeclined(
  trx: Trx,
  accountId: string,
  { since, orderedBy }: { readonly since: Date; readonly orderedBy: string },
): Promise<boolean> {
  const row = await trx
    .selectFrom('core.payment_order')
    .select('id')
    .where('account_id', '=', accountId)
    .where('kind', '=', 'period')
    .where('state', '=', 'cancelled')
    .where('created_by', '=', orderedBy)
    .where('created_at', '>=', since)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How many orders of the account wait to be paid. */
export async function countOpen(trx: Trx, accountId: string): Promise<number> {
  const { n } = await trx
    .selectFrom('core.payment_order')
    .select((eb) => eb.fn.countAll<bigint>().as('n'))
    .where('account_id', '=', accountId)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  return Number(n);
}

export interface DueOrder {
  readonly id: string;
  readonly account_id: string;
  /** The number of this question: a later one's answer is newer. */
  readonly asks: bigint;
  /** Until when it is this asker's. */
  readonly ask_at: Date;
}

/** Orders whose provider is to be asked now, taken for some time: whoever dies with one leaves it to be due again. */
export async function takeDueOrders(
  system: Database,
  { limit, claimMs }: { readonly limit: number; readonly claimMs: number },
): Promise<readonly DueOrder[]> {
  const { rows } = await sql<DueOrder>`
    update core.payment_order o
       set asks = o.asks + 1, ask_at = date_trunc('milliseconds', clock_timestamp()) + ${claimMs} * interval '1 millisecond'
      from (
        select id from core.payment_order where ask_at <= clock_timestamp()
         order by ask_at limit ${limit} for update skip locked) due
     where o.id = due.id
    returning o.id, o.account_id, o.asks, o.ask_at`.execute(system);
  return rows;
}

/** Takes one order to be asked about at once, in whichever account: undefined, there is none of that provider. */
export async function wakeOrder(system: Database, id: string, provider: string): Promise<boolean> {
  const { rows } = await sql`
    update core.payment_order set ask_at = clock_timestamp() where id = ${id} and provider = ${provider}
    returning id`.execute(system);
  return rows.length > 0;
}
