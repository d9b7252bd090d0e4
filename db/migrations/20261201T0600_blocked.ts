import { type Kysely, sql } from 'kysely';

/**
 * Who asked for their data to be blocked (Ley 21.719) is reached by nobody while it is set: an instant, not a yes. Who was
 * written to and answered was reached directly (Colombia, Ley 2300 art. 3): the instant of the last answer, on the message.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table core.person add column blocked_at timestamptz`.execute(db);
  await sql`alter table core.person_message add column answered_at timestamptz`.execute(db);
}
