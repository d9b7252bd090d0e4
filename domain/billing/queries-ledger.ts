import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { HoldState, LedgerKind, Plan, Unit } from '../../db/schema/schema.ts';

/**
 * Double-entry ledger in integer micro-units of a unit (USD, or SEC: seconds of an allotment). Four accounts a
 * customer and unit: funding (the outside world, negative), available, held and consumed; they sum to zero.
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

/**
 * Makes the four ledger accounts of a unit. Harmless when they are there; but it waits for whoever changes a balance,
 * so it stays out of holds and settlements.
 */
export async function openLedger(trx: Trx, accountId: string, unit: Unit): Promise<void> {
  await trx
    .insertInto('core.ledger_account')
    .values(
      (['available', 'consumed', 'funding', 'held'] as const).map((kind) => ({
        account_id: accountId,
        unit,
        kind,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What an account may still hold. 0 before its first top-up. */
export async function availableMicros(trx: Trx, accountId: string, unit: Unit): Promise<bigint> {
  const row = await trx
    .selectFrom('core.ledger_account')
    .select('balance_micros')
    .where('account_id', '=', accountId)
    .where('unit', '=', unit)
    .where('kind', '=', 'available')
    .executeTakeFirst();
  return row?.balance_micros ?? 0n;
}

/** Moves money in. A repeated reference is the same top-up: `false`, and nothing moves. */
export async function topUp(
  trx: Trx,
  input: {
    readonly accountId: string;
    readonly unit: Unit;
    readonly amountMicros: bigint;
    readonly reference: string;
  },
): Promise<boolean> {
  await openLedger(trx, input.accountId, input.unit);
  return post(trx, input.accountId, 'top_up', input.reference, input.unit, {
    available: input.amountMicros,
    funding: -input.amountMicros,
  });
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
  // condition is in the update: of thirty calls that want the last cent, one gets it.
  const { rows } = await sql<{ id: string }>`
    with before as materialized (
      select id from core.ledger_hold where ${purpose} = ${requestId}
    ), taken as (
      update core.ledger_account set balance_micros = balance_micros - ${amount}
       where account_id = ${accountId} and unit = ${unit} and kind = 'available'
         and ${amount} > 0 and balance_micros >= ${amount} and not exists (select from before)
      returning account_id
    ), held as (
      update core.ledger_account set balance_micros = balance_micros + ${amount}
       where account_id = ${accountId} and unit = ${unit} and kind = 'held' and exists (select from taken)
    ), made as (
      insert into core.ledger_hold (account_id, ${purpose}, unit, plan, rate_micros_per_minute, amount_micros)
      select ${accountId}, ${requestId}, ${unit}, ${request.plan}, ${request.rateMicrosPerMinute}, ${amount}
       where exists (select from taken) or (${amount} = 0 and not exists (select from before))
      returning id
    ), written as (
      insert into core.ledger_transaction (account_id, kind, reference)
      select ${accountId}, 'hold', id::text from made
      returning id
    ), entries as (
      insert into core.ledger_entry (account_id, transaction_id, unit, kind, amount_micros)
      select ${accountId}, written.id, ${unit}, e.kind, e.sign * ${amount}
        from written cross join (values ('available', -1), ('held', 1)) as e (kind, sign)
       where ${amount} > 0
    )
    select id from before union all select id from made`.execute(trx);
  return rows[0]?.id;
}

/** Posts what a call really took, and gives the rest back. More than was held goes into debt: the call has happened. */
export async function postHold(trx: Trx, holdId: string, actualMicros: bigint): Promise<Resolution> {
  return resolve(trx, holdId, 'posted', actualMicros);
}

/** Gives a hold back whole: the call was not made (`voided`) or is known not to have been (`expired`). */
export async function releaseHold(
  trx: Trx,
  holdId: string,
  state: 'voided' | 'expired',
): Promise<Resolution> {
  return resolve(trx, holdId, state, 0n);
}

/** Charges (or gives back, when negative) a difference that became known after the hold was resolved. */
export async function trueUp(
  trx: Trx,
  input: {
    readonly accountId: string;
    readonly unit: Unit;
    readonly amountMicros: bigint;
    readonly reference: string;
  },
): Promise<boolean> {
  return post(trx, input.accountId, 'true_up', input.reference, input.unit, {
    available: -input.amountMicros,
    consumed: input.amountMicros,
  });
}

async function resolve(
  trx: Trx,
  holdId: string,
  state: 'posted' | 'voided' | 'expired',
  actualMicros: bigint,
): Promise<Resolution> {
  const kind = ({ posted: 'post', voided: 'void', expired: 'expire' } as const)[state];
  const actual = sql`${actualMicros}::bigint`;
  // One statement, as for holds. Balances are locked in one order, that of their kinds: two transactions that lock the
  // same rows in different orders end in a deadlock. Found behind the hold's lock: of two that resolve it, the second sees
  // what the first has made of it.
  const { rows } = await sql<{ was: HoldState }>`
    with found as materialized (
      select id, state from core.ledger_hold where id = ${holdId} for no key update
    ), resolved as (
      update core.ledger_hold h
         set state = ${state}, posted_micros = ${state === 'posted' ? actualMicros : null},
             resolved_at = clock_timestamp()
        from found f
       where h.id = f.id and f.state = 'pending'
      returning h.id, h.account_id, h.unit, h.amount_micros
    ), written as (
      insert into core.ledger_transaction (account_id, kind, reference)
      select account_id, ${kind}, id::text from resolved
      returning id
    ), movement as materialized (
      select r.account_id, r.unit, w.id as transaction_id, m.kind, m.amount
        from resolved r cross join written w
       cross join lateral (values ('available', r.amount_micros - ${actual}), ('consumed', ${actual}),
                                  ('held', -r.amount_micros)) as m (kind, amount)
       where m.amount <> 0
    ), locked as materialized (
      select l.account_id, l.unit, l.kind, m.amount
        from core.ledger_account l join movement m using (account_id, unit, kind)
       order by l.kind for no key update of l
    ), moved as (
      update core.ledger_account l set balance_micros = l.balance_micros + k.amount
        from locked k
       where l.account_id = k.account_id and l.unit = k.unit and l.kind = k.kind
    ), entries as (
      insert into core.ledger_entry (account_id, transaction_id, unit, kind, amount_micros)
      select account_id, transaction_id, unit, kind, amount from movement
    )
    select state as was from found`.execute(trx);
  const [hold] = rows;
  if (hold === undefined) throw new Error(`hold ${holdId} cannot be resolved by this role`);
  return hold.was === 'pending' ? 'done' : `already_${hold.was}`;
}

type Movement = Partial<Record<LedgerKind, bigint>>;
type TransactionKind = 'top_up' | 'hold' | 'post' | 'void' | 'expire' | 'true_up';

async function post(
  trx: Trx,
  accountId: string,
  kind: TransactionKind,
  reference: string,
  unit: Unit,
  movement: Movement,
): Promise<boolean> {
  const written = await write(trx, accountId, kind, reference, unit, movement);
  if (written) await move(trx, accountId, unit, movement);
  return written;
}

/** The append-only record. False when this transaction is already there. */
async function write(
  trx: Trx,
  accountId: string,
  kind: TransactionKind,
  reference: string,
  unit: Unit,
  movement: Movement,
): Promise<boolean> {
  const made = await trx
    .insertInto('core.ledger_transaction')
    .values({ account_id: accountId, kind, reference })
    .onConflict((conflict) => conflict.columns(['account_id', 'kind', 'reference']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (made === undefined) return false;
  const entries = inOrder(movement).map(([entryKind, amount]) => ({
    account_id: accountId,
    transaction_id: made.id,
    unit,
    kind: entryKind,
    amount_micros: amount,
  }));
  if (entries.length > 0) await trx.insertInto('core.ledger_entry').values(entries).execute();
  return true;
}

async function move(trx: Trx, accountId: string, unit: Unit, movement: Movement): Promise<void> {
  for (const [kind, amount] of inOrder(movement)) {
    await trx
      .updateTable('core.ledger_account')
      .set((eb) => ({ balance_micros: eb('balance_micros', '+', amount) }))
      .where('account_id', '=', accountId)
      .where('unit', '=', unit)
      .where('kind', '=', kind)
      .execute();
  }
}

/** Always in one order: two transactions that lock the same rows in different orders end in a deadlock. */
function inOrder(movement: Movement): readonly (readonly [LedgerKind, bigint])[] {
  return (['available', 'consumed', 'funding', 'held'] as const).flatMap((kind) => {
    const amount = movement[kind];
    return amount === undefined || amount === 0n ? [] : [[kind, amount] as const];
  });
}
