import type { Generated } from 'kysely';
import type {
  DefaultInstant,
  DefaultJson,
  Instant,
  Json,
  MaybeInstant,
  MaybeJson,
  MessageState,
  Unit,
} from './columns.ts';

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
  deleted_at: MaybeInstant;
}
export interface EventTable {
  id: Generated<string>;
  account_id: string;
  type: string;
  subject: string;
  occurred_at: Instant;
  data: Json<Record<string, unknown>>;
  created_at: DefaultInstant;
  /** Its place in the stream, given after its commit. 0: it happened before there was one. */
  seq: Generated<bigint | null>;
}
/** Something of an account has changed: look again. */
export interface HintTable {
  account_id: string;
  seq: bigint;
  type: string;
  subject: string;
  created_at: DefaultInstant;
}
/** The last number of the stream; one row. */
export interface FeedEndTable {
  only_row: Generated<boolean>;
  seq: bigint;
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
export interface SecretTable {
  account_id: string;
  name: string;
  sealed: string;
  purpose: Generated<'channel' | 'tool' | 'inbound_webhook'>;
  bound_to: string | null;
  created_at: DefaultInstant;
  changed_at: DefaultInstant;
}
export interface ChannelTable {
  account_id: string;
  kind: 'whatsapp' | 'mercadopago';
  settings: Json<Record<string, unknown>>;
  secrets: Json<Record<string, string>>;
  created_at: DefaultInstant;
  changed_at: DefaultInstant;
  disabled_at: MaybeInstant;
}
export interface MessageTariffTable {
  id: Generated<string>;
  account_id: string;
  channel: 'whatsapp';
  price_micros: bigint;
  unit: Unit;
  effective_from: DefaultInstant;
}
export interface McpServerTable {
  id: Generated<string>;
  account_id: string;
  name: string;
  url: string;
  secret_name: string | null;
  timeout_ms: number;
  created_at: DefaultInstant;
  disabled_at: MaybeInstant;
}
export interface ToolBindingTable {
  id: Generated<string>;
  account_id: string;
  purpose: 'create_payment_link' | 'send_payment_link';
  server_id: string;
  tool: string;
  arguments: Json<Record<string, unknown>>;
  created_at: DefaultInstant;
  replaced_at: MaybeInstant;
}
export interface McpTokenTable {
  id: Generated<string>;
  account_id: string;
  token_hash: string;
  label: string;
  prefix: Generated<string>;
  created_at: DefaultInstant;
  expires_at: MaybeInstant;
  last_used_at: MaybeInstant;
  revoked_at: MaybeInstant;
}
export interface PaymentLinkTable {
  id: Generated<string>;
  account_id: string;
  code: string;
  target_url: string;
  provider: string;
  provider_id: string;
  agreement_id: string | null;
  instalment_no: number | null;
  amount_micros: bigint;
  currency: string;
  title: string;
  reference: string;
  expires_at: Instant;
  idempotency_key: string;
  request_hash: string;
  clicks: Generated<number>;
  first_clicked_at: MaybeInstant;
  last_clicked_at: MaybeInstant;
  created_at: DefaultInstant;
}
export interface LinkClickTable {
  id: Generated<bigint>;
  account_id: string;
  link_id: string;
  at: DefaultInstant;
}
export interface MessageTable {
  id: string;
  account_id: string;
  batch_id: string;
  contact_id: string;
  person_id: string;
  phone_id: string;
  channel: 'whatsapp';
  purpose: 'payment_link';
  agreement_id: string | null;
  instalment_no: number | null;
  requested_by_person: boolean;
  pack_key: string;
  pack_version: number;
  zone: string;
  local_day: string;
  at: Instant;
  deadline_at: Instant;
  idempotency_key: string;
}
export interface MessageEventTable {
  id: Generated<bigint>;
  account_id: string;
  message_id: string;
  kind: 'accepted' | 'unknown' | 'sent' | 'delivered' | 'read' | 'failed' | 'absent';
  detail: DefaultJson<Record<string, unknown>>;
  occurred_at: Instant;
  at: DefaultInstant;
}
export interface MessageStateTable {
  message_id: string;
  account_id: string;
  state: Generated<MessageState>;
  provider_message_id: string | null;
  link_id: string | null;
  failure: string | null;
  failure_class: string | null;
  charged_micros: bigint | null;
  charged_unit: Unit | null;
  resolved_at: MaybeInstant;
  created_at: DefaultInstant;
}
export interface ToolCallTable {
  id: Generated<string>;
  account_id: string;
  purpose: string;
  subject: string;
  server_id: string | null;
  server_name: string;
  tool: string;
  arguments: Json<Record<string, unknown>>;
  idempotency_key: string;
  started_at: DefaultInstant;
  deadline_at: Instant;
  finished_at: MaybeInstant;
  outcome: Generated<'pending' | 'done' | 'refused' | 'failed' | 'unknown'>;
  result: MaybeJson<Record<string, unknown>>;
  error: string | null;
}
export interface McpRequestTable {
  account_id: string;
  key: string;
  tool: string;
  request_hash: string;
  result: MaybeJson<Record<string, unknown>>;
  created_at: DefaultInstant;
}
