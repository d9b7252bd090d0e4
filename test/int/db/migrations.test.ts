import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrateToLatest } from '../../../db/migrate.ts';
import { readPoolSettings, setUp } from '../../../domain/accounts/setup.ts';

const name = `tandas_migrations_${randomUUID().replaceAll('-', '')}`;
const files = readdirSync(fileURLToPath(new URL('../../../db/migrations', import.meta.url)))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, ''))
  .sort();

let admin: pg.Client;
let client: pg.Client;
let url: string;
let ran: readonly string[];

beforeAll(async () => {
  const adminUrl = inject('adminDatabaseUrl');
  admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const own = new URL(adminUrl);
  own.pathname = `/${name}`;
  url = own.href;
  ran = await migrateToLatest(url);
  client = new pg.Client({ connectionString: url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
});

describe('migrations', () => {
  it('run from empty to the newest schema in the order of their names, and a second time not at all', async () => {
    expect(ran).toEqual(files);
    expect(await migrateToLatest(url)).toEqual([]);
  });

  it('are forward only: none has a way down', async () => {
    for (const file of files) {
      const module: unknown = await import(`../../../db/migrations/${file}.ts`);
      expect(Object.keys(Object(module)), file).toEqual(['up']);
    }
  });

  it('leave three schemas, and every account-owned table under forced row-level security', async () => {
    const { rows } = await client.query<{ table: string; forced: boolean; policies: number }>(`
      select n.nspname || '.' || c.relname as table, c.relrowsecurity and c.relforcerowsecurity as forced,
             (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped
       where n.nspname in ('catalogue', 'core', 'operation') and c.relkind = 'r'`);
    expect(rows.length).toBeGreaterThan(25);
    expect(rows.filter(({ forced, policies }) => !forced || policies === 0)).toEqual([]);
  });
});

describe('roles', () => {
  it('own no table and may not pass by row-level security', async () => {
    const { rows } = await client.query(`
      select r.rolname, r.rolsuper or r.rolbypassrls as free,
             (select count(*)::int from pg_class c where c.relowner = r.oid) as owns
        from pg_roles r where r.rolname in ('tandas_app', 'tandas_system') order by 1`);
    expect(rows).toEqual([
      { rolname: 'tandas_app', free: false, owns: 0 },
      { rolname: 'tandas_system', free: false, owns: 0 },
    ]);
  });

  it('may not change or remove what tells what happened', async () => {
    const appendOnly = [
      'core.ledger_transaction',
      'operation.attempt',
      'operation.attempt_event',
      'operation.refusal',
      'operation.provider_event',
      'operation.audit',
    ];
    for (const role of ['tandas_app', 'tandas_system']) {
      for (const table of appendOnly) {
        const { rows } = await client.query(
          `select has_table_privilege($1, $2, 'update') as may_update, has_table_privilege($1, $2, 'delete') as may_delete`,
          [role, table],
        );
        expect(rows, `${role} on ${table}`).toEqual([{ may_update: false, may_delete: false }]);
      }
    }
  });

  it('of the dispatcher sees no person, phone, debt or transcript-bearing webhook', async () => {
    for (const table of [
      'core.person',
      'core.phone',
      'core.person_address',
      'core.debt',
      'core.import_row',
      'core.import_remarked_row',
      'core.table_file',
      'operation.provider_event',
    ]) {
      const { rows } = await client.query(
        `select has_table_privilege('tandas_system', $1, 'select') as may`,
        [table],
      );
      expect(rows, table).toEqual([{ may: false }]);
    }
  });
});

it('a migration that names no provider leaves a simulated pool what it is', async () => {
  const simulated = { key: 'kept', fromNumber: '+566001234567', capacity: 1, callsPerSecond: 1 };
  await setUp(url, { ...simulated, simulated: true, agentId: 'agent_demo' });
  const unnamed = readPoolSettings({ LINE_POOL: 'kept' });
  expect(unnamed.simulated).toBe(false);
  await setUp(url, unnamed);
  const { rows } = await client.query(`select simulated, agent_id from catalogue.pool where key = 'kept'`);
  expect(rows).toEqual([{ simulated: true, agent_id: 'agent_demo' }]);
});

it('a definition that changed without a new version is refused at set-up', async () => {
  const pool = {
    key: 'test',
    simulated: true,
    fromNumber: '+566001234567',
    agentId: 'agent',
    capacity: 1,
    callsPerSecond: 1,
  };
  await setUp(url, pool);
  await setUp(url, pool);
  await client.query(
    `update catalogue.policy_version set definition = definition || '{"maxAttempts": 99}' where key = 'ladder'`,
  );
  await expect(setUp(url, pool)).rejects.toThrow('policy ladder@1 differs');
});

it('amounts that do not sum to zero are refused by the database itself', async () => {
  const accountId = randomUUID();
  await client.query(
    `insert into catalogue.account (id, slug, name, country, zone, debt_currency, plan)
     values ($1, 'sum-test', 'x', 'CL', 'America/Santiago', 'CLP', 'credit_based')`,
    [accountId],
  );
  await client.query(`insert into core.ledger_account (account_id, unit) values ($1, 'USD')`, [accountId]);
  const transaction = client.query(
    `insert into core.ledger_transaction (account_id, unit, kind, reference, available_micros, funding_micros)
     values ($1, 'USD', 'top_up', 'x', 5, -4)`,
    [accountId],
  );
  await expect(transaction).rejects.toThrow('ledger_transaction_sums_to_zero');
  const balance = client.query(
    'update core.ledger_account set available_micros = 5, funding_micros = -4 where account_id = $1',
    [accountId],
  );
  await expect(balance).rejects.toThrow('ledger_account_sums_to_zero');
});
