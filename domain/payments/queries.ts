import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { PaymentSource } from '../../db/schema/negotiation.ts';

export interface PaymentRow {
  readonly accountId: string;
  readonly personId: string;
  readonly externalId: string;
  readonly source: PaymentSource;
  readonly kind: 'payment' | 'reversal' | 'write_off';
  readonly reversesId: string | null;
  readonly amountMicros: bigint;
  readonly currency: string;
  readonly unallocatedMicros: bigint;
  readonly paidAt: Date;
  readonly reference: string | null;
}

/** Undefined when the account has a payment of this external id already. Waits for one that is just being recorded. */
export async function insertPayment(trx: Trx, row: PaymentRow): Promise<string | undefined> {
  const inserted = await trx
    .insertInto('core.payment')
    .values({
      account_id: row.accountId,
      person_id: row.personId,
      external_id: row.externalId,
      source: row.source,
      kind: row.kind,
      reverses_id: row.reversesId,
      amount_micros: row.amountMicros,
      currency: row.currency,
      unallocated_micros: row.unallocatedMicros,
      paid_at: row.paidAt,
      reference: row.reference,
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'external_id']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted?.id;
}

export interface StoredPayment {
  readonly id: string;
  readonly person_id: string;
  readonly external_id: string;
  readonly kind: 'payment' | 'reversal' | 'write_off';
  readonly reverses_id: string | null;
  readonly amount_micros: bigint;
  readonly unallocated_micros: bigint;
  readonly currency: string;
  readonly created_at: Date;
}

const stored = [
  'id',
  'person_id',
  'external_id',
  'kind',
  'reverses_id',
  'amount_micros',
  'unallocated_micros',
  'currency',
  'created_at',
] as const;

export async function findPayment(trx: Trx, externalId: string): Promise<StoredPayment | undefined> {
  return trx
    .selectFrom('core.payment')
    .select(stored)
    .where('external_id', '=', externalId)
    .executeTakeFirst();
}

/** The row that took a payment back. */
export async function reversalOf(trx: Trx, paymentId: string): Promise<StoredPayment | undefined> {
  return trx
    .selectFrom('core.payment')
    .select(stored)
    .where('reverses_id', '=', paymentId)
    .executeTakeFirst();
}

/** What was forgiven to the person since then and has not been taken back. */
export async function writeOffsSince(
  trx: Trx,
  personId: string,
  since: Date,
): Promise<readonly StoredPayment[]> {
  return trx
    .selectFrom('core.payment as w')
    .select(stored)
    .where('w.person_id', '=', personId)
    .where('w.kind', '=', 'write_off')
    .where('w.created_at', '>=', since)
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom('core.payment as r').select('r.id').whereRef('r.reverses_id', '=', 'w.id')),
      ),
    )
    .orderBy('w.created_at')
    .execute();
}

export interface AllocationRow {
  readonly debtId: string;
  /** Negative for a reversal. */
  readonly amountMicros: bigint;
}

export async function insertAllocations(
  trx: Trx,
  accountId: string,
  paymentId: string,
  allocations: readonly AllocationRow[],
): Promise<void> {
  if (allocations.length === 0) return;
  await trx
    .insertInto('core.payment_allocation')
    .values(
      allocations.map(({ debtId, amountMicros }) => ({
        account_id: accountId,
        payment_id: paymentId,
        debt_id: debtId,
        amount_micros: amountMicros,
      })),
    )
    .execute();
}

export async function allocationsOf(trx: Trx, paymentId: string): Promise<readonly AllocationRow[]> {
  const rows = await trx
    .selectFrom('core.payment_allocation')
    .select(['debt_id', sql<bigint>`amount_micros`.as('amount_micros')])
    .where('payment_id', '=', paymentId)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ debtId: row.debt_id, amountMicros: row.amount_micros }));
}
