import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { PaymentSource } from '../../db/schema/negotiation.ts';

export interface PaymentRow {
  readonly accountId: string;
  readonly personId: string;
  readonly externalId: string;
  readonly source: PaymentSource;
  readonly kind: 'payment' | 'reversal' | 'write_off';
  /** The payment or write-off that a reversal takes (a part of) back. */
  readonly reversesId: string | null;
  /** The one that this row books again, after it was taken back. */
  readonly restoresId: string | null;
  readonly agreementId: string | null;
  readonly amountMicros: bigint;
  readonly currency: string;
  readonly unallocatedMicros: bigint;
  readonly paidAt: Date;
  readonly reference: string | null;
}

/** Undefined when there is such a row already. Waits for one that is just being recorded. */
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
      restores_id: row.restoresId,
      agreement_id: row.agreementId,
      amount_micros: row.amountMicros,
      currency: row.currency,
      unallocated_micros: row.unallocatedMicros,
      paid_at: row.paidAt,
      reference: row.reference,
    })
    // By number, by agreement, or by what it corrects: see the unique indexes of the table.
    .onConflict((conflict) => conflict.doNothing())
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
  readonly restores_id: string | null;
  readonly agreement_id: string | null;
  readonly amount_micros: bigint;
  readonly unallocated_micros: bigint;
  readonly currency: string;
  readonly reference: string | null;
  readonly created_at: Date;
}

const stored = [
  'id',
  'person_id',
  'external_id',
  'kind',
  'reverses_id',
  'restores_id',
  'agreement_id',
  'amount_micros',
  'unallocated_micros',
  'currency',
  'reference',
  'created_at',
] as const;

/** The payment of a number. A reversal has a number of its own payment only, and what an agreement forgives has none. */
export async function findPayment(trx: Trx, externalId: string): Promise<StoredPayment | undefined> {
  return trx
    .selectFrom('core.payment')
    .select(stored)
    .where('external_id', '=', externalId)
    .where('kind', '=', 'payment')
    .where('restores_id', 'is', null)
    .executeTakeFirst();
}

/** Whether a person has a payment of an amount that some other file told of without saying when it was or which. */
export async function hasUndatedElsewhere(
  trx: Trx,
  {
    personId,
    amountMicros,
    undated,
    ofFile,
  }: {
    readonly personId: string;
    readonly amountMicros: bigint;
    /** How numbers of such payments begin, and those of the file at hand. */
    readonly undated: string;
    readonly ofFile: string;
  },
): Promise<boolean> {
  const row = await trx
    .selectFrom('core.payment')
    .select('id')
    .where('person_id', '=', personId)
    .where('source', '=', 'file')
    .where('kind', '=', 'payment')
    .where('amount_micros', '=', amountMicros)
    .where(sql<boolean>`starts_with(external_id, ${undated})`)
    .where(sql<boolean>`not starts_with(external_id, ${ofFile})`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Undefined when the account has none of this id. */
export async function findPaymentById(trx: Trx, id: string): Promise<StoredPayment | undefined> {
  return trx.selectFrom('core.payment').select(stored).where('id', '=', id).executeTakeFirst();
}

/** What an agreement forgave. */
export async function findWriteOff(trx: Trx, agreementId: string): Promise<StoredPayment | undefined> {
  return trx
    .selectFrom('core.payment')
    .select(stored)
    .where('agreement_id', '=', agreementId)
    .where('kind', '=', 'write_off')
    .where('restores_id', 'is', null)
    .executeTakeFirst();
}

/** What was taken back of a payment and booked again, in its order. */
export async function correctionsOf(trx: Trx, paymentId: string): Promise<readonly StoredPayment[]> {
  return trx
    .selectFrom('core.payment')
    .select(stored)
    .where(sql`coalesce(reverses_id, restores_id)`, '=', paymentId)
    .orderBy('created_at')
    .orderBy('id')
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

/** What stands of a payment on each debt, after all that corrected it, in the order in which it was spread. */
export async function standingAllocations(trx: Trx, paymentId: string): Promise<readonly AllocationRow[]> {
  const { rows } = await sql<{ debt_id: string; amount_micros: bigint }>`
    select a.debt_id, sum(a.amount_micros)::bigint as amount_micros
      from core.payment p join core.payment_allocation a on a.payment_id = p.id
     where p.id = ${paymentId} or coalesce(p.reverses_id, p.restores_id) = ${paymentId}
     group by a.debt_id having sum(a.amount_micros) <> 0
     order by min(a.id)`.execute(trx);
  return rows.map((row) => ({ debtId: row.debt_id, amountMicros: row.amount_micros }));
}
