import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { LedgerKind } from '../../db/schema/columns.ts';
import type { Unit } from '../../db/schema/schema.ts';

export interface LedgerRow {
  readonly id: string;
  readonly unit: Unit;
  readonly kind: LedgerKind;
  readonly reference: string;
  readonly available_micros: bigint;
  readonly held_micros: bigint;
  readonly consumed_micros: bigint;
  readonly created_at: Date;
}

/** What has moved, newest first: in the order of its numbers, which is the order in which it happened. */
export async function listLedger(
  trx: Trx,
  page: { readonly kind: LedgerKind | undefined; readonly after: string | undefined; readonly limit: number },
): Promise<readonly LedgerRow[]> {
  let query = trx
    .selectFrom('core.ledger_transaction')
    .select((eb) => [
      eb.cast<string>('id', 'text').as('id'),
      'unit',
      'kind',
      'reference',
      'available_micros',
      'held_micros',
      'consumed_micros',
      'created_at',
    ]);
  if (page.kind !== undefined) query = query.where('kind', '=', page.kind);
  if (page.after !== undefined) query = query.where('id', '<', BigInt(page.after));
  return query.orderBy('core.ledger_transaction.id', 'desc').limit(page.limit).execute();
}

/** From the first instant of a month to the first one of the next. */
export interface Span {
  readonly from: Date;
  readonly until: Date;
}

export interface UnitTotals {
  readonly unit: Unit;
  /** What the customer had: free and held, when the month began. */
  readonly opening_micros: bigint;
  readonly topped_up_micros: bigint;
  /** Minutes that periods of a plan came with, and those of them that nobody used. */
  readonly granted_micros: bigint;
  readonly expired_micros: bigint;
  /** Of money that was refunded or is disputed; what was won again is off it. */
  readonly taken_back_micros: bigint;
  /** By hand; below 0: taken. */
  readonly adjusted_micros: bigint;
  readonly charged_micros: bigint;
  /** What later figures of a provider changed. Positive: charged on top. */
  readonly corrected_micros: bigint;
  readonly closing_micros: bigint;
  /** The last of the account's transactions that these sums have seen; null: there is none since the month began. */
  readonly last_id: bigint | null;
  /** Of the closing balance, held for calls and messages under way. */
  readonly held_micros: bigint;
}

const within = ({ from, until }: Span): RawBuilder<boolean> =>
  sql<boolean>`t.created_at >= ${from} and t.created_at < ${until}`;

/**
 * No further than the sums of the totals: a charge between two statements of one reading would be in the rows and not in the sums.
 * Numbers of one balance are given behind its lock, so all below one that is seen are there.
 */
export interface SeenSpan extends Span {
  readonly lastId: bigint;
}

/**
 * The balances of a month. The opening one is what is there now, less what has moved since: a sum over all that ever
 * happened would grow with the account.
 */
export async function readTotals(trx: Trx, span: Span): Promise<readonly UnitTotals[]> {
  const { rows } = await sql<UnitTotals>`
    with moved as (
      select t.unit, max(t.id) as last_id,
             coalesce(sum(t.available_micros + t.held_micros), 0) as since,
             coalesce(sum(t.available_micros + t.held_micros) filter (where t.created_at >= ${span.until}), 0) as after,
             coalesce(sum(t.held_micros) filter (where t.created_at >= ${span.until}), 0) as held_after,
             coalesce(sum(t.available_micros) filter (where t.kind = 'top_up' and ${within(span)}), 0) as topped_up,
             coalesce(sum(t.available_micros) filter (where t.kind = 'grant' and ${within(span)}), 0) as granted,
             coalesce(-sum(t.available_micros) filter (where t.kind = 'expire_allotment' and ${within(span)}), 0) as expired,
             coalesce(-sum(t.available_micros)
                      filter (where t.kind in ('refund', 'dispute', 'dispute_won') and ${within(span)}), 0) as taken_back,
             coalesce(sum(t.available_micros) filter (where t.kind = 'adjust' and ${within(span)}), 0) as adjusted,
             coalesce(sum(t.consumed_micros) filter (where t.kind <> 'true_up' and ${within(span)}), 0) as charged,
             coalesce(sum(t.consumed_micros) filter (where t.kind = 'true_up' and ${within(span)}), 0) as corrected
        from core.ledger_transaction t where t.created_at >= ${span.from} group by t.unit)
    select a.unit, m.last_id,
           (a.available_micros + a.held_micros - coalesce(m.since, 0))::bigint as opening_micros,
           coalesce(m.topped_up, 0)::bigint as topped_up_micros,
           coalesce(m.granted, 0)::bigint as granted_micros, coalesce(m.expired, 0)::bigint as expired_micros,
           coalesce(m.taken_back, 0)::bigint as taken_back_micros, coalesce(m.adjusted, 0)::bigint as adjusted_micros,
           coalesce(m.charged, 0)::bigint as charged_micros,
           coalesce(m.corrected, 0)::bigint as corrected_micros,
           (a.available_micros + a.held_micros - coalesce(m.after, 0))::bigint as closing_micros,
           (a.held_micros - coalesce(m.held_after, 0))::bigint as held_micros
      from core.ledger_account a left join moved m on m.unit = a.unit
     order by a.unit`.execute(trx);
  return rows;
}

