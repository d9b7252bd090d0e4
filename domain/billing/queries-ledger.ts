import { type CompiledQuery, sql } from 'kysely';
import { lastTogether, type Trx } from '../../db/client.ts';
import type { LedgerKind } from '../../db/schema/columns.ts';
import type { HoldState, Plan, Unit } from '../../db/schema/schema.ts';
import { correctBudget, type HoldFor, settleBatchBudgetQuery, settleBudgetQuery } from './queries-budgets.ts';

/**
 * Double-entry ledger in integer micro-units of a unit (USD, or SEC: seconds of an allotment). Four amounts an
 * account and unit: funding (the outside world, negative), available, held and consumed. A balance is one row and so is a
 * transaction, and the four of each sum to zero, by a check of the row.
 */

export interface Tariff {
  readonly plan: Plan;
  readonly unit: Unit;
  readonly rateMicrosPerMinute: bigint;
}

export interface HoldRequest extends Tariff {
  readonly accountId: string;
  /** What it is for: the idempotency key. A line request's id or, with `isMessage`, a message's. */
  readonly requestId: string;
  readonly isMessage?: boolean;
  readonly amountMicros: bigint;
}

export type Resolution = 'done' | 'already_posted' | 'already_voided' | 'already_expired';

const microsPerUnit = 1_000_000n;

/** What a call of that length costs under a tariff, in micro-units, rounded up. `unlimited` takes nothing. */
export function chargeMicros(tariff: Tariff, seconds: number): bigint {
  const whole = BigInt(Math.ceil(seconds));
  switch (tariff.plan) {
    case 'unlimited':
      return 0n;
    case 'minutes_based':
      return whole * microsPerUnit;
    case 'credit_based':
      return (whole * tariff.rateMicrosPerMinute + 59n) / 60n;
    default: {
      const unreachable: never = tariff.plan;
      return unreachable;
    }
  }
}

/** The tariff in force for an account at an instant. Throws when it has none: a call without a price is not made. */
export async function tariffAt(trx: Trx, accountId: string, at: Date): Promise<Tariff> {
  const row = await trx
    .selectFrom('catalogue.tariff')
    .select(['plan', 'unit', 'rate_micros_per_minute'])
    .where('account_id', '=', accountId)
    .where('effective_from', '<=', at)
    .orderBy('effective_from', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) throw new Error(`account ${accountId} has no tariff at ${at.toISOString()}`);
  return { plan: row.plan, unit: row.unit, rateMicrosPerMinute: row.rate_micros_per_minute };
}

