import type { Invariant } from '../types.ts';

/** The double entry, of every account, a rehearsal's too. */
export const ledger: readonly Invariant[] = [
  {
    name: 'transactions_sum_to_zero',
    es: 'Cada asiento del libro suma cero por unidad, y el libro entero también',
    en: 'Every ledger transaction sums to zero per unit, and so does the whole ledger',
    sql: `
      select e.transaction_id::text as subject,
             case when sum(e.amount_micros) <> 0 then 'suma ' || sum(e.amount_micros) || ' ' || e.unit
                  when count(distinct e.account_id) > 1 or bool_or(t.account_id is distinct from e.account_id)
                  then 'mueve dinero de dos cuentas' end as breach
        from seen_ledger_entry e left join seen_ledger_transaction t on t.id = e.transaction_id
       group by e.transaction_id, e.unit
      union all
      select 'libro entero, ' || unit, case when sum(amount_micros) <> 0 then 'suma ' || sum(amount_micros) end
        from seen_ledger_entry group by unit`,
  },
  {
    name: 'balances_equal_entries',
    es: 'Cada saldo es la suma de sus movimientos, y los saldos de una cuenta suman cero',
    en: 'Every balance equals the sum of its entries, and the balances of an account sum to zero',
    sql: `
      select b.account_id || ' ' || b.unit || ' ' || b.kind as subject,
             case when b.balance_micros <> coalesce(e.micros, 0) then
               'saldo ' || b.balance_micros || ', movimientos ' || coalesce(e.micros, 0) end as breach
        from seen_ledger_account b
        left join (select account_id, unit, kind, sum(amount_micros) as micros
                     from seen_ledger_entry group by 1, 2, 3) e using (account_id, unit, kind)
      union all
      select account_id || ' ' || unit,
             case when sum(balance_micros) <> 0 then 'los saldos suman ' || sum(balance_micros) end
        from seen_ledger_account group by account_id, unit`,
  },
  {
    name: 'held_equals_pending_holds',
    es: 'Lo retenido de cada cuenta es la suma de sus reservas pendientes',
    en: 'What is held of an account equals the sum of its pending holds',
    sql: `
      select coalesce(b.account_id, h.account_id) || ' ' || coalesce(b.unit, h.unit) as subject,
             case when coalesce(b.balance_micros, 0) <> coalesce(h.micros, 0) then
               'retenido ' || coalesce(b.balance_micros, 0) || ', reservas ' || coalesce(h.micros, 0) end as breach
        from (select * from seen_ledger_account where kind = 'held') b
        full join (select account_id, unit, sum(amount_micros) as micros
                     from seen_ledger_hold where state = 'pending' group by 1, 2) h using (account_id, unit)`,
  },
  {
    name: 'hold_is_in_the_ledger',
    es: 'Cada reserva se retuvo una vez, y se cobró o devolvió una vez, por su monto exacto',
    en: 'Every hold was taken once, and posted or given back once, for its exact amount',
    sql: `
      select h.id::text as subject,
             case
               when coalesce(m.taken, 0) <> h.amount_micros then
                 'reserva de ' || h.amount_micros || ' y se retuvo ' || coalesce(m.taken, 0)
               when coalesce(m.given, 0) <> case when h.state = 'pending' then 0 else h.amount_micros end then
                 h.state || ' y se soltó ' || coalesce(m.given, 0) || ' de ' || h.amount_micros
               when h.state = 'posted' and coalesce(m.consumed, 0) is distinct from h.posted_micros then
                 'cobrada por ' || coalesce(h.posted_micros::text, '?') || ' y el libro dice ' || coalesce(m.consumed, 0)
             end as breach
        from seen_ledger_hold h
        left join (select t.reference,
                          sum(e.amount_micros) filter (where t.kind = 'hold' and e.kind = 'held') as taken,
                          -sum(e.amount_micros) filter (where t.kind <> 'hold' and e.kind = 'held') as given,
                          sum(e.amount_micros) filter (where t.kind = 'post' and e.kind = 'consumed') as consumed
                     from seen_ledger_transaction t join seen_ledger_entry e on e.transaction_id = t.id
                    where t.kind in ('hold', 'post', 'void', 'expire')
                    group by t.reference) m on m.reference = h.id::text`,
  },
  {
    name: 'no_hold_into_debt',
    es: 'Ninguna reserva nueva dejó una cuenta en deuda',
    en: 'No new hold took an account into debt',
    sql: `
      select transaction_id::text as subject,
             case when balance < 0 then 'dejó ' || balance || ' ' || unit end as breach
        from (select e.transaction_id, e.unit, t.kind,
                     sum(e.amount_micros) over (partition by e.account_id, e.unit order by e.id) as balance
                from seen_ledger_entry e join seen_ledger_transaction t on t.id = e.transaction_id
               where e.kind = 'available') running
       where kind = 'hold'`,
  },
];