export interface ChargeRow {
  /** By the clock of the account. */
  readonly day: string;
  readonly unit: Unit;
  readonly batch_id: string | null;
  readonly batch: string | null;
  readonly use_case: string | null;
  readonly calls: number;
  readonly messages: number;
  readonly charged_micros: bigint;
}

/** What was charged, by day, batch and unit. A charge belongs to the day on which it was booked. */
export async function readCharges(trx: Trx, span: SeenSpan, zone: string): Promise<readonly ChargeRow[]> {
  const { rows } = await sql<ChargeRow>`
    with charged as (
      select t.unit, t.created_at, t.consumed_micros, h.request_id, h.message_id
        from core.ledger_transaction t
        join core.ledger_hold h on h.account_id = t.account_id and h.id = t.reference::uuid
       where t.kind = 'post' and ${within(span)} and t.id <= ${span.lastId} and t.consumed_micros <> 0)
    select to_char(c.created_at at time zone ${zone}, 'YYYY-MM-DD') as day, c.unit,
           b.id as batch_id, b.name as batch, b.use_case,
           count(c.request_id)::int as calls, count(c.message_id)::int as messages,
           sum(c.consumed_micros)::bigint as charged_micros
      from charged c
      left join core.line_request r on r.id = c.request_id
      left join operation.message g on g.id = c.message_id
      left join core.batch b on b.id = coalesce(r.batch_id, g.batch_id)
     group by 1, 2, 3, 4, 5 order by 1, 4, 3, 2`.execute(trx);
  return rows;
}

/** Whatever moves a balance and is no call and no message. */
export type MovementKind = Exclude<LedgerKind, 'hold' | 'post' | 'void' | 'expire'>;

export interface MovementRow {
  readonly at: Date;
  readonly unit: Unit;
  readonly kind: MovementKind;
  readonly reference: string;
  /** Of a correction, what was charged on top; of all others, what the balance got, below 0 what it lost. */
  readonly amount_micros: bigint;
  /** The order that it is of; null: of none. */
  readonly order_id: string | null;
  readonly order_title: string | null;
  readonly order_total_micros: bigint | null;
  readonly order_currency: string | null;
}

/** Credits and corrections of a month, in their order; at most so many. */
export async function readMovements(
  trx: Trx,
  span: SeenSpan,
  limit: number,
): Promise<readonly MovementRow[]> {
  const { rows } = await sql<MovementRow>`
    select t.created_at as at, t.unit, t.kind, t.reference,
           (case t.kind when 'true_up' then t.consumed_micros else t.available_micros end)::bigint as amount_micros,
           o.id as order_id, o.title as order_title, o.charge_micros as order_total_micros,
           o.charge_currency as order_currency
      from core.ledger_transaction t
      left join core.payment_order o
        on t.reference like 'order:%' and o.id = substring(t.reference from '^order:([0-9a-f-]{36}):[0-9]+$')::uuid
     where t.kind not in ('hold', 'post', 'void', 'expire') and ${within(span)} and t.id <= ${span.lastId}
     order by t.id limit ${limit}`.execute(trx);
  return rows;
}
