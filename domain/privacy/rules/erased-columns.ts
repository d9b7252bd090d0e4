import type { TableVerdict } from './erased-verdict.ts';

/**
 * Every column of text or JSON of the database, and what becomes of it when a person is erased (Ley 21.719). A test walks
 * the database's own catalogue and fails for a column that is in no row here; the role that erases may change these
 * columns and no other.
 */

const register = 'the register of contacts stays two years: instant, channel, outcome, rule';

const catalogue: readonly TableVerdict[] = [
  {
    table: 'catalogue.account',
    none: ['slug', 'name', 'country', 'zone', 'debt_currency', 'plan', 'kind', 'agent_ids', 'suspended_for'],
  },
  { table: 'catalogue.account_rule_pack', none: ['pack_key', 'signed_off_by'] },
  { table: 'catalogue.api_key', none: ['key_hash', 'label', 'role', 'prefix', 'scopes'] },
  { table: 'catalogue.channel', none: ['kind', 'settings', 'secrets'] },
  { table: 'catalogue.credit_package', none: ['key', 'title', 'credit_unit', 'currency'] },
  { table: 'catalogue.creditor', none: ['name'] },
  { table: 'catalogue.exchange_rate', none: ['currency', 'source', 'set_by'] },
  {
    table: 'catalogue.holiday',
    none: ['country', 'region', 'name', 'kind', 'source', 'created_by', 'removed_by'],
  },
  { table: 'catalogue.invitation', none: ['email', 'role', 'token_hash', 'invited_by'] },
  { table: 'catalogue.mcp_server', none: ['name', 'url', 'secret_name'] },
  { table: 'catalogue.mcp_token', none: ['token_hash', 'label', 'prefix'] },
  { table: 'catalogue.member', none: ['user_id', 'name', 'email', 'role'] },
  { table: 'catalogue.message_tariff', none: ['channel', 'unit'] },
  { table: 'catalogue.negotiation', none: ['key', 'definition'] },
  { table: 'catalogue.plan_version', none: ['key', 'kind', 'title', 'currency'] },
  { table: 'catalogue.policy_version', none: ['key', 'definition'] },
  { table: 'catalogue.pool', none: ['key', 'provider', 'from_number', 'agent_id'] },
  { table: 'catalogue.rule_pack_version', none: ['key', 'definition', 'source', 'confidence'] },
  { table: 'catalogue.secret', none: ['name', 'sealed', 'purpose', 'bound_to'] },
  { table: 'catalogue.tariff', none: ['plan', 'unit'] },
  { table: 'catalogue.tax_rate', none: ['country', 'title'] },
  { table: 'catalogue.tool_binding', none: ['purpose', 'tool', 'arguments'] },
  { table: 'catalogue.use_case', none: ['key', 'definition'] },
  {
    table: 'catalogue.webhook_endpoint',
    none: ['url', 'description', 'event_types', 'secret_sealed', 'previous_secret_sealed'],
  },
];

