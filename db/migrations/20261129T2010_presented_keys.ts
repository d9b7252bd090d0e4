import { type Kysely, sql } from 'kysely';

/** What is presented as a bearer, and how it is looked up. */
const presented = [
  {
    table: 'api_key',
    setting: 'app.api_key_hash',
    look: 'present_api_key',
    column: 'key_hash',
    role: 'k.role',
  },
  {
    table: 'mcp_token',
    setting: 'app.mcp_token_hash',
    look: 'present_mcp_token',
    column: 'token_hash',
    role: `'account'::text`,
  },
];

/**
 * Keys and tokens are shown by their first characters, end by themselves, and say when they were used last. Looking one up is one
 * statement, so that whoever presents none of ours costs no transaction of several.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const { table, setting, look, column, role } of presented) {
    await sql`
      alter table ${sql.table(`catalogue.${table}`)}
        -- Enough to tell one from another, and nothing to guess the rest by. Empty: made before it was kept.
        add column prefix text not null default '',
        add column expires_at timestamptz,
        -- By the minute.
        add column last_used_at timestamptz`.execute(db);
    // Row-level security is that of whoever asks: the row shows itself to the one that has its hash.
    await sql`
      create function ${sql.raw(`catalogue.${look}`)}(hash text)
      returns table (id uuid, account_id uuid, role text, label text)
      language plpgsql volatile set search_path = pg_catalog as $$
      declare
        found_key record;
      begin
        perform set_config(${sql.lit(setting)}, hash, true);
        select k.id, k.account_id, ${sql.raw(role)} as role, k.label, k.last_used_at into found_key
          from ${sql.table(`catalogue.${table}`)} k
         where k.${sql.raw(column)} = hash and k.revoked_at is null
           and (k.expires_at is null or k.expires_at > clock_timestamp());
        if found_key.id is null then
          return;
        end if;
        if found_key.last_used_at is null or found_key.last_used_at < clock_timestamp() - interval '1 minute' then
          perform set_config('app.account_id', found_key.account_id::text, true);
          update ${sql.table(`catalogue.${table}`)} k set last_used_at = clock_timestamp() where k.id = found_key.id;
        end if;
        return query select found_key.id, found_key.account_id, found_key.role, found_key.label;
      end $$`.execute(db);
    await sql`revoke all on function ${sql.raw(`catalogue.${look}`)}(text) from public`.execute(db);
    await sql`grant execute on function ${sql.raw(`catalogue.${look}`)}(text) to tandas_app`.execute(db);
  }
}
