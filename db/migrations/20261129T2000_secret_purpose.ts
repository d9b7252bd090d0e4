import { type Kysely, sql } from 'kysely';

/** Under forced row-level security an owner who is no superuser would see no row, and fill nothing. */
const read = ['catalogue.secret', 'catalogue.channel', 'catalogue.mcp_server'];

/**
 * A secret is for one thing: what a channel holds is never presented to an address that the account typed. A tool's secret belongs to
 * the host that it was first named for.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of read)
    await sql`alter table ${sql.table(table)} no force row level security`.execute(db);
  await sql`
    alter table catalogue.secret
      add column purpose text not null default 'channel' check (purpose in ('channel', 'tool', 'inbound_webhook')),
      -- https://host:port of the MCP server that it is presented to. Null: named by none so far.
      add column bound_to text check (bound_to is null or purpose = 'tool')`.execute(db);
  await sql`update catalogue.secret set purpose = 'inbound_webhook' where name = 'inbound_webhook'`.execute(
    db,
  );
  // A channel's secret that an MCP server names as well stays the channel's: the server lacks one from now on, and says so.
  await sql`
    update catalogue.secret s set purpose = 'tool', bound_to = m.origin
      from (select distinct on (account_id, secret_name) account_id, secret_name, substring(url from '^https?://[^/?#]+') as origin
              from catalogue.mcp_server where secret_name is not null order by account_id, secret_name, created_at) m
     where m.account_id = s.account_id and m.secret_name = s.name and s.purpose = 'channel'
       and not exists (select from catalogue.channel c, jsonb_each_text(c.secrets) named
                        where c.account_id = s.account_id and named.value = s.name)`.execute(db);
  for (const table of read) await sql`alter table ${sql.table(table)} force row level security`.execute(db);
}
