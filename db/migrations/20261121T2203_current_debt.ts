import { type Kysely, sql } from 'kysely';

/**
 * Two rows of one file can be two debts though creditor, due date and reference are the same (an instalment of each of
 * two products, no reference column): all rows of the newest contact count, not one of them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace view core.current_debt with (security_invoker = true) as
    select r.id, r.account_id, r.person_id, r.realm, r.contact_id, r.creditor_id, r.currency, r.reference, r.due_date,
           r.amount_micros,
           r.amount_micros - coalesce((select sum(a.amount_micros) from core.payment_allocation a
                                        where a.debt_id = r.id), 0)::bigint as balance_micros
      from (select d.id, d.account_id, d.person_id, b.realm, d.contact_id, d.creditor_id, d.currency, d.reference,
                   d.due_date, d.amount_micros,
                   first_value(d.contact_id) over (
                     partition by d.account_id, d.person_id, b.realm, d.creditor_id, d.currency,
                                  coalesce(d.reference, d.due_date::text, '')
                     order by d.created_at desc, d.contact_id) as newest_contact_id
              from core.debt d
              join core.contact k on k.id = d.contact_id
              join core.batch b on b.id = k.batch_id) r
     where r.contact_id = r.newest_contact_id`.execute(db);
  // A payment is often told by the debt's own number, and nothing else.
  await sql`create index debt_reference on core.debt (account_id, reference) where reference is not null`.execute(
    db,
  );
}
