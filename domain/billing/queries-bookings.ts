import type { Trx } from '../../db/client.ts';
import type { Unit } from '../../db/schema/schema.ts';
import { move, type Movement, openLedger } from './queries-ledger.ts';

/** What money from outside does to a balance. */
export type BookingKind = 'top_up' | 'grant' | 'refund' | 'dispute' | 'dispute_won' | 'adjust';

/**
 * Books what came in (above 0) or was taken back (below 0), once for each reference: `false`, and nothing moves, when it was
 * booked before. It may go into debt: that money is gone whether we book it or not.
 */
export async function book(trx: Trx, kind: BookingKind, movement: Movement): Promise<boolean> {
  await openLedger(trx, movement.accountId, movement.unit);
  return move(trx, movement, kind, 'funding_micros', 'available_micros');
}

/** What a reference of a kind booked to the account's free balance; undefined: nothing. */
export async function bookedUnder(
  trx: Trx,
  kind: BookingKind,
  reference: string,
): Promise<{ readonly available_micros: bigint; readonly unit: Unit } | undefined> {
  return trx
    .selectFrom('core.ledger_transaction')
    .select(['available_micros', 'unit'])
    .where('kind', '=', kind)
    .where('reference', '=', reference)
    .executeTakeFirst();
}

export interface LockedBalance {
  readonly availableMicros: bigint;
  /** What calls and messages have taken of it, ever. */
  readonly consumedMicros: bigint;
}

/** Locks a balance until the transaction ends: nothing is held, posted or booked meanwhile. */
export async function lockBalance(trx: Trx, accountId: string, unit: Unit): Promise<LockedBalance> {
  await openLedger(trx, accountId, unit);
  const row = await trx
    .selectFrom('core.ledger_account')
    .select(['available_micros', 'consumed_micros'])
    .where('account_id', '=', accountId)
    .where('unit', '=', unit)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  return { availableMicros: row.available_micros, consumedMicros: row.consumed_micros };
}

export interface Allotment {
  readonly accountId: string;
  /** What the period came with, in micro-seconds. */
  readonly allotmentMicros: bigint;
  /** What the account had consumed when the period began: a sum over its calls would hold the balance's lock for long. */
  readonly consumedBeforeMicros: bigint;
  /** Of the period: it ends once. */
  readonly reference: string;
}

/**
 * Takes back what is left of a period's minutes. Used before bought ones, so what calls have taken since the period began was
 * theirs; what is held stays, and comes back as minutes that are kept. Returns what went.
 */
export async function expireAllotment(
  trx: Trx,
  { accountId, allotmentMicros, consumedBeforeMicros, reference }: Allotment,
): Promise<bigint> {
  const { availableMicros, consumedMicros } = await lockBalance(trx, accountId, 'SEC');
  const left = leftOf(allotmentMicros, consumedMicros - consumedBeforeMicros, availableMicros);
  if (left === 0n) return 0n;
  const movement = { accountId, unit: 'SEC', amountMicros: -left, reference } as const;
  const isNew = await move(trx, movement, 'expire_allotment', 'funding_micros', 'available_micros');
  return isNew ? left : 0n;
}

/** The part of an allotment that nobody used, and that is free. */
export function leftOf(allotmentMicros: bigint, postedMicros: bigint, availableMicros: bigint): bigint {
  const unused = allotmentMicros - postedMicros;
  const least = unused < availableMicros ? unused : availableMicros;
  return least > 0n ? least : 0n;
}
