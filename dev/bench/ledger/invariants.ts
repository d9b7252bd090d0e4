import { sql } from 'kysely';
import type { Database } from '../../../db/client.ts';

/** Accounts whose balances do not sum to zero, are not what their entries say, or hold what is not pending. */
export async function wrongs(owner: Database): Promise<{ readonly holds: number; readonly broken: number }> {
  const { rows } = await sql<{ holds: bigint; broken: bigint }>`
    with balance as (
      select account_id, unit, sum(balance_micros) as sum,
             sum(balance_micros) filter (where kind = 'held') as held,
             min(balance_micros) filter (where kind = 'available') as available
        from core.ledger_account group by account_id, unit
    ), pending as (
      select account_id, unit, sum(amount_micros) as amount from core.ledger_hold
       where state = 'pending' group by account_id, unit
    ), entered as (
      select account_id, unit, kind, sum(amount_micros) as amount from core.ledger_entry group by account_id, unit, kind
    ), wrong as (
      select b.account_id from balance b left join pending p using (account_id, unit)
       where b.sum <> 0 or b.held <> coalesce(p.amount, 0) or b.available < 0
       union
      select l.account_id from core.ledger_account l left join entered e using (account_id, unit, kind)
       where l.balance_micros <> coalesce(e.amount, 0)
    )
    select (select count(*) from core.ledger_hold) as holds, (select count(*) from wrong) as broken`.execute(
    owner,
  );
  const [row] = rows;
  return { holds: Number(row?.holds), broken: Number(row?.broken) };
}
