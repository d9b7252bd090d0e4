import type { Invariant } from '../types.ts';

/** Rows of orders in the ledger, with the number of their order. */
const booked = `
  select t.*, substring(t.reference from '^order:([0-9a-f-]{36}):[0-9]+$') as order_id from seen_ledger_transaction t
   where t.kind in ('grant', 'refund', 'dispute', 'dispute_won') or (t.kind = 'top_up' and t.reference like 'order:%')`;

/** What accounts buy of us: what came in, what was taken back, and the months that it pays for. */
export const orders: readonly Invariant[] = [
  {
    name: 'order_is_in_the_ledger',
    es: 'Lo que cada orden dio y quitó es lo que el libro tiene de ella, asiento por asiento',
    en: 'What every order gave and took is what the ledger has of it, booking by booking',
    sql: `
      with booked as (${booked})
      select coalesce(o.id::text, b.order_id, b.reference) as subject,
             case
               when o.id is null then 'asiento de ninguna orden: ' || b.reference
               when o.account_id <> b.account_id then 'lo recibió otra cuenta'
               when b.unit <> o.credit_unit then 'asentado en otra unidad'
               when coalesce(b.micros, 0) <>
                    o.credited_micros - o.refunded_credit_micros - o.disputed_credit_micros then
                 'el libro tiene ' || coalesce(b.micros, 0) || ' y la orden ' ||
                 (o.credited_micros - o.refunded_credit_micros - o.disputed_credit_micros)
               when coalesce(b.n, 0) <> o.bookings then 'asientos ' || coalesce(b.n, 0) || ' de ' || o.bookings
             end as breach
        from seen_payment_order o
        full join (select order_id, min(reference) as reference, account_id, unit, sum(available_micros) as micros,
                          count(*) as n from booked group by order_id, account_id, unit) b
          on b.order_id = o.id::text`,
  },
  {
    name: 'order_is_what_was_paid',
    es: 'Ninguna orden da más que la parte de lo pagado que no fue devuelta ni disputada, recalculado aquí',
    en: 'No order gives more than the share of what was paid and not taken back, computed again here',
    sql: `
      select id::text as subject,
             case
               when not credit_is_due and credited_micros <> 0 then 'acreditada antes de su período'
               when credited_micros - refunded_credit_micros - disputed_credit_micros > greatest(
                      div(credit_micros::numeric *
                          least(greatest(paid_micros - refunded_micros - disputed_micros - lost_micros, 0), charge_micros),
                          charge_micros), expired_micros) then
                 'da más de lo que quedó pagado'
             end as breach
        from seen_payment_order`,
  },
  {
    name: 'allotment_expires_once',
    es: 'De los minutos de un período vence a lo más lo que trajo, y una sola vez',
    en: 'Of the minutes of a period at most what it came with expires, and once',
    sql: `
      select t.reference as subject,
             case
               when s.id is null then 'vencimiento de ninguna suscripción'
               when -t.available_micros > (select coalesce(sum(g.available_micros), 0) from seen_ledger_transaction g
                                            where g.account_id = t.account_id and g.kind = 'grant' and g.id < t.id) then
                 'venció ' || -t.available_micros || ', más de lo que se había dado'
               when t.available_micros >= 0 then 'un vencimiento que da'
             end as breach
        from seen_ledger_transaction t
        left join seen_subscription s
          on s.account_id = t.account_id and split_part(t.reference, ':', 2) = s.id::text
       where t.kind = 'expire_allotment'`,
  },
  {
    name: 'account_pays_its_plan',
    es: 'Una cuenta está suspendida por su plan si y solo si su suscripción lo está',
    en: 'An account is suspended for its plan if and only if its subscription is',
    sql: `
      select a.id::text as subject,
             case when (a.suspended_for is not distinct from 'subscription') <> (s.state is not distinct from 'suspended')
                  then 'cuenta ' || coalesce(a.suspended_for, 'activa') || ', suscripción ' || coalesce(s.state, 'ninguna')
             end as breach
        from seen_account a
        left join seen_subscription s on s.account_id = a.id and s.ended_at is null
       where a.kind <> 'rehearsal'`,
  },
];
