import { type Kysely, sql } from 'kysely';

/** Rows that said of themselves whether they were rehearsed. Their account says it. */
const rows = [
  'core.batch',
  'core.agreement',
  'core.payment',
  'core.person_message',
  'operation.attempt',
  'operation.refusal',
  'operation.task',
  'operation.reschedule_request',
  'operation.message',
];

/** Under forced row-level security an owner who is no superuser would see no row, and fill nothing. */
const read = ['catalogue.account', 'core.batch', 'operation.rehearsal'];

/**
 * A rehearsal is an account: `kind` is the one place that says so. Row-level security keeps its rows apart; whoever reads
 * across accounts asks the kind.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of read)
    await sql`alter table ${sql.table(table)} no force row level security`.execute(db);
  await sql`
    alter table catalogue.account add column kind text not null default 'customer'
      check (kind in ('customer', 'rehearsal', 'demo'))`.execute(db);
  await sql`
    update catalogue.account a set kind = 'rehearsal'
     where exists (select from operation.rehearsal r where r.rehearsal_account_id = a.id)
        or (exists (select from core.batch b where b.account_id = a.id)
            and not exists (select from core.batch b where b.account_id = a.id and b.realm = 'live'))`.execute(
    db,
  );
  await sql`update catalogue.account set kind = 'demo' where slug = 'demo' and kind = 'customer'`.execute(db);
  for (const table of read) await sql`alter table ${sql.table(table)} force row level security`.execute(db);

  await sql`drop view core.current_debt`.execute(db);
  for (const table of rows) await sql`alter table ${sql.table(table)} drop column realm`.execute(db);
  // The indexes and the key that held the column, without it.
  await sql`create unique index batch_import on core.batch (import_id)`.execute(db);
  await sql`alter table core.payment add unique (account_id, external_id)`.execute(db);
  await sql`create index person_message_person on core.person_message (account_id, person_id, counted_at)`.execute(
    db,
  );
  await sql`
    create view core.current_debt with (security_invoker = true) as
    select r.id, r.account_id, r.person_id, r.contact_id, r.creditor_id, r.currency, r.reference, r.due_date,
           r.amount_micros,
           r.amount_micros - coalesce((select sum(a.amount_micros) from core.payment_allocation a
                                        where a.debt_id = r.id), 0)::bigint as balance_micros
      from (select d.*, first_value(d.contact_id) over (
                     partition by d.account_id, d.person_id, d.creditor_id, d.currency,
                                  coalesce(d.reference, d.due_date::text, '')
                     order by d.created_at desc, d.contact_id) as newest_contact_id
              from core.debt d) r
     where r.contact_id = r.newest_contact_id`.execute(db);
  await sql`grant select on core.current_debt to tandas_app`.execute(db);

  // The seed is the rehearsal's own: its account reads it there.
  await sql`
    create policy rehearsed_account on operation.rehearsal for select to tandas_app
    using (rehearsal_account_id = (select core.current_account()))`.execute(db);
}
