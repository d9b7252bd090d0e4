import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** An agreement as far as money is asked about it. */
export interface PaidAgreement {
  readonly id: string;
}

/**
 * What has been paid of an agreement: what came in since it was made, in its currency, to the creditors that it is about.
 * Reversals are taken off, what was booked again counts, what was forgiven does not. By the instant at which we learned
 * of a payment: money of yesterday is not today's promise kept. (In a rehearsal that instant is the payment's own, and
 * what is dated later than `at` has not come in yet: rows are written in real time there, and the clock is not.)
 */
export async function paidSince(trx: Trx, { id }: PaidAgreement, at: Date): Promise<bigint> {
  const { rows } = await sql<{ paid: bigint }>`
    select ${paidTo(sql`(a.kind <> 'rehearsal' or r.paid_at <= ${at})`)} as paid
      from core.agreement g join catalogue.account a on a.id = g.account_id
     where g.id = ${id}`.execute(trx);
  return rows[0]?.paid ?? 0n;
}

export interface Discount {
  /** The write-off. */
  readonly id: string;
  /** All that was agreed has been paid, of the money that had come when the discount was given. */
  readonly isEarned: boolean;
}

/** What was forgiven to a person in a currency, each with whether it is still earned by what was paid for it. */
export async function discountsOf(
  trx: Trx,
  personId: string,
  currency: string,
): Promise<readonly Discount[]> {
  const { rows } = await sql<{ id: string; earned: boolean }>`
    select w.id, ${paidTo(sql`o.created_at <= w.created_at`)} >= g.total_micros as earned
      from core.payment w
      join core.agreement g on g.id = w.agreement_id
      join catalogue.account a on a.id = w.account_id
     where w.person_id = ${personId} and w.currency = ${currency} and w.kind = 'write_off' and w.restores_id is null
     order by w.created_at, w.id`.execute(trx);
  return rows.map((row) => ({ id: row.id, isEarned: row.earned }));
}

/** Of `g`, an agreement, and `a`, its account: `o` is the payment, `r` each row of it. */
function paidTo(within: RawBuilder<unknown>): RawBuilder<bigint> {
  return sql<bigint>`(
    select coalesce(sum(x.amount_micros), 0)::bigint
      from core.payment o
      join core.payment r on o.id = coalesce(r.reverses_id, r.restores_id, r.id)
      join core.payment_allocation x on x.payment_id = r.id
      join core.debt d on d.id = x.debt_id
     where o.person_id = g.person_id and r.person_id = g.person_id and o.currency = g.currency and o.kind = 'payment'
       and d.creditor_id in (select s.creditor_id from core.debt s where s.contact_id = g.contact_id)
       and case a.kind when 'rehearsal' then o.paid_at else o.created_at end >= g.made_at
       and ${within})`;
}
