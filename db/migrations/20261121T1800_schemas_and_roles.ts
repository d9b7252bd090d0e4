import { type Kysely, sql } from 'kysely';

/**
 * Three schemas (catalogue: parameters; core: contact logic, lines, money; operation: what happened) and two roles.
 * Neither role owns a table: row-level security is forced, so not even the owner reads across accounts by accident.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const schema of ['catalogue', 'core', 'operation']) {
    await sql`create schema ${sql.id(schema)}`.execute(db);
  }
  // Roles are cluster-wide: another database of the same server may have made them already.
  for (const role of ['tandas_app', 'tandas_system']) {
    await sql`
      do $$ begin
        create role ${sql.raw(role)} nologin nosuperuser nobypassrls;
      exception when duplicate_object or unique_violation then null; end $$`.execute(db);
    await sql`grant ${sql.id(role)} to current_user`.execute(db);
    await sql`grant usage on schema catalogue, core, operation to ${sql.id(role)}`.execute(db);
  }
  // `current_setting` returns '' (not null) once a transaction-local setting has been reset: both mean "no account".
  await sql`
    create function core.current_account() returns uuid language sql stable parallel safe
    as $$ select nullif(current_setting('app.account_id', true), '')::uuid $$`.execute(db);
}
