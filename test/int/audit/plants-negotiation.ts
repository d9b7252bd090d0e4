import type { Plant } from './plants.ts';

/** Ids that nobody has yet. */
const [debt, payment, other, agreement] = [1, 2, 3, 4].map(
  (last) => `00000000-0000-4000-8000-00000000000${last}`,
);

/** A debt of 100 of the promised contact, due so long before its promise; the calls about it were earlier. */
const owes = (dueDate = '2026-01-01'): string => `
  insert into catalogue.creditor (id, account_id, name) values ('${debt}', :account, 'Tienda Inventada');
  insert into core.debt (id, account_id, person_id, contact_id, creditor_id, amount_micros, currency, due_date)
  select '${debt}', account_id, person_id, id, '${debt}', 100000000, 'CLP', '${dueDate}'
    from core.contact where id = :promised;`;

const paid = (
  id: string | undefined,
  amount: number,
  over = 0,
  kind = 'payment',
  reverses = 'null',
): string => `
  insert into core.payment (id, account_id, person_id, external_id, source, kind, reverses_id, amount_micros, currency,
                            unallocated_micros, paid_at)
  select '${id ?? ''}', account_id, person_id, '${id ?? ''}', 'api', '${kind}', ${reverses}, ${amount}, 'CLP', ${over},
         '2026-04-01' from core.contact where id = :promised;`;

const spread = (id: string | undefined, amount: number): string => `
  insert into core.payment_allocation (account_id, payment_id, debt_id, amount_micros)
  values (:account, '${id ?? ''}', '${debt ?? ''}', ${amount});`;

const agreed = (total: number, discount: number, kind = 'promise'): string => `
  update core.batch set negotiation_id = (select id from catalogue.negotiation where key = 'collection-standard')
   where id = :batch;
  insert into core.agreement (id, account_id, batch_id, contact_id, person_id, kind, total_micros, discount_micros,
                              currency, source, made_at)
  select '${agreement ?? ''}', account_id, batch_id, id, person_id, '${kind}', ${total}, ${discount}, 'CLP', 'call',
         '2026-03-09T15:06:00Z' from core.contact where id = :promised;`;

const instalment = (number: number, day: string, amount: number): string => `
  insert into core.agreement_instalment (account_id, agreement_id, number, due_date, amount_micros, check_at)
  values (:account, '${agreement ?? ''}', ${number}, '${day}', ${amount}, '${day}');`;

/** With a space after each colon: a colon and a word are an id of the world. */
const json = (value: object): string => JSON.stringify(value).replaceAll('":', '": ');

const told = (name: string, answer: object, args: object = {}): string => `
  insert into operation.function_call (account_id, attempt_id, provider_call_id, name, args_hash, args, answer)
  values (:account, :promise, 'c', '${name}', gen_random_uuid()::text, '${json(args)}', '${json(answer)}');`;

const confirmed = { ok: true, code: 'confirmed', say: 'Debe 104050 pesos', debts: [] };

