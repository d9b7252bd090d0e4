import { type Kysely, sql } from 'kysely';

/**
 * Who asked for another time: only a person's own wish waives the days of silence and the limit of a week. What was
 * waived for them stands with the attempt. Of what is stored already, a wish that was said in a call is the person's.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table operation.reschedule_request
      add column requested_by text not null default 'operator' check (requested_by in ('person', 'operator'))`.execute(
    db,
  );
  await sql`update operation.reschedule_request set requested_by = 'person' where source in ('call', 'result')`.execute(
    db,
  );
  await sql`alter table operation.attempt add column waived text[] not null default '{}'`.execute(db);
}
