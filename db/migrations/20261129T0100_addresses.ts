import { type Kysely, sql } from 'kysely';

/**
 * A batch's slug and a contact's number: what workflow ids are made of, so they are unique and never change. Queue entries and
 * messages name the contact, not its workflow.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table core.batch add column slug text check (slug ~ '^[a-z0-9-]{2,40}$')`.execute(db);
  await sql`
    update core.batch b set slug = n.day || '-' || n.place
      from (select id, to_char(created_at at time zone zone, 'YYYY-MM-DD') as day,
                   row_number() over (partition by account_id, (created_at at time zone zone)::date
                                          order by created_at, id) as place
              from core.batch) n
     where n.id = b.id`.execute(db);
  await sql`alter table core.batch alter column slug set not null, add unique (account_id, slug)`.execute(db);
  await sql`
    create function core.keep_slug() returns trigger language plpgsql as $$
    begin
      raise exception 'the slug of a % never changes: workflow ids are made of it', tg_table_name;
    end $$`.execute(db);
  for (const table of ['catalogue.account', 'core.batch'])
    await sql`
      create trigger slug_is_kept before update of slug on ${sql.table(table)}
      for each row when (old.slug is distinct from new.slug) execute function core.keep_slug()`.execute(db);
  await sql`drop index core.contact_list`.execute(db);
  await sql`create unique index contact_list on core.contact (account_id, batch_id, ordinal)`.execute(db);
  await sql`alter table core.line_request drop column workflow_id`.execute(db);
}
