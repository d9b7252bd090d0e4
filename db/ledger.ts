import { sql } from 'kysely';
import type { Trx } from './client.ts';
import type { LedgerKind, Plan, Unit } from './schema.ts';

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
  const before = await trx
    .selectFrom('core.ledger_hold')
    .select('id')
    .where(request.isMessage === true ? 'message_id' : 'request_id', '=', request.requestId)
    .executeTakeFirst();
  if (before !== undefined) return before.id;
  if (request.amountMicros > 0n) {
    // The condition is in the update: of thirty calls that want the last cent, one gets it.
    const taken = await trx
      .updateTable('core.ledger_account')
      .set((eb) => ({ balance_micros: eb('balance_micros', '-', request.amountMicros) }))
      .where('account_id', '=', request.accountId)
      .where('unit', '=', request.unit)
      .where('kind', '=', 'available')
      .where('balance_micros', '>=', request.amountMicros)
      .executeTakeFirst();
    if (taken.numUpdatedRows === 0n) return undefined;
    await move(trx, request.accountId, request.unit, { held: request.amountMicros });
  }
  const { id } = await trx
    .insertInto('core.ledger_hold')
    .values({
      account_id: request.accountId,
      ...(request.isMessage === true ? { message_id: request.requestId } : { request_id: request.requestId }),
      unit: request.unit,
      plan: request.plan,
      rate_micros_per_minute: request.rateMicrosPerMinute,
      amount_micros: request.amountMicros,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await write(trx, request.accountId, 'hold', id, request.unit, {
    available: -request.amountMicros,
    held: request.amountMicros,
  });
  return id;
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
  const found = await trx
    .selectFrom('core.ledger_hold')
    .selectAll()
    .where('id', '=', holdId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  if (found.state !== 'pending') return `already_${found.state}`;
  await trx
    .updateTable('core.ledger_hold')
    .set({
      state,
      posted_micros: state === 'posted' ? actualMicros : null,
      resolved_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', holdId)
    .execute();
  const kind = ({ posted: 'post', voided: 'void', expired: 'expire' } as const)[state];
  await post(trx, found.account_id, kind, holdId, found.unit, {
    available: found.amount_micros - actualMicros,
    consumed: actualMicros,
    held: -found.amount_micros,
  });
  return 'done';
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
