import { type Kysely, sql } from 'kysely';

/** A key may be given less than its account has, and open from some networks only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table catalogue.api_key
      -- Null: all that its role holds.
      add column scopes text[] check (cardinality(scopes) > 0),
      -- Null: from anywhere.
      add column networks cidr[] check (cardinality(networks) between 1 and 20)`.execute(db);
  await sql`drop function catalogue.present_api_key(text)`.execute(db);
  // As before it, and what the key is bound to.
  await sql`
    create function catalogue.present_api_key(hash text)
    returns table (id uuid, account_id uuid, role text, label text, scopes text[], networks text[])
    language plpgsql volatile set search_path = pg_catalog as $$
    declare
      found_key record;
    begin
      perform set_config('app.api_key_hash', hash, true);
      select k.id, k.account_id, k.role, k.label, k.scopes, k.networks::text[] as networks, k.last_used_at into found_key
        from catalogue.api_key k
       where k.key_hash = hash and k.revoked_at is null
         and (k.expires_at is null or k.expires_at > clock_timestamp());
      if found_key.id is null then
        return;
      end if;
      if found_key.last_used_at is null or found_key.last_used_at < clock_timestamp() - interval '1 minute' then
        perform set_config('app.account_id', found_key.account_id::text, true);
        update catalogue.api_key k set last_used_at = clock_timestamp() where k.id = found_key.id;
      end if;
      return query
        select found_key.id, found_key.account_id, found_key.role, found_key.label, found_key.scopes, found_key.networks;
    end $$`.execute(db);
  await sql`revoke all on function catalogue.present_api_key(text) from public`.execute(db);
  await sql`grant execute on function catalogue.present_api_key(text) to tandas_app`.execute(db);
}
