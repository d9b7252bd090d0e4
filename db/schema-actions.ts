import type { Generated } from 'kysely';
import type { DefaultInstant, Instant, Json, MaybeInstant } from './columns.ts';

/** Rows of the actions: events and their deliveries, messages, links, tools. */

export interface WebhookEndpointTable {
  id: Generated<string>;
  account_id: string;
  url: string;
  description: Generated<string>;
  event_types: Generated<string[]>;
  secret_sealed: string;
  previous_secret_sealed: string | null;
  previous_until: MaybeInstant;
  created_at: DefaultInstant;
  disabled_at: MaybeInstant;
}
export interface EventTable {
  id: Generated<string>;
  account_id: string;
  type: string;
  subject: string;
  occurred_at: Instant;
  data: Json<Record<string, unknown>>;
  created_at: DefaultInstant;
}
export interface WebhookDeliveryTable {
  id: Generated<string>;
  account_id: string;
  event_id: string;
  endpoint_id: string;
  state: Generated<'pending' | 'delivered' | 'dead'>;
  tries: Generated<number>;
  tries_total: Generated<number>;
  next_try_at: DefaultInstant;
  last_status: number | null;
  last_error: string | null;
  created_at: DefaultInstant;
  delivered_at: MaybeInstant;
  died_at: MaybeInstant;
}
