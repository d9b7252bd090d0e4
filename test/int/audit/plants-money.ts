import type { Plant } from './plants.ts';

const holdOf = (attempt: string): string => `(select hold_id from core.line_lease where id = :${attempt})`;
const newTransaction = (kind: string, reference: string, to: 'held' | 'consumed', amount: number): string => `
  insert into core.ledger_transaction (account_id, unit, kind, reference, available_micros, ${to}_micros)
  values (:account, 'USD', '${kind}', ${reference}, -(${amount}), ${amount});
  update core.ledger_account
     set available_micros = available_micros - (${amount}), ${to}_micros = ${to}_micros + (${amount})
   where account_id = :account`;
const withoutSum = (table: string): string =>
  `alter table core.${table} drop constraint ${table}_sums_to_zero;`;

const lines: readonly Plant[] = [
  {
    finds: 'line_held_once',
    what: 'two calls at the same time on one line',
    sql: 'update core.line_lease set line_no = 1 where id = :beside',
  },
  {
    finds: 'fence_is_unique',
    what: 'two leases with one fence',
    sql: 'update core.line_lease set fence = (select fence from core.line_lease where id = :first) where id = :beside',
  },
  {
    finds: 'never_above_capacity',
    what: 'two lines held of a pool of one',
    sql: 'update core.line_pool set capacity = 1',
  },
  {
    finds: 'never_above_account_cap',
    what: 'two lines held by an account that may hold one',
    sql: 'update catalogue.account set max_lines = 1',
  },
  {
    finds: 'line_held_for_whole_call',
    what: 'a line that was let go while its call still ran',
    sql: "update core.line_lease set released_at = granted_at + interval '5 seconds' where id = :promise",
  },
  {
    finds: 'line_held_for_whole_call',
    what: 'a dial that had no line yet',
    sql: "update core.line_lease set granted_at = granted_at + interval '5 seconds' where id = :promise",
  },
  {
    finds: 'open_line_has_running_call',
    what: 'a line held for a call that was never placed',
    sql: `update operation.call set state = 'absent', provider_call_id = null where attempt_id = :running;
          update operation.attempt_event set kind = 'absent' where attempt_id = :running`,
    withoutRecord: true,
  },
  {
    finds: 'open_line_has_running_call',
    what: 'a call that runs without its line',
    sql: `update core.line_lease set released_at = now() + interval '1 minute', release_reason = 'leak' where id = :running;
          update core.ledger_hold set state = 'expired', resolved_at = now() where id = ${holdOf('running')};
          ${newTransaction('expire', `${holdOf('running')}::text`, 'held', -420_000)}`,
  },
  {
    finds: 'running_call_is_watched',
    what: 'a call that runs and that nobody will ask about',
    sql: 'update operation.call set check_at = null where attempt_id = :running',
  },
];

const money: readonly Plant[] = [
  {
    finds: 'hold_follows_line',
    what: 'a hold that stays when its line has been let go',
    sql: `delete from core.ledger_transaction where kind = 'void' and reference = ${holdOf('rejected')}::text;
          update core.ledger_hold set state = 'pending', resolved_at = null where id = ${holdOf('rejected')};
          update core.ledger_account set held_micros = held_micros + 420000, available_micros = available_micros - 420000
           where account_id = :account`,
  },
  {
    finds: 'hold_follows_line',
    what: 'a line without a hold of its own',
    sql: `update core.line_lease set hold_id = ${holdOf('first')} where id = :promise`,
  },
  {
    finds: 'hold_state_fits_call',
    what: 'a call that ended and whose hold was given back',
    sql: `update core.ledger_hold set state = 'voided', posted_micros = null where id = ${holdOf('first')}`,
  },
  {
    finds: 'held_at_the_tariff',
    what: 'a hold at a price that was not in force',
    sql: `insert into catalogue.tariff (account_id, plan, rate_micros_per_minute, unit, effective_from)
          values (:account, 'credit_based', 50000, 'USD', '2026-01-01')`,
  },
  {
    finds: 'charged_by_the_second',
    what: 'a charge that is not its tariff times its seconds',
    sql: `update catalogue.tariff set rate_micros_per_minute = 50000;
          update core.ledger_hold set rate_micros_per_minute = 50000`,
  },
  {
    finds: 'charge_is_in_the_ledger',
    what: 'money consumed for no call',
    sql: newTransaction('true_up', "'nothing:1'", 'consumed', 5),
  },
  {
    finds: 'transactions_sum_to_zero',
    what: 'money that comes from nowhere in one transaction, and is lost in another',
    sql: `${withoutSum('ledger_transaction')}
          update core.ledger_transaction set funding_micros = funding_micros - 1
           where kind = 'post' and reference = ${holdOf('first')}::text;
          update core.ledger_transaction set funding_micros = funding_micros + 1
           where kind = 'post' and reference = ${holdOf('promise')}::text`,
  },
  {
    finds: 'balances_equal_transactions',
    what: 'a balance without its transaction',
    sql: `update core.ledger_account set consumed_micros = consumed_micros + 1, funding_micros = funding_micros - 1
           where account_id = :account`,
  },
  {
    finds: 'balances_equal_transactions',
    what: 'a balance that does not sum to zero',
    sql: `${withoutSum('ledger_account')}
          update core.ledger_account set consumed_micros = consumed_micros + 1 where account_id = :account`,
  },
  {
    finds: 'balances_equal_transactions',
    what: 'transactions of an account that has no balance',
    sql: `alter table core.ledger_transaction drop constraint ledger_transaction_account_id_unit_fkey;
          insert into core.ledger_transaction (account_id, unit, kind, reference) values (:account, 'SEC', 'hold', 'none')`,
  },
  {
    finds: 'held_equals_pending_holds',
    what: 'money held for no hold',
    sql: newTransaction('hold', "'nothing'", 'held', 5),
  },
  {
    finds: 'hold_is_in_the_ledger',
    what: 'a hold posted for another amount than the ledger moved',
    sql: `update core.ledger_hold set posted_micros = posted_micros + 1 where id = ${holdOf('promise')}`,
  },
  {
    finds: 'budgets_equal_what_is_held_and_charged',
    what: 'a budget that forgets a call that runs',
    sql: `insert into core.batch_budget (batch_id, account_id, unit, limit_micros, held_micros, spent_micros)
          select k.batch_id, :account, 'USD', 1000000, 0, (select coalesce(sum(charged_micros), 0) from operation.call c
                   join core.contact o on o.id = c.contact_id where o.batch_id = k.batch_id)
            from operation.attempt a join core.contact k on k.id = a.contact_id where a.id = :running`,
  },
  {
    finds: 'no_hold_into_debt',
    what: 'holds on money that came afterwards',
    sql: 'update core.ledger_transaction set id = default where available_micros = 100000000',
  },
];

