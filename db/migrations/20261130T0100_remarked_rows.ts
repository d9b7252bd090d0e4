import { type Kysely, sql } from 'kysely';

/** Rows of a file that something was said about, one by one: an import's own row keeps the first thousand remarks only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table core.import
      -- Of its bytes, how many have been read; of a workbook the share of its sheet.
      add column bytes_read bigint not null default 0,
      -- Rows with remarks beyond those that are kept.
      add column remarked_rows_omitted integer not null default 0`.execute(db);
  await sql`
    create table core.import_remarked_row (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      import_id uuid not null references core.import on delete cascade,
      -- In the order of the file.
      ordinal integer not null,
      severity text not null check (severity in ('refused', 'notice')),
      sheet text not null,
      sheet_row integer not null,
      -- What a refused row held, by column, as it was read.
      cells jsonb not null default '[]',
      cells_omitted integer not null default 0,
      problems jsonb not null,
      unique (import_id, ordinal)
    )`.execute(db);
  await copyKept(db);
  await protect(db);
}

/** What imports of before have kept: their remarks, without the rows' values. */
async function copyKept(db: Kysely<unknown>): Promise<void> {
  // Forced row-level security would hide rows from an owner who is no superuser.
  await sql`alter table core.import no force row level security`.execute(db);
  await sql`
    insert into core.import_remarked_row
           (account_id, import_id, ordinal, severity, sheet, sheet_row, problems)
    select account_id, import_id, row_number() over (partition by import_id order by first), severity, sheet,
           sheet_row, problems
      from (select i.account_id, i.id as import_id, min(p.place) as first, max(p.problem ->> 'severity') as severity,
                   coalesce(p.problem ->> 'sheet', '') as sheet, coalesce((p.problem ->> 'row')::integer, 0) as sheet_row,
                   jsonb_agg(p.problem order by p.place) as problems
              from core.import i, jsonb_array_elements(i.problems) with ordinality as p (problem, place)
             group by i.account_id, i.id, coalesce(p.problem ->> 'sheet', ''),
                      coalesce((p.problem ->> 'row')::integer, 0)) kept`.execute(db);
  await sql`update core.import set bytes_read = bytes where state = 'stored'`.execute(db);
  await sql`alter table core.import force row level security`.execute(db);
}

async function protect(db: Kysely<unknown>): Promise<void> {
  await sql`alter table core.import_remarked_row enable row level security`.execute(db);
  await sql`alter table core.import_remarked_row force row level security`.execute(db);
  await sql`
    create policy own_account on core.import_remarked_row to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select, insert on core.import_remarked_row to tandas_app`.execute(db);
  await sql`
    create policy expired_rehearsal on core.import_remarked_row to current_user
    using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
    db,
  );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const own = "('core.import_row', 'true'), ";
  const text = before.replace(own, `${own}('core.import_remarked_row', 'true'), `);
  if (text === before) throw new Error('operation.remove_rehearsal_account does not name core.import_row');
  await sql.raw(text).execute(db);
}
