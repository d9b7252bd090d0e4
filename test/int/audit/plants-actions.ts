import type { Plant } from './plants.ts';

/** A second message to the same person, with all its rows right, so many hours after the first. */
const another = (no: number, hours: number): string => `
  insert into operation.message
  select ('00000000-0000-4000-8000-00000000000${no}')::uuid, account_id, batch_id, contact_id, person_id, phone_id,
         channel, purpose, agreement_id, instalment_no, requested_by_person, pack_key, pack_version, zone, local_day,
         at + interval '${hours} hours', deadline_at, 'no-${no}'
    from operation.message where id = :message;
  insert into core.ledger_hold (account_id, message_id, unit, rate_micros_per_minute, plan, amount_micros)
  select account_id, '00000000-0000-4000-8000-00000000000${no}', unit, 0, plan, 0
    from core.ledger_hold where message_id = :message;
  insert into core.ledger_transaction (account_id, unit, kind, reference)
  select account_id, unit, 'hold', id::text from core.ledger_hold
   where message_id = '00000000-0000-4000-8000-00000000000${no}';
  insert into operation.message_state (message_id, account_id, state)
  select '00000000-0000-4000-8000-00000000000${no}', account_id, 'unknown'
    from operation.message_state where message_id = :message;`;

export const plantsOfActions: readonly Plant[] = [
  { finds: 'message_limits', what: 'a second message a day after the first', sql: another(1, 24) },
  {
    finds: 'message_limits',
    what: 'a third message in one week, each two days after the other',
    sql: another(1, 49) + another(2, 98),
  },
  {
    finds: 'no_message_after_stop',
    what: 'a message to somebody who had asked not to be written to',
    sql: `update core.person set do_not_call_at = '2026-03-11T12:05:30Z'
           where id = (select person_id from operation.message where id = :message)`,
  },
  {
    finds: 'no_message_after_stop',
    what: 'a message to a number on the list',
    sql: `insert into core.do_not_contact (account_id, key, reason, source, created_at)
          select m.account_id, 'tel:' || p.e164, 'x', 'file', '2026-03-11T12:05:30Z' from operation.message m
            join core.phone p on p.id = m.phone_id where m.id = :message`,
  },
  {
    finds: 'message_sent_once',
    what: 'a message whose unknown sending was repeated',
    sql: `insert into operation.tool_call (account_id, purpose, subject, server_name, tool, arguments, idempotency_key, deadline_at)
          select account_id, purpose, subject, server_name, tool, '{}', 'again', deadline_at
            from operation.tool_call where subject = :message`,
  },
  {
    finds: 'message_hold_resolved',
    what: 'a message that failed and was charged',
    sql: `update operation.message_state set state = 'failed' where message_id = :message`,
  },
  {
    finds: 'message_charge_is_in_the_ledger',
    what: 'a message whose charge the ledger does not know',
    sql: `update operation.message_state set state = 'failed', charged_micros = null where message_id = :message`,
  },
  {
    finds: 'deliveries_of_events',
    what: 'an event that an endpoint was never told of',
    sql: `delete from operation.webhook_delivery where event_id = :event`,
  },
  {
    finds: 'deliveries_are_to_their_own',
    what: 'an event that went to an endpoint that did not want it',
    sql: `update catalogue.webhook_endpoint set event_types = '{payment.recorded}' where id = :endpoint`,
  },
];
