import type { Invariant } from '../types.ts';

/** The four amounts of a balance or a transaction together. */
const sum = '(funding_micros + available_micros + held_micros + consumed_micros)';

/** The double entry, of every account, a rehearsal's too. */
export const ledger: readonly Invariant[] = [
  {
    name: 'transactions_sum_to_zero',
    es: 'Cada asiento del libro suma cero por unidad, y el libro entero también',
    en: 'Every ledger transaction sums to zero per unit, and so does the whole ledger',
    sql: `
      select id::text as subject,
             case when ${sum} <> 0 then 'suma ' || ${sum} || ' ' || unit end as breach
        from seen_ledger_transaction
      union all
      select 'libro entero, ' || unit, case when sum(${sum}) <> 0 then 'suma ' || sum(${sum}) end
        from seen_ledger_transaction group by unit`,
  },
  {
    name: 'balances_equal_transactions',
    es: 'Cada saldo es la suma de sus movimientos, y los saldos de una cuenta suman cero',
    en: 'Every balance equals the sum of its transactions, and the balances of an account sum to zero',
    sql: `
      select b.account_id || ' ' || b.unit || ' ' || k.kind as subject,
             case when k.balance <> coalesce(k.moved, 0) then
               'saldo ' || k.balance || ', movimientos ' || coalesce(k.moved, 0) end as breach
        from seen_ledger_account b
        left join (select account_id, unit, sum(funding_micros) as funding, sum(available_micros) as available,
                          sum(held_micros) as held, sum(consumed_micros) as consumed
                     from seen_ledger_transaction group by 1, 2) t using (account_id, unit)
       cross join lateral (values ('funding', b.funding_micros, t.funding),
                                  ('available', b.available_micros, t.available),
                                  ('held', b.held_micros, t.held),
                                  ('consumed', b.consumed_micros, t.consumed)) as k (kind, balance, moved)
      union all
      select t.account_id || ' ' || t.unit, 'movimientos sin saldo'
        from seen_ledger_transaction t left join seen_ledger_account b using (account_id, unit)
       where b.account_id is null
      union all
      select account_id || ' ' || unit, case when ${sum} <> 0 then 'los saldos suman ' || ${sum} end
        from seen_ledger_account`,
  },
  {
    name: 'held_equals_pending_holds',
    es: 'Lo retenido de cada cuenta es la suma de sus reservas pendientes',
    en: 'What is held of an account equals the sum of its pending holds',
    sql: `
      select coalesce(b.account_id, h.account_id) || ' ' || coalesce(b.unit, h.unit) as subject,
             case when coalesce(b.held_micros, 0) <> coalesce(h.micros, 0) then
               'retenido ' || coalesce(b.held_micros, 0) || ', reservas ' || coalesce(h.micros, 0) end as breach
        from seen_ledger_account b
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
        left join (select reference, account_id, unit,
                          sum(held_micros) filter (where kind = 'hold') as taken,
                          -sum(held_micros) filter (where kind <> 'hold') as given,
                          sum(consumed_micros) filter (where kind = 'post') as consumed
                     from seen_ledger_transaction
                    where kind in ('hold', 'post', 'void', 'expire')
                    group by 1, 2, 3) m
          on m.reference = h.id::text and m.account_id = h.account_id and m.unit = h.unit`,
  },
  {
    name: 'budgets_equal_what_is_held_and_charged',
    es: 'Lo retenido y lo gastado del presupuesto de un lote es la suma de sus reservas pendientes y de sus cobros',
    en: 'What is held and spent of the budget of a batch is the sum of its pending holds and of its charges',
    sql: `
      select b.batch_id::text as subject,
             case
               when b.held_micros <> coalesce(h.held, 0) then
                 'retenido ' || b.held_micros || ', reservas ' || coalesce(h.held, 0)
               when b.spent_micros <> coalesce(c.spent, 0) then
                 'gastado ' || b.spent_micros || ', cobros ' || coalesce(c.spent, 0)
             end as breach
        from seen_batch_budget b
        left join (select coalesce(r.batch_id, k.batch_id) as batch_id, h.unit, sum(h.amount_micros) as held
                     from seen_ledger_hold h
                     left join seen_line_request r on r.id = h.request_id
                     left join seen_message m on m.id = h.message_id
                     left join seen_contact k on k.id = m.contact_id
                    where h.state = 'pending' group by 1, 2) h
          on h.batch_id = b.batch_id and h.unit = b.unit
        left join (select k.batch_id, p.unit, sum(p.micros) as spent
                     from (select contact_id, charged_unit as unit, charged_micros as micros from seen_call
                           union all
                           select m.contact_id, s.charged_unit, s.charged_micros
                             from seen_message m join seen_message_state s on s.message_id = m.id) p
                     join seen_contact k on k.id = p.contact_id
                    where p.micros is not null group by 1, 2) c
          on c.batch_id = b.batch_id and c.unit = b.unit`,
  },
  {
    name: 'no_hold_into_debt',
    es: 'Ninguna reserva nueva dejó una cuenta en deuda',
    en: 'No new hold took an account into debt',
    sql: `
      select id::text as subject, case when balance < 0 then 'dejó ' || balance || ' ' || unit end as breach
        from (select id, unit, kind, held_micros,
                     sum(available_micros) over (partition by account_id, unit order by id) as balance
                from seen_ledger_transaction) running
       where kind = 'hold' and held_micros > 0`,
  },
];
