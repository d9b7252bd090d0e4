import { type Kysely, sql } from 'kysely';

/** The provider's agents that an account may name in its negotiations, besides the one of its lines. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table catalogue.account add column agent_ids text[] not null default '{}'
      check (cardinality(agent_ids) <= 50)`.execute(db);
  await sql`grant update (agent_ids) on catalogue.account to tandas_app`.execute(db);
}
