import { type Kysely, sql } from 'kysely';

interface Table {
  readonly name: string;
  /** What it refers to, besides its account. */
  readonly refers: readonly [column: string, table: string];
  readonly indexes: readonly (readonly [name: string, columns: string])[];
}

/**
 * Append-only tables that nothing refers to and whose keys guard nothing: by month, so that a month can be taken out
 * whole. Tables whose unique key makes a repeated message harmless stay as they are: a key that has to name the month
 * would let the same message in again on the first of the next one.
 */
const tables: readonly Table[] = [
  {
    name: 'attempt_event',
    refers: ['attempt_id', 'operation.attempt'],
    indexes: [['attempt_event_attempt', 'account_id, attempt_id']],
  },
  { name: 'audit', refers: ['account_id', ''], indexes: [['audit_subject', 'account_id, subject, at']] },
  {
    name: 'link_click',
    refers: ['link_id', 'core.payment_link'],
    indexes: [['link_click_link', 'account_id, link_id']],
  },
];

export async function up(db: Kysely<unknown>): Promise<void> {
  await partitionMaker(db);
  for (const table of tables) await partition(db, table);
  await sql`revoke all on function operation.ensure_partitions(date, integer) from public`.execute(db);
  await sql`grant execute on function operation.ensure_partitions(date, integer) to tandas_system`.execute(
    db,
  );
}

/** As the tables' owner, whoever calls it: our roles may not make tables, and a month must never be missing. */
async function partitionMaker(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function operation.ensure_partitions(first_month date, months integer) returns integer
    language plpgsql security definer set search_path = pg_catalog as $$
    declare
      parent text;
      month date;
      child text;
      made integer := 0;
    begin
      -- Two workers that start at once would both make the same month.
      perform pg_advisory_xact_lock(hashtextextended('operation.ensure_partitions', 0));
      foreach parent in array array['attempt_event', 'audit', 'link_click'] loop
        continue when not exists (
          select from pg_partitioned_table where partrelid = format('operation.%I', parent)::regclass);
        for step in 0 .. least(months, 240) - 1 loop
          month := (date_trunc('month', first_month) + step * interval '1 month')::date;
          child := parent || to_char(month, '_YYYY_MM');
          continue when to_regclass('operation.' || child) is not null;
          begin
            execute format(
              'create table operation.%I partition of operation.%I for values from (%L) to (%L)', child, parent,
              month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC');
            execute format('alter table operation.%I enable row level security', child);
            execute format('alter table operation.%I force row level security', child);
            execute format(
              'create policy own_account on operation.%I to tandas_app
               using (account_id = (select core.current_account()))
               with check (account_id = (select core.current_account()))', child);
            made := made + 1;
          exception when check_violation then
            -- Rows of that month lie in the default partition already: they stay there, and the next months are made.
            raise warning 'rows of % are in the default partition', child;
          end;
        end loop;
      end loop;
      return made;
    end $$`.execute(db);
}

async function partition(db: Kysely<unknown>, { name, refers, indexes }: Table): Promise<void> {
  const table = sql.table(`operation.${name}`);
  const old = sql.table(`operation.${name}_unparted`);
  const standby = sql.table(`operation.${name}_default`);
  const [column, referred] = refers;
  await sql`alter table ${table} rename to ${sql.id(`${name}_unparted`)}`.execute(db);
  await sql`create table ${table} (like ${old} including defaults including constraints including identity)
            partition by range (at)`.execute(db);
  await sql`alter table ${table} add primary key (id, at)`.execute(db);
  await sql`alter table ${table} add foreign key (account_id) references catalogue.account`.execute(db);
  if (referred !== '') {
    await sql`alter table ${table} add foreign key (${sql.ref(column)}) references ${sql.table(referred)}`.execute(
      db,
    );
  }
  // An insert must never fail because nobody has made its month.
  await sql`create table ${standby} partition of ${table} default`.execute(db);
  for (const one of [table, standby]) {
    await sql`alter table ${one} enable row level security`.execute(db);
    await sql`
      create policy own_account on ${one} to tandas_app
      using (account_id = (select core.current_account()))
      with check (account_id = (select core.current_account()))`.execute(db);
  }
  await sql`grant select, insert on ${table} to tandas_app`.execute(db);
  // Forced row-level security would hide every row from an owner who is no superuser, and the copy would be empty.
  await sql`alter table ${old} no force row level security`.execute(db);
  await sql`
    select operation.ensure_partitions(
      coalesce((select min(at) from ${old}), now())::date,
      (extract(year from age(now(), coalesce((select min(at) from ${old}), now()))) * 12
       + extract(month from age(now(), coalesce((select min(at) from ${old}), now()))))::integer + 5)`.execute(
    db,
  );
  await sql`insert into ${table} overriding system value select * from ${old}`.execute(db);
  await sql`
    do $$ begin
      if (select count(*) from ${table}) <> (select count(*) from ${old}) then
        raise exception 'not every row of operation.% was carried over', ${sql.lit(name)};
      end if;
    end $$`.execute(db);
  await sql`select setval(pg_get_serial_sequence(${sql.lit(`operation.${name}`)}, 'id'),
                          coalesce((select max(id) from ${old}), 0) + 1, false)`.execute(db);
  await sql`drop table ${old}`.execute(db);
  for (const one of [table, standby]) await sql`alter table ${one} force row level security`.execute(db);
  for (const [index, columns] of indexes) {
    await sql`create index ${sql.id(index)} on ${table} (${sql.raw(columns)})`.execute(db);
  }
  // While the old table was there its sequence had the name.
  await sql`
    do $$ begin
      execute format('alter sequence %s rename to %I',
        pg_get_serial_sequence(${sql.lit(`operation.${name}`)}, 'id'), ${sql.lit(`${name}_id_seq`)});
    end $$`.execute(db);
  await sql`grant usage on sequence ${sql.table(`operation.${name}_id_seq`)} to tandas_app`.execute(db);
}
