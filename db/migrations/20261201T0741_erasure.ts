import { type Kysely, sql } from 'kysely';

type Columns = Readonly<Record<string, readonly string[]>>;

/** What erasing a person changes: these columns and no other. */
const changed: Columns = {
  'core.batch': ['name'],
  'core.contact': ['variables', 'waiting_for'],
  'core.debt': ['reference'],
  'core.do_not_contact': ['key'],
  'core.import': ['file_name', 'problems', 'settings', 'reading', 'failure'],
  'core.import_remarked_row': ['cells', 'problems', 'sheet'],
  'core.import_row': [
    'identity_key',
    'national_id',
    'name',
    'phones',
    'region',
    'zone',
    'creditor',
    'reference',
    'variables',
    'email',
    'sheet',
  ],
  'core.payment': ['reference', 'external_id'],
  'core.payment_link': ['title', 'target_url', 'reference', 'idempotency_key', 'expires_at'],
  'core.person': [
    'identity_key',
    'national_id',
    'name',
    'region',
    'do_not_call_at',
    'erased_at',
    'stop_reason',
  ],
  'core.person_address': ['value', 'closed_at'],
  'core.phone': ['e164', 'invalid_at'],
  'core.privacy_request': ['national_id', 'details', 'extension_reason', 'answer_text', 'own_id'],
  'core.table_file': ['file_name', 'problems', 'failure'],
  'operation.attempt_event': ['detail'],
  'operation.audit': ['detail', 'salt'],
  'operation.call': [
    'summary',
    'sentiment',
    'captured',
    'recording_url',
    'recording_multi_channel_url',
    'public_log_url',
    'transcript',
    'reported',
  ],
  'operation.event': ['data'],
  'operation.function_call': ['args', 'answer', 'args_hash'],
  'operation.idempotency_key': ['response', 'request_hash', 'key'],
  'operation.mcp_request': ['result', 'request_hash', 'key'],
  'operation.message_event': ['detail'],
  'operation.message_state': ['provider_message_id', 'failure'],
  'operation.outbox': ['payload', 'last_error'],
  'operation.provider_event': ['body', 'dedupe_key', 'provider_call_id'],
  'operation.refusal': ['detail'],
  'operation.rehearsal': ['failure', 'report'],
  'operation.reschedule_request': ['wish'],
  'operation.task': ['note', 'context'],
  'operation.tool_call': ['arguments', 'result', 'error'],
  'operation.webhook_delivery': ['last_error'],
};

/** Read on the way from a person to their rows. */
const readOnly = ['core.agreement', 'core.line_lease', 'operation.attempt', 'operation.message'];

/**
 * Erasing a person (Ley 21.719). A role of its own may change what tells of a person, in append-only tables too, and may
 * add and remove nothing: nothing else of the product can take back what happened.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await role(db);
  await sql`alter table core.person add column erased_at timestamptz`.execute(db);
  // Those of a file's people who were erased before a batch took them.
  await sql`
    alter table core.batch_import add column people_erased integer not null default 0 check (people_erased >= 0)`.execute(
    db,
  );
  // Which number it was is told by its last two digits, and such a row is out of use for good.
  await sql`alter table core.phone drop constraint phone_e164_check`.execute(db);
  await sql`
    alter table core.phone add constraint phone_e164_check check
      (e164 ~ '^\\+[1-9][0-9]{6,14}$' or (e164 ~ '^erased:[0-9a-f-]{36}:[0-9]{2}$' and invalid_at is not null))`.execute(
    db,
  );
  await keys(db);
  for (const [table, columns] of Object.entries(changed)) {
    await opened(db, table);
    const list = sql.join(columns.map((column) => sql.id(column)));
    await sql`grant update (${list}) on ${sql.table(table)} to tandas_privacy`.execute(db);
  }
  for (const table of readOnly) await opened(db, table);
  await removedWithRehearsals(db);
}

async function role(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$ begin
      create role tandas_privacy nologin nosuperuser nobypassrls;
    exception when duplicate_object or unique_violation then null; end $$`.execute(db);
  await sql`grant tandas_privacy to current_user`.execute(db);
  for (const schema of ['catalogue', 'core', 'operation'])
    await sql`grant usage on schema ${sql.id(schema)} to tandas_privacy`.execute(db);
  // Of the account, and of what its rehearsals copied.
  await sql`
    create function core.privacy_accounts() returns uuid[] language sql stable set search_path = pg_catalog as $$
      select array(
        select core.current_account()
         union
        select rehearsal_account_id from operation.rehearsal
         where account_id = core.current_account() and rehearsal_account_id is not null)
    $$`.execute(db);
}

async function opened(db: Kysely<unknown>, table: string): Promise<void> {
  // The rehearsals of an account are found by their own table: asking itself, its policy would never end.
  const bound =
    table === 'operation.rehearsal'
      ? sql`account_id = (select core.current_account())`
      : sql`account_id = any ((select core.privacy_accounts())::uuid[])`;
  await sql`
    create policy privacy_work on ${sql.table(table)} to tandas_privacy using (${bound}) with check (${bound})`.execute(
    db,
  );
  await sql`grant select on ${sql.table(table)} to tandas_privacy`.execute(db);
}

/** Who was erased, as hashes under a key that is not in the database: a file that brings them again is refused. */
async function keys(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.erased_key (
      account_id uuid not null references catalogue.account,
      hash bytea not null check (length(hash) = 32),
      -- Under which key. Another one would let everybody in whom this one refuses.
      key_id text not null,
      created_at timestamptz not null default clock_timestamp(),
      primary key (account_id, hash)
    )`.execute(db);
  await sql`alter table core.erased_key enable row level security`.execute(db);
  await sql`alter table core.erased_key force row level security`.execute(db);
  await sql`
    create policy own_account on core.erased_key to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select, insert on core.erased_key to tandas_app`.execute(db);
}

async function removedWithRehearsals(db: Kysely<unknown>): Promise<void> {
  for (const table of ['core.erased_key', 'operation.audit_seal'])
    await sql`
      create policy expired_rehearsal on ${sql.table(table)} to current_user
      using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
      db,
    );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('core.person_message', 'true'), ";
  const text = before.replace(next, `('core.erased_key', 'true'), ('operation.audit_seal', 'true'), ${next}`);
  if (text === before)
    throw new Error('operation.remove_rehearsal_account does not name core.person_message');
  await sql.raw(text).execute(db);
}