/** Makes the balance of a unit. Harmless when it is there. */
export async function openLedger(trx: Trx, accountId: string, unit: Unit): Promise<void> {
  await trx
    .insertInto('core.ledger_account')
    .values({ account_id: accountId, unit })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What an account may still hold. 0 before its first top-up. */
export async function availableMicros(trx: Trx, accountId: string, unit: Unit): Promise<bigint> {
  const row = await trx
    .selectFrom('core.ledger_account')
    .select('available_micros')
    .where('account_id', '=', accountId)
    .where('unit', '=', unit)
    .executeTakeFirst();
  return row?.available_micros ?? 0n;
}

export interface Movement {
  readonly accountId: string;
  readonly unit: Unit;
  readonly amountMicros: bigint;
  /** With the kind of transaction, the idempotency key. */
  readonly reference: string;
}

export interface Correction extends Movement {
  /** What it corrects: the budget of its batch is corrected too. */
  readonly hold?: { readonly id: string; readonly purpose: HoldFor };
}

/** Moves money in. A repeated reference is the same top-up: `false`, and nothing moves. */
export async function topUp(trx: Trx, input: Movement): Promise<boolean> {
  await openLedger(trx, input.accountId, input.unit);
  return move(trx, input, 'top_up', 'funding_micros', 'available_micros');
}

/**
 * Holds the worst case of one call or one message. Undefined when the account has less than that: a hold never goes into debt.
 * Returns the hold's id; for a repeated request, the id that it got the first time.
 */
export async function hold(trx: Trx, request: HoldRequest): Promise<string | undefined> {
  const { accountId, requestId, unit, amountMicros } = request;
  const purpose = request.isMessage === true ? sql.ref('message_id') : sql.ref('request_id');
  const amount = sql`${amountMicros}::bigint`;
  // One statement: each round trip that the balance is locked for is one that the account's next call waits. The
  // condition is in the update: of thirty calls that want the last cent, one gets it. What costs nothing is not for an
  // account in debt either: its money was taken back.
  const { rows } = await sql<{ id: string }>`
    with before as materialized (
      select id from core.ledger_hold where ${purpose} = ${requestId}
    ), works as materialized (
      select from catalogue.account where id = ${accountId} and suspended_for is null
    ), taken as (
      update core.ledger_account
         set available_micros = available_micros - ${amount}, held_micros = held_micros + ${amount}
       where account_id = ${accountId} and unit = ${unit}
         and ${amount} > 0 and available_micros >= ${amount} and not exists (select from before)
         and exists (select from works)
      returning account_id
    ), made as (
      insert into core.ledger_hold (account_id, ${purpose}, unit, plan, rate_micros_per_minute, amount_micros)
      select ${accountId}, ${requestId}, ${unit}, ${request.plan}, ${request.rateMicrosPerMinute}, ${amount}
       where exists (select from taken)
          or (${amount} = 0 and not exists (select from before) and exists (select from works)
              and not exists (select from core.ledger_account
                               where account_id = ${accountId} and unit = ${unit} and available_micros < 0))
      returning id
    ), written as (
      insert into core.ledger_transaction (account_id, unit, kind, reference, available_micros, held_micros)
      select ${accountId}, ${unit}, 'hold', id::text, -${amount}, ${amount} from made
    )
    select id from before union all select id from made`.execute(trx);
  return rows[0]?.id;
}

/** Posts what a call really took, and gives the rest back. More than was held goes into debt: the call has happened. */
export async function postHold(
  trx: Trx,
  holdId: string,
  actualMicros: bigint,
  purpose: HoldFor = 'line',
): Promise<Resolution> {
  return resolve(trx, { holdId, purpose }, 'posted', actualMicros);
}

/** The same as the last thing of the transaction: its commit comes along, so that the account's next call waits no round trip more. */
export async function postHoldLast(
  trx: Trx,
  hold: { readonly holdId: string; readonly batchId: string },
  actualMicros: bigint,
): Promise<Resolution> {
  const { holdId } = hold;
  const first = resolveQuery(trx, holdId, 'posted', actualMicros);
  const [rows] = await lastTogether(trx, first, settleBatchBudgetQuery(trx, hold));
  return resolutionOf(holdId, rows);
}

/** Gives a hold back whole: the call was not made (`voided`) or is known not to have been (`expired`). */
export async function releaseHold(
  trx: Trx,
  holdId: string,
  state: 'voided' | 'expired',
  purpose: HoldFor = 'line',
): Promise<Resolution> {
  return resolve(trx, { holdId, purpose }, state, 0n);
}

/** Charges (or gives back, when negative) a difference that became known after the hold was resolved. */
export async function trueUp(trx: Trx, input: Correction): Promise<boolean> {
  const isNew = await move(trx, input, 'true_up', 'available_micros', 'consumed_micros');
  if (isNew && input.hold !== undefined) await correctBudget(trx, input.hold, input.amountMicros);
  return isNew;
}

async function resolve(
  trx: Trx,
  { holdId, purpose }: { readonly holdId: string; readonly purpose: HoldFor },
  state: 'posted' | 'voided' | 'expired',
  actualMicros: bigint,
): Promise<Resolution> {
  const { rows } = await trx.executeQuery(resolveQuery(trx, holdId, state, actualMicros));
  const resolution = resolutionOf(holdId, rows);
  if (resolution === 'done') await trx.executeQuery(settleBudgetQuery(trx, holdId, purpose));
  return resolution;
}

interface Resolved {
  readonly was: HoldState;
}

function resolveQuery(
  trx: Trx,
  holdId: string,
  state: 'posted' | 'voided' | 'expired',
  actualMicros: bigint,
): CompiledQuery<Resolved> {
  const kind = ({ posted: 'post', voided: 'void', expired: 'expire' } as const)[state];
  const actual = sql`${actualMicros}::bigint`;
  // One statement, as for holds. Found behind the hold's lock: of two that resolve it, the second sees what the first has
  // made of it. The transaction is written behind the balance's lock, which its place among the others stands for.
  return sql<Resolved>`
    with found as materialized (
      select id, state from core.ledger_hold where id = ${holdId} for no key update
    ), resolved as (
      update core.ledger_hold h
         set state = ${state}, posted_micros = ${state === 'posted' ? actualMicros : null},
             resolved_at = clock_timestamp()
        from found f
       where h.id = f.id and f.state = 'pending'
      returning h.id, h.account_id, h.unit, h.amount_micros
    ), moved as (
      update core.ledger_account l
         set available_micros = l.available_micros + r.amount_micros - ${actual},
             held_micros = l.held_micros - r.amount_micros, consumed_micros = l.consumed_micros + ${actual}
        from resolved r
       where l.account_id = r.account_id and l.unit = r.unit and (r.amount_micros > 0 or ${actual} > 0)
      returning l.account_id
    ), written as (
      insert into core.ledger_transaction (account_id, unit, kind, reference, available_micros, held_micros,
                                           consumed_micros)
      select r.account_id, r.unit, ${kind}, r.id::text, r.amount_micros - ${actual}, -r.amount_micros, ${actual}
        from resolved r cross join (select count(*) from moved) as behind
    )
    select state as was from found`.compile(trx);
}

function resolutionOf(holdId: string, [hold]: readonly Resolved[]): Resolution {
  if (hold === undefined) throw new Error(`hold ${holdId} cannot be resolved by this role`);
  return hold.was === 'pending' ? 'done' : `already_${hold.was}`;
}

type Amount = 'funding_micros' | 'available_micros' | 'consumed_micros';

/** Moves an amount from one of the four to another, once for each reference. False when that has been done before. */
export async function move(
  trx: Trx,
  { accountId, unit, amountMicros, reference }: Movement,
  kind: LedgerKind,
  from: Amount,
  to: Amount,
): Promise<boolean> {
  const amount = sql`${amountMicros}::bigint`;
  const { rows } = await sql<{ found: boolean; written: boolean }>`
    with locked as materialized (
      select account_id, unit from core.ledger_account
       where account_id = ${accountId} and unit = ${unit} for no key update
    ), written as (
      insert into core.ledger_transaction (account_id, unit, kind, reference, ${sql.ref(from)}, ${sql.ref(to)})
      select account_id, unit, ${kind}, ${reference}, -${amount}, ${amount} from locked
          on conflict (account_id, kind, reference) do nothing
      returning account_id, unit
    ), moved as (
      update core.ledger_account l
         set ${sql.ref(from)} = l.${sql.ref(from)} - ${amount}, ${sql.ref(to)} = l.${sql.ref(to)} + ${amount}
        from written w
       where l.account_id = w.account_id and l.unit = w.unit
    )
    select exists (select from locked) as found, exists (select from written) as written`.execute(trx);
  const [row] = rows;
  if (row?.found !== true) throw new Error(`account ${accountId} has no balance in ${unit}`);
  return row.written;
}
