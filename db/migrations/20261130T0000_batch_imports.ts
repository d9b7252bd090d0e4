import { type Kysely, sql } from 'kysely';

/** A batch takes the people of its imports in portions, and people may be added to it: each import that it takes has a row. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The table takes the name of the index of batches by their import.
  await sql`alter index core.batch_import rename to batch_first_import`.execute(db);
  // An import belongs to one batch: the same rows must not become a second round of calls.
  await sql`
    create table core.batch_import (
      import_id uuid primary key references core.import,
      account_id uuid not null references catalogue.account,
      batch_id uuid not null references core.batch,
      people_total integer not null check (people_total >= 0),
      -- In the order of the file: those of them that are in the batch.
      people_taken integer not null default 0 check (people_taken between 0 and people_total),
      -- Of those: were in the batch before, nothing of them is changed.
      people_known integer not null default 0 check (people_known between 0 and people_taken),
      actor text not null,
      created_at timestamptz not null default clock_timestamp(),
      -- All its people are in, or the batch was cancelled.
      ended_at timestamptz
    )`.execute(db);
  await sql`create index batch_import_of_batch on core.batch_import (account_id, batch_id, import_id)`.execute(
    db,
  );
  await sql`create index batch_import_open on core.batch_import (batch_id) where ended_at is null`.execute(
    db,
  );
  await sql`
    insert into core.batch_import (import_id, account_id, batch_id, people_total, people_taken, actor, created_at, ended_at)
    select b.import_id, b.account_id, b.id, counted.people, counted.people, 'unknown', b.created_at, b.created_at
      from core.batch b
      cross join lateral (select count(*)::int as people from core.contact k where k.batch_id = b.id) counted
     where b.import_id is not null`.execute(db);
  await countPeople(db);
  await protect(db);
  await removeExpired(db);
}

/** Which person of the file a row is: a portion of people has all of their rows, wherever they stand. */
async function countPeople(db: Kysely<unknown>): Promise<void> {
  await sql`alter table core.import_row add column person integer`.execute(db);
  await sql`
    update core.import_row r set person = p.person
      from (select import_id, identity_key, row_number() over (partition by import_id order by min(ordinal)) as person
              from core.import_row group by import_id, identity_key) p
     where p.import_id = r.import_id and p.identity_key = r.identity_key`.execute(db);
  await sql`alter table core.import_row alter column person set not null`.execute(db);
  await sql`create index import_row_person on core.import_row (import_id, person)`.execute(db);
}

async function protect(db: Kysely<unknown>): Promise<void> {
  await sql`alter table core.batch_import enable row level security`.execute(db);
  await sql`alter table core.batch_import force row level security`.execute(db);
  await sql`
    create policy own_account on core.batch_import to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`create policy system_work on core.batch_import to tandas_system using (true) with check (true)`.execute(
    db,
  );
  await sql`grant select, insert, update on core.batch_import to tandas_app`.execute(db);
  await sql`grant select on core.batch_import to tandas_system`.execute(db);
}

/** What removes an expired rehearsal names its tables, those that refer before those that are referred to. */
async function removeExpired(db: Kysely<unknown>): Promise<void> {
  await sql`
    create policy expired_rehearsal on core.batch_import to current_user
    using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
    db,
  );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const text = before.replace(
    "('core.batch', 'true')",
    "('core.batch_import', 'true'), ('core.batch', 'true')",
  );
  if (text === before) throw new Error('operation.remove_rehearsal_account does not name core.batch');
  await sql.raw(text).execute(db);
}
