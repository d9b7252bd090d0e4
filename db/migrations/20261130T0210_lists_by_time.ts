import { type Kysely, sql } from 'kysely';

/** Payments, agreements and messages of an account are listed the newest first: pages of a list that anybody may walk to its end. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index payment_newest on core.payment (account_id, created_at, id)`.execute(db);
  // Of the numbers of corrections too; the unique ones are of payments alone.
  await sql`create index payment_by_number on core.payment (account_id, external_id)`.execute(db);
  await sql`create index agreement_newest on core.agreement (account_id, made_at, id)`.execute(db);
  await sql`create index agreement_state on core.agreement (account_id, state, made_at, id)`.execute(db);
  await sql`create index agreement_contact on core.agreement (account_id, contact_id, made_at)`.execute(db);
  await sql`create index message_newest on operation.message (account_id, at, id)`.execute(db);
}
