import { type Kysely, sql } from 'kysely';

/** The outcome as it was reported to the contact, under the word that the code has for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operation.call rename column told to reported`.execute(db);
}