export const plantsOfNegotiation: readonly Plant[] = [
  {
    finds: 'payment_adds_up',
    what: 'a payment of which a peso is nowhere',
    sql: owes() + paid(payment, 50_000_000) + spread(payment, 49_000_000),
  },
  {
    finds: 'payment_adds_up',
    what: 'a reversal that gives back less than was paid',
    sql:
      owes() +
      paid(payment, 50_000_000) +
      spread(payment, 50_000_000) +
      paid(other, 50_000_000, 0, 'reversal', `'${payment ?? ''}'`) +
      spread(other, -40_000_000),
  },
  {
    finds: 'payment_adds_up',
    what: 'more taken back than was paid',
    sql:
      owes() +
      paid(payment, 50_000_000, 20_000_000) +
      spread(payment, 30_000_000) +
      paid(other, 60_000_000, 30_000_000, 'reversal', `'${payment ?? ''}'`) +
      spread(other, -30_000_000),
  },
  {
    finds: 'payment_adds_up',
    what: 'a payment that was booked again and had not been taken back',
    sql:
      owes() +
      paid(payment, 50_000_000) +
      spread(payment, 50_000_000) +
      paid(other, 50_000_000) +
      spread(other, 50_000_000) +
      `update core.payment set restores_id = '${payment ?? ''}' where id = '${other ?? ''}'`,
  },
  {
    finds: 'payment_adds_up',
    what: 'more forgiven than was owed',
    sql: owes() + paid(payment, 120_000_000, 20_000_000, 'write_off') + spread(payment, 100_000_000),
  },
  {
    finds: 'allocation_of_its_person',
    what: "a payment spread over another person's debt",
    sql: `${owes()}${paid(payment, 50_000_000)}${spread(payment, 50_000_000)}
          update core.payment set person_id = (select person_id from core.contact where id = :excluded)`,
  },
  {
    finds: 'debt_paid_once',
    what: 'a debt that was paid twice',
    sql:
      owes() +
      paid(payment, 100_000_000) +
      spread(payment, 100_000_000) +
      paid(other, 1_000_000) +
      spread(other, 1_000_000),
  },
  {
    finds: 'agreement_adds_up',
    what: 'instalments that are a peso short',
    sql:
      owes() +
      agreed(100_000_000, 0, 'plan') +
      instalment(1, '2026-03-10', 50_000_000) +
      instalment(2, '2026-04-10', 49_000_000),
  },
  {
    finds: 'agreement_adds_up',
    what: 'instalments out of order',
    sql:
      owes() +
      agreed(100_000_000, 0, 'plan') +
      instalment(1, '2026-04-10', 50_000_000) +
      instalment(2, '2026-03-10', 50_000_000),
  },
  {
    finds: 'agreement_adds_up',
    what: 'an agreement without a day',
    sql: owes() + agreed(100_000_000, 0),
  },
  {
    finds: 'agreement_above_floor',
    what: 'one per cent below the floor of a late debt',
    sql: owes('2025-11-01') + agreed(69_000_000, 31_000_000) + instalment(1, '2026-03-10', 69_000_000),
  },
  {
    finds: 'agreement_above_floor',
    what: 'the discount of a late debt on an early one',
    sql: owes('2026-03-01') + agreed(70_000_000, 30_000_000) + instalment(1, '2026-03-10', 70_000_000),
  },
  {
    finds: 'identity_before_debt',
    what: 'offers to somebody who has not said who they are',
    sql: told('get_offers', { ok: true, code: 'offers', say: 'Puede pagar', offers: [] }),
  },
  {
    finds: 'identity_before_debt',
    what: 'an amount in the words of a refusal',
    sql: told('accept_offer', { ok: false, code: 'below_floor', say: 'Puedo aceptar 90000 pesos.' }),
  },
  {
    finds: 'identity_before_debt',
    what: 'offers to somebody else after the person has gone',
    sql:
      told('confirm_identity', confirmed) +
      told('report', { ok: true, code: 'noted', say: 'Disculpe' }, { kind: 'wrong_person' }) +
      told('get_offers', { ok: true, code: 'offers', say: 'Puede pagar', offers: [] }),
  },
  {
    finds: 'silent_after_stop',
    what: 'a call to somebody whose debt is before a court',
    sql: `update core.person set stopped_at = '2026-03-09T13:00:00Z', stop_reason = 'legal'
           where id = (select person_id from core.contact where id = :promised)`,
  },
  {
    finds: 'silent_after_stop',
    what: 'a call to a number whose owner wants none',
    sql: `insert into core.do_not_contact (account_id, key, reason, source, created_at)
          select :account, 'tel:' || e164, 'x', 'call', '2026-03-09T13:00:00Z' from core.phone
           where person_id = (select person_id from core.contact where id = :promised)`,
  },
  {
    finds: 'silent_after_stop',
    what: 'a call about a debt that had been paid',
    sql: `${owes()}${paid(payment, 100_000_000)}${spread(payment, 100_000_000)}
          update core.payment set created_at = '2026-03-09T13:00:00Z'`,
  },
  {
    finds: 'reschedule_was_asked',
    what: 'a call in the name of a wish that was refused',
    sql: `update operation.attempt set rescheduled = true where id = :promise;
          insert into operation.reschedule_request (account_id, contact_id, source, wish, result, rule, at)
          values (:account, :promised, 'call', '{}', 'refused', 'hours', '2026-03-09T12:00:00Z');
          insert into operation.audit (account_id, at, actor, action, subject)
          values (:account, '2026-03-09T12:00:00Z', 'test', 'contact.reschedule_refused', :promised)`,
  },
  {
    finds: 'wish_was_answered',
    what: 'a wish that was refused for nothing',
    sql: `insert into operation.reschedule_request (account_id, contact_id, source, wish, result, at)
          values (:account, :promised, 'call', '{}', 'refused', '2026-03-09')`,
  },
  {
    finds: 'wish_was_answered',
    what: 'a call agreed on for yesterday',
    sql: `insert into operation.reschedule_request (account_id, contact_id, source, wish, result, slot_key, agreed_at, at)
          values (:account, :promised, 'call', '{}', 'agreed', 'x', '2026-03-08', '2026-03-09')`,
  },
];