const state: readonly Plant[] = [
  {
    finds: 'finished_batch_is_done',
    what: 'an open contact in a finished batch',
    sql: "update core.contact set state = 'waiting', outcome = null, closed_at = null where id = :promised",
  },
  {
    finds: 'done_batch_is_finished',
    what: 'a batch that has nobody left and does not end',
    sql: "update core.batch set state = 'running', finished_at = null where id = :batch",
  },
  {
    finds: 'taken_people_are_contacts',
    what: 'a person who was taken into a batch and is no contact of it',
    sql: `with given as (
            insert into core.import (account_id, file_name, sha256, use_case, state, ended_at)
            select account_id, 'a', 'a', 'debt_collection', 'stored', now() from core.batch where id = :batch
            returning id, account_id)
          insert into core.batch_import (import_id, account_id, batch_id, people_total, people_taken, actor, ended_at)
          select id, account_id, :batch, 99, 99, 'test', now() from given`,
  },
  {
    finds: 'closed_contact_has_outcome',
    what: 'a closed contact without an outcome',
    sql: `alter table core.contact drop constraint contact_check, drop constraint contact_check1;
          update core.contact set outcome = null where id = :cancelled`,
  },
  {
    finds: 'closed_contact_asks_nothing',
    what: 'a closed contact in the queue for a line',
    sql: "update core.line_request set state = 'waiting' where id = :missed",
  },
  {
    finds: 'no_attempt_after_close',
    what: 'an attempt after its contact was closed',
    sql: "update core.contact set closed_at = '2026-03-09T14:00:00Z' where id = :promised",
  },
  {
    finds: 'no_attempt_after_close',
    what: 'an attempt of a run that had been closed',
    sql: "update operation.audit set at = '2026-03-09T14:00:00Z' where subject = :promised",
  },
  {
    finds: 'contact_counts_attempts',
    what: "a contact's counter that its attempts do not explain",
    sql: 'update core.contact set attempts = attempts + 1 where id = :promised',
  },
  {
    finds: 'attempt_fits_together',
    what: 'a call that is filed under another contact',
    sql: 'update operation.call set contact_id = :excluded where attempt_id = :first',
  },
  {
    finds: 'rows_stay_in_their_account',
    what: "a debt of one account on another's contact",
    sql: `insert into core.debt (account_id, person_id, contact_id, creditor_id, amount_micros, currency)
          select '00000000-0000-4000-8000-000000000001', person_id, id, '00000000-0000-4000-8000-000000000001', 1, 'CLP'
            from core.contact where id = :promised`,
  },
  {
    finds: 'call_left_its_trace',
    what: 'a call that ended twice',
    sql: "insert into operation.attempt_event (account_id, attempt_id, kind) values (:account, :first, 'ended')",
  },
  {
    finds: 'ended_call_is_told',
    what: 'an end that its contact never heard of',
    sql: "delete from operation.outbox where payload ->> 'attemptId' = :first",
  },
  {
    finds: 'ended_call_is_told',
    what: 'an end that its contact was told twice',
    sql: `insert into operation.outbox (account_id, contact_id, signal, payload, delivered_at)
          select account_id, contact_id, signal, payload, now() from operation.outbox
           where payload ->> 'attemptId' = :first`,
  },
  {
    finds: 'outbox_is_delivered',
    what: 'a message that nobody delivers',
    sql: `insert into operation.outbox (account_id, batch_id, signal, payload, created_at)
          values (:account, gen_random_uuid(), 'batchChanged', '{}', now() - interval '2 minutes')`,
  },
  {
    finds: 'outbox_is_delivered',
    what: 'a message that nobody will ever take',
    sql: `insert into operation.outbox (account_id, contact_id, signal, payload, dead_at, last_error)
          values (:account, gen_random_uuid(), 'callEnded', '{}', now(), 'its receiver is gone')`,
  },
];

export const plantsOfMoney: readonly Plant[] = [...lines, ...money, ...state];
