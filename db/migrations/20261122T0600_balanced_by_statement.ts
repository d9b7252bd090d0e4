import { type Kysely, sql } from 'kysely';

/**
 * Entries are balanced within the statement that writes them: one look at what it wrote, where a deferred trigger asked
 * once for each row, and a round of twenty grants forty times at its commit. It refuses more: a transaction that a later
 * statement would have balanced.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger ledger_entry_balanced on core.ledger_entry`.execute(db);
  await sql`
    create or replace function core.ledger_entries_sum_to_zero() returns trigger language plpgsql as $$
    declare wrong record;
    begin
      select transaction_id, sum(amount_micros) as difference into wrong
        from written group by transaction_id, unit having sum(amount_micros) <> 0 limit 1;
      if found then
        raise exception 'ledger transaction % is off by % micro-units', wrong.transaction_id, wrong.difference;
      end if;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger ledger_entry_balanced after insert on core.ledger_entry
    referencing new table as written for each statement execute function core.ledger_entries_sum_to_zero()`.execute(
    db,
  );
}
