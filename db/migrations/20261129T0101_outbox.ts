import { type Kysely, sql } from 'kysely';

/**
 * The outbox in lanes: a row is for one contact or one batch, and goes out when every earlier row of that one has. No foreign
 * keys: they would lock the contact's row for each message; a row whose receiver is gone becomes dead, with the reason.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table operation.outbox
      add column seq bigint generated always as identity,
      add column kind text not null default 'signal_with_start'
        check (kind in ('signal', 'signal_with_start', 'start')),
      add column contact_id uuid,
      add column batch_id uuid,
      add column leased_until timestamptz,
      add column dead_at timestamptz,
      alter column signal drop not null`.execute(db);
  await sql`
    update operation.outbox
       set contact_id = case when workflow_id like 'contact/%' then split_part(workflow_id, '/', 4)::uuid end,
           batch_id = case when workflow_id like 'batch/%' then split_part(workflow_id, '/', 2)::uuid end`.execute(
    db,
  );
  await sql`
    alter table operation.outbox
      drop column workflow_id,
      add check (num_nonnulls(contact_id, batch_id) = 1),
      add check ((kind = 'start') = (signal is null)),
      add check (delivered_at is null or dead_at is null)`.execute(db);
  await sql`drop index operation.outbox_due`.execute(db);
  await sql`
    create index outbox_due on operation.outbox (account_id, next_try_at, seq)
     where delivered_at is null and dead_at is null`.execute(db);
  await sql`
    create index outbox_lane on operation.outbox ((coalesce(contact_id, batch_id)), seq)
     where delivered_at is null and dead_at is null`.execute(db);
  await sql`create index outbox_dead on operation.outbox (dead_at) where dead_at is not null`.execute(db);
}
