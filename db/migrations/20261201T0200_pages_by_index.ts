import { type Kysely, sql } from 'kysely';

/**
 * Every list is walked from page to page by an index that has its whole order, the id with it: the rows before a page are
 * not read, and those of one instant are not sorted.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index core.batch_account`.execute(db);
  await sql`create index batch_newest on core.batch (account_id, created_at, id)`.execute(db);
  await sql`create index webhook_delivery_newest on operation.webhook_delivery (account_id, created_at, id)`.execute(
    db,
  );
  await sql`drop index operation.webhook_delivery_state`.execute(db);
  await sql`
    create index webhook_delivery_state on operation.webhook_delivery (account_id, state, created_at, id)`.execute(
    db,
  );
  await sql`create index task_oldest on operation.task (account_id, opened_at, id)`.execute(db);
  await sql`create index task_state on operation.task (account_id, state, opened_at, id)`.execute(db);
}
