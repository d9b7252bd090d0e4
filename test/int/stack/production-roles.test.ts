import { mkdtemp, chmod, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrateToLatest } from '../../../db/migrate.ts';
import { freePorts } from '../../../dev/stack/ports.ts';
import { postgresService, postgresUrl } from '../../../dev/stack/postgres.ts';
import { removeData } from '../../../dev/stack/postgres-place.ts';
import { Service } from '../../../dev/stack/service.ts';

/** docker/postgres-init.sh on a server of its own: roles belong to a whole server, and would reach other tests. */
let dir: string;
let port: number;
let server: Service;

const as = (login: string, database: string): string =>
  `postgres://${login}:secret@127.0.0.1:${port}/${database}`;

async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return await client.query(text);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tandas-roles-'));
  await chmod(dir, 0o755);
  [port = 0] = await freePorts(1);
  const logFile = join(dir, 'postgres.log');
  server = new Service(postgresService({ dataDir: join(dir, 'postgres'), port, logFile, throwaway: true }));
  await server.start({ restart: false });
  const script = await readFile(new URL('../../../docker/postgres-init.sh', import.meta.url), 'utf8');
  const [, text = ''] = /<<'SQL'\n([^]*)\nSQL\n/.exec(script) ?? [];
  const statements = text
    .replaceAll(/^--.*$/gm, '')
    .replaceAll(/:'\w+'/g, "'secret'")
    .split(';');
  // One by one, as psql does: CREATE DATABASE cannot run inside a transaction.
  for (const statement of statements) await query(postgresUrl(port, 'postgres'), statement);
});

afterAll(async () => {
  await server.stop();
  await removeData(join(dir, 'postgres'));
  await rm(dir, { recursive: true, force: true });
});

it('the owner migrates, and the login of API and workers has only the roles that it takes', async () => {
  expect((await migrateToLatest(as('tandas_owner', 'tandas'))).length).toBeGreaterThan(0);
  expect(await migrateToLatest(as('tandas_owner', 'tandas'))).toEqual([]);
  const login = as('tandas', 'tandas');
  await expect(query(login, 'select 1 from core.batch')).rejects.toThrow('permission denied');
  for (const role of ['tandas_app', 'tandas_system']) {
    const found = await query(`${login}?options=-c%20role%3D${role}`, 'select current_user as role');
    expect(found.rows).toEqual([{ role }]);
  }
  await expect(query(login, 'create table core.mine (id int)')).rejects.toThrow('permission denied');
  await expect(query(login, 'set role tandas_owner')).rejects.toThrow('permission denied');
});

it("what a rehearsal left is removed under the owner's row-level security too, and a customer is not seen by it", async () => {
  const superuser = postgresUrl(port, 'tandas');
  const made = await query(
    superuser,
    `with made as (
       insert into catalogue.account (slug, name, country, zone, debt_currency, plan, kind, created_at)
       select kind, kind, 'CL', 'America/Santiago', 'CLP', 'credit_based', kind, now() - interval '8 days'
         from unnest(array['customer', 'rehearsal']) kind returning id, kind)
     select id, kind from made order by kind`,
  );
  const [customer, rehearsal]: readonly string[] = made.rows.map(({ id }) => String(id));
  await query(
    superuser,
    `insert into operation.audit (account_id, actor, action, subject, detail)
     select id, 'test', 'test', id, '{}' from catalogue.account`,
  );
  const remove = (id: string | undefined) =>
    query(
      `${as('tandas', 'tandas')}?options=-c%20role%3Dtandas_system`,
      `select operation.remove_rehearsal_account('${id}', 100) as gone`,
    );
  await expect(remove(customer)).rejects.toThrow('is not that of a rehearsal');
  expect((await remove(rehearsal)).rows).toEqual([{ gone: true }]);
  const left = await query(superuser, 'select account_id from operation.audit');
  expect(left.rows).toEqual([{ account_id: customer }]);
});

it('Temporal and Tandas cannot enter the databases of each other', async () => {
  await expect(query(as('temporal', 'tandas'), 'select 1')).rejects.toThrow('permission denied');
  await expect(query(as('tandas', 'temporal'), 'select 1')).rejects.toThrow('permission denied');
  expect((await query(as('temporal', 'temporal_visibility'), 'select 1 as ok')).rows).toEqual([{ ok: 1 }]);
});
