import { type Kysely, sql } from 'kysely';

/**
 * People of a file whose debts our record shows paid are not called: how many each import of a batch left out for that, and
 * what the operator said about them. Null: nothing, so only those are left out of whom it is certain.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table core.batch_import
      add column people_settled integer not null default 0 check (people_settled between 0 and people_taken),
      add column settled text check (settled in ('leave_out', 'call'))`.execute(db);
}
