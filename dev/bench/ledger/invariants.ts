import { sql } from 'kysely';
import type { Database } from '../../../db/client.ts';

/** Accounts whose balances do not sum to zero, are not what their transactions say, or hold what is not pending. */
export async function wrongs(owner: Database): Promise<{ readonly holds: number; readonly broken: number }> {
  const { rows } = await sql<{ holds: bigint; broken: bigint }>`
    with pending as (
      select account_id, unit, sum(amount_micros) as amount from core.ledger_hold
       where state = 'pending' group by account_id, unit
    ), moved as (
      select account_id, unit, sum(funding_micros) as funding, sum(available_micros) as available,
             sum(held_micros) as held, sum(consumed_micros) as consumed
        from core.ledger_transaction group by account_id, unit
    ), wrong as (
      select l.account_id from core.ledger_account l
        left join pending p using (account_id, unit) left join moved m using (account_id, unit)
       where l.funding_micros + l.available_micros + l.held_micros + l.consumed_micros <> 0
          or l.held_micros <> coalesce(p.amount, 0) or l.available_micros < 0
          or (l.funding_micros, l.available_micros, l.held_micros, l.consumed_micros) is distinct from
             (coalesce(m.funding, 0), coalesce(m.available, 0), coalesce(m.held, 0), coalesce(m.consumed, 0))
    )
    select (select count(*) from core.ledger_hold) as holds, (select count(*) from wrong) as broken`.execute(
    owner,
  );
  const [row] = rows;
  return { holds: Number(row?.holds), broken: Number(row?.broken) };
}
