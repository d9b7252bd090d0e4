import { type Kysely, sql } from 'kysely';

/**
 * A month of an account is read by the instants of its transactions. They are written in their order, so a few bytes for
 * each hundred pages find them: an index with an entry a row would be paid for by every hold and every charge.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index ledger_transaction_in_time on core.ledger_transaction using brin (created_at) with (pages_per_range = 16)`.execute(
    db,
  );
}
