import { type Kysely, sql } from 'kysely';

const tables = ['core.ledger_transaction', 'core.ledger_account'];

/**
 * The double entry as one row a transaction and one row a balance, each with its four amounts, which sum to zero by a
 * check of the row: as many guarantees as entries of their own with a trigger, in three rows a hold instead of six.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Nothing may be booked between the copy and the end of this.
  await sql`lock table core.ledger_account, core.ledger_transaction, core.ledger_entry in access exclusive mode`.execute(
    db,
  );
  await sql`alter table core.ledger_account rename to ledger_account_before`.execute(db);
  await sql`alter table core.ledger_transaction rename to ledger_transaction_before`.execute(db);
  // Forced row-level security would hide rows from an owner who is no superuser, and the copy would lose them.
  for (const table of ['ledger_account_before', 'ledger_transaction_before', 'ledger_entry', 'ledger_hold']) {
    await sql`alter table core.${sql.id(table)} no force row level security`.execute(db);
  }
  await makeTables(db);
  await copyRows(db);
  await protect(db);
  await sql`drop table core.ledger_entry, core.ledger_transaction_before, core.ledger_account_before`.execute(
    db,
  );
  await sql`drop function core.ledger_entries_sum_to_zero()`.execute(db);
  await sql`alter table core.ledger_hold force row level security`.execute(db);
  await removeExpired(db);
}

async function makeTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.ledger_account (
      account_id uuid not null references catalogue.account,
      unit text not null check (unit in ('USD', 'SEC')),
      -- The outside world: what has come in, negative.
      funding_micros bigint not null default 0,
      -- available + held: what the customer has. consumed: what calls and messages took.
      available_micros bigint not null default 0,
      held_micros bigint not null default 0 check (held_micros >= 0),
      consumed_micros bigint not null default 0,
      primary key (account_id, unit),
      constraint ledger_account_sums_to_zero
        check (funding_micros + available_micros + held_micros + consumed_micros = 0)
    ) with (fillfactor = 50)`.execute(db);
  await sql`
    create table core.ledger_transaction (
      -- Given behind the lock of the balance: in its order the transactions of an account have happened.
      id bigint generated always as identity primary key,
      account_id uuid not null,
      unit text not null,
      kind text not null check (kind in ('top_up', 'hold', 'post', 'void', 'expire', 'true_up')),
      -- What it is about: a hold id, a top-up's own key. With the kind, the idempotency key.
      reference text not null,
      -- What it moves in or out of each of the balance's four.
      funding_micros bigint not null default 0,
      available_micros bigint not null default 0,
      held_micros bigint not null default 0,
      consumed_micros bigint not null default 0,
      created_at timestamptz not null default now(),
      unique (account_id, kind, reference),
      foreign key (account_id, unit) references core.ledger_account,
      constraint ledger_transaction_sums_to_zero
        check (funding_micros + available_micros + held_micros + consumed_micros = 0)
    )`.execute(db);
}

async function copyRows(db: Kysely<unknown>): Promise<void> {
  await sql`
    insert into core.ledger_account
           (account_id, unit, funding_micros, available_micros, held_micros, consumed_micros)
    select account_id, unit, ${amounts('balance_micros')}
      from core.ledger_account_before group by account_id, unit`.execute(db);
  // A hold of nothing had no entry, and so no unit: its own is the hold's, which may have had no balance yet.
  await sql`
    insert into core.ledger_account (account_id, unit)
    select distinct account_id, unit from core.ledger_hold on conflict do nothing`.execute(db);
  await sql`
    insert into core.ledger_transaction (account_id, unit, kind, reference, funding_micros, available_micros,
                                         held_micros, consumed_micros, created_at)
    select t.account_id, coalesce(e.unit, h.unit), t.kind, t.reference, coalesce(e.funding, 0),
           coalesce(e.available, 0), coalesce(e.held, 0), coalesce(e.consumed, 0), t.created_at
      from core.ledger_transaction_before t
      left join (
        select transaction_id, unit, min(id) as first, ${amounts('amount_micros')}
          from core.ledger_entry group by transaction_id, unit
      ) as e (transaction_id, unit, first, funding, available, held, consumed) on e.transaction_id = t.id
      left join core.ledger_hold h on t.kind in ('hold', 'post', 'void', 'expire') and h.id::text = t.reference
     order by e.first nulls last, t.created_at, t.id`.execute(db);
}

function amounts(column: string) {
  const each = ['funding', 'available', 'held', 'consumed'].map(
    (kind) => sql`coalesce(sum(${sql.ref(column)}) filter (where kind = ${sql.lit(kind)}), 0)::bigint`,
  );
  return sql.join(each);
}

/** The rights that the tables before had. */
async function protect(db: Kysely<unknown>): Promise<void> {
  for (const table of tables) {
    const rights = table === 'core.ledger_transaction' ? 'select, insert' : 'select, insert, update';
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
    await sql`alter table ${sql.table(table)} force row level security`.execute(db);
    await sql`
      create policy own_account on ${sql.table(table)} to tandas_app
      using (account_id = (select core.current_account()))
      with check (account_id = (select core.current_account()))`.execute(db);
    await sql`create policy system_work on ${sql.table(table)} to tandas_system using (true) with check (true)`.execute(
      db,
    );
    await sql`grant ${sql.raw(rights)} on ${sql.table(table)} to tandas_app, tandas_system`.execute(db);
  }
  await sql`grant usage on sequence core.ledger_transaction_id_seq to tandas_app, tandas_system`.execute(db);
}

/** What removes an expired rehearsal names its tables one after the other: one is gone, two are new under their old names. */
async function removeExpired(db: Kysely<unknown>): Promise<void> {
  for (const table of tables) {
    await sql`
      create policy expired_rehearsal on ${sql.table(table)} to current_user
      using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
      db,
    );
  }
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const text = before.replace("('core.ledger_entry', 'true'), ", '');
  if (text === before) throw new Error('operation.remove_rehearsal_account does not name core.ledger_entry');
  await sql.raw(text).execute(db);
}
