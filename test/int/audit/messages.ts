import { randomUUID } from 'node:crypto';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import type { Contact, Rows } from './rows.ts';

export const messagePrice = 50_000;

/** A message that was sent, read and paid for, an endpoint, and what it was told. */
export async function writeMessage(
  rows: Rows,
  contact: Contact,
  at: string,
): Promise<{ readonly message: string; readonly endpoint: string; readonly event: string }> {
  const [message, hold, endpoint, event] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  await rows.insert('operation.message', {
    id: message,
    batch_id: contact.batch.id,
    contact_id: contact.id,
    person_id: contact.personId,
    phone_id: contact.phoneId,
    channel: 'whatsapp',
    purpose: 'payment_link',
    requested_by_person: false,
    pack_key: clCollectionWaves.key,
    pack_version: clCollectionWaves.version,
    zone: 'America/Santiago',
    local_day: at.slice(0, 10),
    at,
    deadline_at: new Date(Date.parse(at) + 18_000),
    idempotency_key: 'one',
  });
  await rows.insert('core.ledger_hold', {
    id: hold,
    message_id: message,
    unit: 'USD',
    rate_micros_per_minute: 0,
    plan: 'credit_based',
    amount_micros: messagePrice,
    posted_micros: messagePrice,
    state: 'posted',
    resolved_at: at,
  });
  await rows.move('hold', hold, { available: -messagePrice, held: messagePrice });
  await rows.move('post', hold, { held: -messagePrice, consumed: messagePrice });
  await rows.insert('operation.message_state', {
    message_id: message,
    state: 'read',
    provider_message_id: 'wamid.audit',
    charged_micros: messagePrice,
    charged_unit: 'USD',
    resolved_at: at,
  });
  await rows.insert('operation.tool_call', {
    purpose: 'send_payment_link',
    subject: message,
    server_name: 'bundled',
    tool: 'send_payment_link',
    arguments: '{}',
    idempotency_key: message,
    started_at: at,
    deadline_at: at,
    finished_at: at,
    outcome: 'done',
  });
  await rows.insert('catalogue.webhook_endpoint', {
    id: endpoint,
    url: 'https://cobranza.example/hooks',
    event_types: ['message.sent'],
    secret_sealed: 'v1.x',
    created_at: '2026-03-01T00:00:00Z',
  });
  await rows.insert('operation.event', {
    id: event,
    type: 'message.sent',
    subject: message,
    occurred_at: at,
    data: '{}',
    created_at: at,
  });
  await rows.insert('operation.webhook_delivery', {
    event_id: event,
    endpoint_id: endpoint,
    state: 'delivered',
    tries: 1,
    tries_total: 1,
    delivered_at: at,
  });
  return { message, endpoint, event };
}
