import type { Plant } from './plants.ts';

const order = '5f0d8a70-0000-4000-8000-000000000001';
/** Money from outside, with the balance that has it. */
const booked = (kind: string, reference: string, amount: number): string => `
  insert into core.ledger_transaction (account_id, unit, kind, reference, funding_micros, available_micros)
  values (:account, 'USD', '${kind}', '${reference}', -(${amount}), ${amount});
  update core.ledger_account set funding_micros = funding_micros - (${amount}),
                                 available_micros = available_micros + (${amount})
   where account_id = :account and unit = 'USD'`;
/** An order of ten dollars, as much of it paid and credited. */
const ordered = (paid: number, credited: number, bookings: number): string => `
  insert into core.payment_order (id, account_id, kind, provider, title, price_micros, price_currency, credit_micros,
         credit_unit, charge_net_micros, charge_tax_micros, charge_micros, charge_currency, tax_parts_per_million,
         payable_until, state, paid_micros, credited_micros, bookings, credit_is_due, created_by)
  values ('${order}', :account, 'top_up', 'stripe', 'Saldo', 10000000, 'USD', 10000000, 'USD', 10000000, 1900000,
         11900000, 'USD', 190000, now(), 'paid', ${paid}, ${credited}, ${bookings}, true, 'plant')`;

export const orderPlants: readonly Plant[] = [
  {
    finds: 'order_is_in_the_ledger',
    what: 'a refund of an order that nobody made',
    sql: booked('refund', `order:${order}:1`, -5_000_000),
  },
  {
    finds: 'order_is_in_the_ledger',
    what: 'an order that was booked twice',
    sql: `${ordered(11_900_000, 10_000_000, 1)};
          ${booked('top_up', `order:${order}:1`, 10_000_000)};
          ${booked('top_up', `order:${order}:2`, 10_000_000)}`,
  },
  {
    finds: 'order_is_in_the_ledger',
    what: 'an order that says that it was booked, and was not',
    sql: ordered(11_900_000, 10_000_000, 1),
  },
  {
    finds: 'order_is_what_was_paid',
    what: 'credit for half of what was paid',
    sql: `${ordered(5_950_000, 10_000_000, 1)}; ${booked('top_up', `order:${order}:1`, 10_000_000)}`,
  },
  {
    finds: 'allotment_expires_once',
    what: 'minutes that expired without a period',
    sql: booked('expire_allotment', `period:${order}:1`, -1),
  },
  {
    finds: 'account_pays_its_plan',
    what: 'an account that is suspended and has no plan to pay',
    sql: "update catalogue.account set suspended_for = 'subscription', suspended_at = now() where id = :account",
  },
];
