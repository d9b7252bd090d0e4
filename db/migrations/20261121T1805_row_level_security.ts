import { type Kysely, sql } from 'kysely';

const accountOwned = [
  'catalogue.api_key',
  'catalogue.creditor',
  'catalogue.account_rule_pack',
  'catalogue.tariff',
  'catalogue.account_pool',
  'core.person',
  'core.phone',
  'core.import',
  'core.import_row',
  'core.batch',
  'core.contact',
  'core.debt',
  'core.person_day',
  'core.phone_day',
  'core.person_state',
  'core.line_request',
  'core.line_lease',
  'core.ledger_hold',
  'core.ledger_account',
  'core.ledger_transaction',
  'core.ledger_entry',
  'operation.attempt',
  'operation.attempt_event',
  'operation.refusal',
  'operation.call',
  'operation.provider_event',
  'operation.outbox',
  'operation.audit',
  'operation.idempotency_key',
];

/** Rows that tell what happened: neither role may change or remove them. */
const appendOnly = [
  'core.ledger_transaction',
  'core.ledger_entry',
  'operation.attempt',
  'operation.attempt_event',
  'operation.refusal',
  'operation.provider_event',
  'operation.audit',
];

/** What dispatcher, outbox and sweeper read across accounts, and no more. */
const systemReads = [
  'catalogue.account',
  'catalogue.tariff',
  'core.batch',
  'core.contact',
  'operation.attempt',
  'operation.call',
];

/** What they write. */
const systemWrites = [
  'core.line_request',
  'core.line_lease',
  'core.ledger_hold',
  'core.ledger_account',
  'core.ledger_transaction',
  'core.ledger_entry',
  'operation.refusal',
  'operation.outbox',
];

const shared = [
  'catalogue.use_case',
  'catalogue.policy_version',
  'catalogue.rule_pack_version',
  'catalogue.pool',
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['catalogue.account', ...accountOwned]) {
    const column = table === 'catalogue.account' ? 'id' : 'account_id';
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
    await sql`alter table ${sql.table(table)} force row level security`.execute(db);
    await sql`
      create policy own_account on ${sql.table(table)} to tandas_app
      using (${sql.ref(column)} = (select core.current_account()))
      with check (${sql.ref(column)} = (select core.current_account()))`.execute(db);
    const rights = appendOnly.includes(table) ? 'select, insert' : 'select, insert, update';
    await sql`grant ${sql.raw(rights)} on ${sql.table(table)} to tandas_app`.execute(db);
  }
  await sql`grant delete on core.import_row to tandas_app`.execute(db);
  // Who presents a key is not known yet: a row shows itself to the one that has its hash.
  await sql`
    create policy presented_key on catalogue.api_key for select to tandas_app
    using (key_hash = nullif(current_setting('app.api_key_hash', true), ''))`.execute(db);
  for (const table of [...systemReads, ...systemWrites]) {
    await sql`create policy system_work on ${sql.table(table)} to tandas_system using (true) with check (true)`.execute(
      db,
    );
    await sql`grant select on ${sql.table(table)} to tandas_system`.execute(db);
  }
  for (const table of systemWrites) {
    const rights = appendOnly.includes(table) ? 'insert' : 'insert, update';
    await sql`grant ${sql.raw(rights)} on ${sql.table(table)} to tandas_system`.execute(db);
  }
  await sql`grant update (check_at) on operation.call to tandas_system`.execute(db);
  for (const table of [...shared, 'core.line_pool']) {
    await sql`grant select on ${sql.table(table)} to tandas_app, tandas_system`.execute(db);
  }
  await sql`grant update on core.line_pool to tandas_system`.execute(db);
  await sql`grant usage on all sequences in schema core, operation to tandas_app, tandas_system`.execute(db);
}