const core: readonly TableVerdict[] = [
  { table: 'core.agreement', none: ['kind', 'state', 'currency', 'source'] },
  { table: 'core.agreement_instalment' },
  {
    table: 'core.batch',
    parts: ['name'],
    none: ['use_case', 'policy_key', 'pack_key', 'state', 'zone', 'traceparent'],
    kept: { slug: 'part of the ids of workflows, which never change; made of the first name of a batch' },
  },
  { table: 'core.batch_import', none: ['actor', 'settled'] },
  {
    table: 'core.contact',
    rows: 'own_contact',
    gone: { variables: 'object', waiting_for: 'words' },
    none: ['state', 'outcome'],
  },
  { table: 'core.debt', rows: 'person', gone: { reference: 'null' }, none: ['currency'] },
  // Its keys are written before the person's: see `eraseListed`.
  { table: 'core.do_not_contact', gone: { key: 'of_person' }, none: ['reason', 'source'] },
  { table: 'core.erased_key', none: ['key_id'] },
  {
    table: 'core.import',
    parts: ['file_name', 'problems', 'settings', 'reading', 'failure'],
    none: ['sha256', 'use_case', 'traceparent', 'state', 'actor'],
  },
  {
    table: 'core.import_remarked_row',
    rows: 'import_place',
    searched: true,
    gone: { cells: 'list', problems: 'list' },
    none: ['severity'],
  },
  // A CSV's sheet is called as its file.
  { table: 'core.import_remarked_row', parts: ['sheet'] },
  {
    table: 'core.import_row',
    rows: 'import_row',
    gone: {
      identity_key: 'random',
      national_id: 'null',
      name: 'empty',
      phones: 'texts',
      region: 'null',
      zone: 'null',
      creditor: 'null',
      reference: 'null',
      variables: 'object',
      email: 'null',
    },
    none: ['country', 'currency'],
  },
  { table: 'core.import_row', parts: ['sheet'] },
  { table: 'core.ledger_account', none: ['unit'] },
  {
    table: 'core.ledger_hold',
    none: ['unit', 'plan', 'state'],
    kept: { request_id: 'the ledger stays; an id of ours' },
  },
  {
    table: 'core.ledger_transaction',
    none: ['unit', 'kind'],
    kept: { reference: 'the ledger stays; an id of ours, or the account’s own number of a top-up' },
  },
  { table: 'core.line_lease', none: ['request_id', 'release_reason'] },
  { table: 'core.line_pool' },
  { table: 'core.batch_budget', none: ['unit'] },
  { table: 'core.line_request', none: ['id', 'wave_key', 'state', 'suspended_for', 'temporal_run_id'] },
  {
    table: 'core.payment',
    rows: 'person',
    gone: { reference: 'null' },
    uniqueParts: ['external_id'],
    none: ['source', 'kind', 'currency'],
  },
  { table: 'core.payment_allocation' },
  {
    table: 'core.payment_order',
    // What the account itself buys of us: no debtor is in it.
    none: [
      'kind',
      'provider',
      'item_key',
      'title',
      'price_currency',
      'credit_unit',
      'charge_currency',
      'state',
      'provider_ref',
      'pay_url',
      'refused',
      'problem',
      'problem_detail',
      'created_by',
    ],
  },
  {
    table: 'core.payment_link',
    rows: 'agreement',
    gone: { title: 'empty', target_url: 'empty' },
    uniqueParts: ['reference', 'idempotency_key'],
    none: ['code', 'provider', 'currency', 'request_hash'],
    kept: { provider_id: 'a payment that comes late is found by it, and is not lost' },
  },
  {
    table: 'core.person',
    rows: 'own',
    gone: { identity_key: 'own_id', national_id: 'null', name: 'words', region: 'null' },
    none: ['country', 'stop_reason'],
    kept: { zone: `${register}; the hours of a zone are those of millions` },
  },
  { table: 'core.person_address', rows: 'person', gone: { value: 'random' }, none: ['channel'] },
  { table: 'core.person_message', none: ['channel'] },
  {
    table: 'core.stored_object',
    rows: 'attempt',
    // The recording itself goes from the store by its row.
    gone: { source_url: 'null' },
    none: ['kind', 'provider_call_id', 'key', 'state', 'last_fault', 'media_type', 'sha256'],
  },
  { table: 'core.phone', rows: 'person', gone: { e164: 'number' } },
  {
    table: 'core.privacy_request',
    rows: 'request',
    gone: { national_id: 'of_person', details: 'empty' },
    parts: ['extension_reason', 'answer_text'],
    uniqueParts: ['own_id'],
    none: ['kind', 'channel', 'answer', 'created_by'],
  },
  { table: 'core.subscription', none: ['plan_key', 'state'] },
  {
    table: 'core.table_file',
    parts: ['file_name', 'problems', 'failure'],
    none: ['kind', 'sha256', 'actor', 'state'],
  },
];

const identity: readonly TableVerdict[] = [
  {
    table: 'identity.account',
    none: [
      'id',
      'accountId',
      'providerId',
      'userId',
      'accessToken',
      'refreshToken',
      'idToken',
      'scope',
      'password',
    ],
  },
  { table: 'identity.session', none: ['id', 'token', 'ipAddress', 'userAgent', 'userId'] },
  { table: 'identity.sign_in_link', none: ['token_hash', 'user_id'] },
  { table: 'identity.twoFactor', none: ['id', 'secret', 'backupCodes', 'userId'] },
  { table: 'identity.used_code', none: ['user_id', 'code_hash'] },
  { table: 'identity.user', none: ['id', 'name', 'email', 'image'] },
  { table: 'identity.verification', none: ['id', 'identifier', 'value'] },
];

