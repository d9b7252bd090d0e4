import type pg from 'pg';
import { AuditError } from './types.ts';

/** Tables that belong to accounts. `counted`: the system role sees all of it, so that the two counts can be compared. */
const owned: readonly {
  readonly table: string;
  readonly counted: boolean;
  readonly accountColumn?: string;
}[] = [
  { table: 'catalogue.account', counted: true, accountColumn: 'id' },
  { table: 'catalogue.account_rule_pack', counted: false },
  { table: 'catalogue.tariff', counted: true },
  { table: 'catalogue.holiday', counted: false },
  { table: 'core.person', counted: false },
  { table: 'core.phone', counted: false },
  { table: 'core.person_address', counted: false },
  { table: 'core.batch', counted: true },
  { table: 'core.batch_import', counted: true },
  { table: 'core.contact', counted: true },
  { table: 'core.debt', counted: false },
  { table: 'core.agreement', counted: false },
  { table: 'core.agreement_instalment', counted: false },
  { table: 'core.payment', counted: false },
  { table: 'core.payment_allocation', counted: false },
  { table: 'core.do_not_contact', counted: false },
  { table: 'core.person_message', counted: false },
  { table: 'core.line_request', counted: true },
  { table: 'core.line_lease', counted: true },
  { table: 'core.ledger_account', counted: true },
  { table: 'core.ledger_transaction', counted: true },
  { table: 'core.ledger_hold', counted: true },
  { table: 'core.payment_order', counted: true },
  { table: 'core.subscription', counted: true },
  { table: 'core.batch_budget', counted: true },
  { table: 'operation.attempt', counted: true },
  { table: 'operation.attempt_event', counted: false },
  { table: 'operation.refusal', counted: true },
  { table: 'operation.call', counted: true },
  { table: 'operation.report_touch', counted: false },
  { table: 'operation.report_hour', counted: false },
  { table: 'operation.report_refusal', counted: false },
  { table: 'operation.outbox', counted: true },
  { table: 'operation.audit', counted: true },
  { table: 'operation.audit_seal', counted: true },
  { table: 'operation.function_call', counted: false },
  { table: 'operation.reschedule_request', counted: false },
  { table: 'catalogue.negotiation', counted: false },
  { table: 'operation.message', counted: false },
  { table: 'operation.message_state', counted: true },
  { table: 'operation.tool_call', counted: false },
  { table: 'operation.event', counted: true },
  { table: 'operation.webhook_delivery', counted: true },
  { table: 'catalogue.webhook_endpoint', counted: true },
];

const shared = [
  'catalogue.pool',
  'core.line_pool',
  'catalogue.policy_version',
  'catalogue.rule_pack_version',
];

/**
 * Makes `seen_<table>` for the rest of the transaction: every row of every account. A user whom row-level security
 * binds reads account by account, and what it read is counted against what the system role sees. Returns the number of
 * accounts, rehearsals left out. Throws when rows could be hidden: a clean audit of rows that were not shown would be a lie.
 */
export async function openEyes(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ bypasses: boolean }>(
    'select rolsuper or rolbypassrls as bypasses from pg_roles where rolname = current_user',
  );
  if (rows[0]?.bypasses === true) return seeAll(client);
  return seeByAccount(client);
}

const customers = "seen_account where kind <> 'rehearsal'";

async function seeAll(client: pg.ClientBase): Promise<number> {
  // Should a policy bind us after all, this makes each query an error instead of a shorter answer.
  await client.query('set local row_security = off');
  for (const table of [...owned.map((one) => one.table), ...shared]) {
    await client.query(`create temp view ${seen(table)} as select * from ${table}`);
  }
  return countOf(client, customers);
}

async function seeByAccount(client: pg.ClientBase): Promise<number> {
  const { accounts, counts } = await asSystem(client);
  await takeRole(client, 'tandas_app');
  for (const { table } of owned) {
    await client.query(
      `create temp table ${seen(table)} on commit drop as select * from ${table} where false`,
    );
  }
  for (const table of shared) {
    await client.query(`create temp table ${seen(table)} on commit drop as select * from ${table}`);
  }
  for (const account of accounts) {
    await client.query("select set_config('app.account_id', $1, true)", [account]);
    for (const { table, accountColumn = 'account_id' } of owned) {
      await client.query(`insert into ${seen(table)} select * from ${table} where ${accountColumn} = $1`, [
        account,
      ]);
    }
  }
  // Everybody's, which no account's turn has brought.
  await client.query('insert into seen_holiday select * from catalogue.holiday where account_id is null');
  await client.query(
    'insert into seen_negotiation select * from catalogue.negotiation where account_id is null',
  );
  // What the invariants look up row by row; the tables themselves have these, or better ones.
  await client.query('create index on seen_line_request (contact_id)');
  await client.query('create index on seen_audit (subject)');
  await client.query('create index on seen_audit (id)');
  for (const { table } of owned) await client.query(`analyze ${seen(table)}`);
  for (const [table, expected] of counts) {
    const found = await countOf(client, seen(table));
    if (found !== expected) {
      throw new AuditError(
        `${table}: se ven ${found} de ${expected} filas; la seguridad por filas esconde el resto.`,
      );
    }
  }
  return countOf(client, customers);
}

interface SystemView {
  readonly accounts: readonly string[];
  readonly counts: readonly (readonly [table: string, rows: number])[];
}

async function asSystem(client: pg.ClientBase): Promise<SystemView> {
  await takeRole(client, 'tandas_system');
  const { rows } = await client.query<{ id: string }>('select id from catalogue.account order by id');
  const counts: (readonly [string, number])[] = [];
  for (const { table, counted } of owned) {
    if (counted) counts.push([table, await countOf(client, table)]);
  }
  return { accounts: rows.map((row) => row.id), counts };
}

async function takeRole(client: pg.ClientBase, role: 'tandas_app' | 'tandas_system'): Promise<void> {
  try {
    await client.query(`set local role ${role}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'error desconocido';
    throw new AuditError(
      `El usuario de la base de datos no es superusuario y no puede tomar el rol ${role}: la seguridad por filas le esconde las filas (${why}).`,
    );
  }
}

async function countOf(client: pg.ClientBase, relation: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from ${relation}`);
  return rows[0]?.count ?? 0;
}

function seen(table: string): string {
  return `seen_${table.slice(table.indexOf('.') + 1)}`;
}
