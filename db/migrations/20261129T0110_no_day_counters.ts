import { type Kysely, sql } from 'kysely';

/**
 * The counters of a day and the last answer of a person go: attempts and calls say the same, read under the locks of
 * person and number. A policy that could not be worked with (a line's lease would end at NaN) cannot be stored.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop table core.person_day, core.phone_day, core.person_state`.execute(db);
  await sql`
    alter table catalogue.policy_version add constraint policy_version_is_whole check (
      coalesce(jsonb_typeof(definition -> 'ringMs') = 'number' and jsonb_typeof(definition -> 'maxCallMs') = 'number'
        and jsonb_typeof(definition -> 'maxAttempts') = 'number' and jsonb_typeof(definition -> 'callsPerDay') = 'number'
        and jsonb_typeof(definition -> 'groupSize') = 'number' and jsonb_typeof(definition -> 'maxDays') = 'number'
        and jsonb_typeof(definition -> 'noAnswerRetryMs') = 'number'
        and jsonb_typeof(definition -> 'technicalRetryMs') = 'number'
        and jsonb_typeof(definition -> 'silentDaysToExclude') = 'number'
        and jsonb_typeof(definition -> 'schedule') = 'object', false))`.execute(db);
}