const operation: readonly TableVerdict[] = [
  { table: 'operation.attempt', none: ['request_id', 'wave_key', 'zone', 'waived'] },
  { table: 'operation.attempt_event', rows: 'attempt', gone: { detail: 'only_reason' }, none: ['kind'] },
  {
    table: 'operation.audit',
    rows: 'subject',
    searched: true,
    gone: { detail: 'object' },
    none: ['actor', 'action'],
    kept: { subject: 'an id of ours, which the chain of the audit holds' },
  },
  { table: 'operation.audit_seal' },
  {
    table: 'operation.call',
    rows: 'contact',
    gone: {
      summary: 'null',
      sentiment: 'null',
      captured: 'null',
      recording_url: 'null',
      recording_multi_channel_url: 'null',
      public_log_url: 'null',
      transcript: 'null',
      reported: 'null',
    },
    none: ['state', 'outcome', 'disconnection_reason', 'provider_cost_products', 'charged_unit'],
    kept: { provider_call_id: `${register}; the call is removed at the provider by it` },
  },
  { table: 'operation.call_turn', rows: 'attempt', gone: { text: 'empty' }, none: ['role'] },
  { table: 'operation.provider_removal', none: ['provider_call_id', 'last_fault'] },
  { table: 'operation.channel_health', none: ['channel', 'provider', 'fault'] },
  { table: 'operation.event', rows: 'subject', parts: ['data'], none: ['type', 'subject'] },
  // Of people who are invented.
  { table: 'operation.forecast', none: ['terms', 'state', 'result', 'failure', 'created_by'] },
  { table: 'operation.hint', none: ['type'] },
  {
    table: 'operation.function_call',
    rows: 'attempt',
    gone: { args: 'object', answer: 'object', args_hash: 'random' },
    none: ['provider_call_id', 'name', 'refused'],
  },
  {
    table: 'operation.idempotency_key',
    searched: true,
    gone: { response: 'object', request_hash: 'empty' },
    uniqueParts: ['key'],
  },
  { table: 'operation.link_click' },
  {
    table: 'operation.alert',
    none: ['kind', 'detail'],
    kept: { subject: 'an id of ours' },
  },
  { table: 'operation.mail', none: ['dedupe_key', 'recipient', 'subject', 'body', 'state', 'error'] },
  {
    table: 'operation.mcp_request',
    searched: true,
    gone: { result: 'object', request_hash: 'empty' },
    uniqueParts: ['key'],
    none: ['tool'],
  },
  {
    table: 'operation.message',
    none: ['channel', 'purpose', 'pack_key', 'zone'],
    kept: { idempotency_key: 'made of ids of ours: the same message is not sent twice' },
  },
  { table: 'operation.message_event', rows: 'message', gone: { detail: 'only_fault' }, none: ['kind'] },
  {
    table: 'operation.message_state',
    rows: 'message',
    // WhatsApp's ids hold the number that was written to.
    gone: { provider_message_id: 'null', failure: 'null' },
    none: ['state', 'failure_class', 'charged_unit'],
  },
  {
    table: 'operation.outbox',
    rows: 'delivered',
    gone: { payload: 'object', last_error: 'null' },
    none: ['signal', 'kind'],
  },
  {
    table: 'operation.payment_event',
    // Of what accounts pay us, by their providers: it names who pays for a company, and no debtor.
    none: ['provider', 'dedupe_key', 'event', 'subject', 'body', 'result'],
  },
  {
    table: 'operation.provider_event',
    rows: 'provider',
    searched: true,
    gone: { body: 'object', dedupe_key: 'not_of_call', provider_call_id: 'not_of_call' },
    none: ['provider', 'event'],
  },
  {
    table: 'operation.refusal',
    rows: 'contact',
    gone: { detail: 'only_channel' },
    none: ['request_id', 'wave_key', 'reason', 'rule'],
  },
  {
    table: 'operation.rehearsal',
    parts: ['failure', 'report'],
    none: ['seed', 'policy', 'pack', 'negotiation', 'state'],
  },
  { table: 'operation.report_hour', none: ['zone', 'wave', 'outcome', 'disconnection', 'unit'] },
  { table: 'operation.report_message', none: ['zone', 'channel', 'state', 'unit'] },
  { table: 'operation.report_nth' },
  { table: 'operation.report_refusal', none: ['reason', 'rule'] },
  { table: 'operation.report_touch', none: ['kind'] },
  {
    table: 'operation.reschedule_request',
    rows: 'contact',
    gone: { wish: 'object' },
    none: ['source', 'result', 'rule', 'slot_key', 'requested_by'],
  },
  {
    table: 'operation.task',
    rows: 'person',
    gone: { note: 'null', context: 'object' },
    none: ['kind', 'state', 'resolution', 'dedupe_key', 'resolved_by'],
  },
  {
    table: 'operation.tool_call',
    rows: 'subject',
    searched: true,
    gone: { arguments: 'object', result: 'null', error: 'null' },
    none: ['purpose', 'subject', 'server_name', 'tool', 'idempotency_key', 'outcome'],
  },
  {
    table: 'operation.webhook_delivery',
    rows: 'event',
    gone: { last_error: 'null' },
    none: ['state'],
  },
];

const ours: readonly TableVerdict[] = [
  { table: 'public.kysely_migration', none: ['name', 'timestamp'] },
  { table: 'public.kysely_migration_lock', none: ['id'] },
];

/** By table; of two rows of one table the second is of its other rows as well. */
export const erasedColumns: readonly TableVerdict[] = [
  ...catalogue,
  ...core,
  ...identity,
  ...operation,
  ...ours,
];

/** What erasing changes beside texts, to the same end: an order, an end, a number that is out of use, a salt. */
export const otherColumns: Readonly<Record<string, readonly string[]>> = {
  'core.stored_object': ['erased_at', 'next_try_at'],
  'core.person': ['do_not_call_at', 'erased_at', 'stop_reason'],
  'core.phone': ['invalid_at'],
  'core.person_address': ['closed_at'],
  'core.payment_link': ['expires_at'],
  'operation.audit': ['salt'],
};

/** The columns that the role of erasing may change, by table. */
export function erasable({
  table,
  gone = {},
  parts = [],
  uniqueParts = [],
}: TableVerdict): readonly string[] {
  return [...Object.keys(gone), ...parts, ...uniqueParts, ...(otherColumns[table] ?? [])];
}
